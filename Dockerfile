# The production image: one image for the web, the worker, the beat and the migration job.
# `make pin-images` writes the digest behind the version.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS libraries
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/palier
COPY requirements/app.txt /tmp/app.txt
# Hashes are required: what was tested is what is installed.
RUN /opt/palier/bin/pip install --require-hashes -r /tmp/app.txt

FROM python:${PYTHON}
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/palier/bin:$PATH \
    DJANGO_SETTINGS_MODULE=portal.settings.production
# OpenSSH puts files of figures on an SFTP server; Pango draws the PDF letters (WeasyPrint); DejaVu has every accent that we print; portal/http.py
# trusts the authorities of the system.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates openssh-client libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --no-create-home --home-dir /nonexistent --uid 10001 palier \
 && install -d -o palier /srv/palier/media /srv/palier/backups /srv/palier/logs /srv/palier/training
COPY --from=libraries /opt/palier /opt/palier
WORKDIR /app
COPY . .
# Collecting static files needs settings that load, not real secrets.
RUN SECRET_KEY=build-only DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    ALLOWED_HOSTS=build python manage.py collectstatic --noinput \
 && python -m compileall -q portal agencies tenants requests
USER palier
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", \
     "--threads", "4", "--preload", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-", \
     "--logger-class", "portal.log_paths.Logger"]
