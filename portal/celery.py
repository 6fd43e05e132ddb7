"""The Celery application. Its messages only hint that rows are due (docs/adr/0002)."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
app = Celery("palier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_weak_settings(**kwargs) -> None:
    """Stop a worker or a beat that would run under weak settings, as the web does."""
    from portal.checks import refuse_weak_production  # the settings are not read before

    try:
        refuse_weak_production()
    except ImproperlyConfigured as error:
        # Celery logs other exceptions of its signals and goes on.
        raise SystemExit(str(error)) from error
