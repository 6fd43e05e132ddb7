"""django-helpdesk as its documentation installs it, asked over standard input.

Run by path with the Python of its own environment (benchmarks/peer/__main__.py does): this
repository is not on the path there, whose folder ``requests`` is named like a library that
django-helpdesk needs. One line of JSON in, {"do": name, …}; one line of JSON out.
"""

import json
import os
import sys
from base64 import b64encode

import costs
import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **json.loads(os.environ["PEER_DATABASE"]),
            "CONN_MAX_AGE": None,
        }
    },
    SECRET_KEY="peer",  # noqa: S106 (measured on this machine only)
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="helpdesk_urls",
    USE_TZ=True,
    SITE_ID=1,
    HELPDESK_TEAMS_MODE_ENABLED=False,  # teams need another package
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    STATIC_URL="/static/",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.admin",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

OPEN, PAGE = {"status__in": [1, 2]}, 50


def migrate(_asked: dict) -> dict:
    """Make the tables, and the one who asks."""
    call_command("migrate", interactive=False, verbosity=0)
    if not get_user_model().objects.filter(username="peer").exists():
        get_user_model().objects.create_superuser("peer", "peer@example.test", "peer")
    return {"user": get_user_model().objects.get(username="peer").pk}


def _lists(client: Client, filtering: dict, *, words: str = "", start: int = 0) -> None:
    """Fetch the page of the list, and the rows that its script asks for."""
    asked = {"filtering": filtering, "filtering_null": {}, "sorting": "created"}
    asked |= {"sortreverse": True, "search_string": words}
    query = b64encode(json.dumps(asked).encode()).decode()
    _get(client, "/tickets/", {"status": filtering.get("status__in", ""), "q": words})
    _get(client, f"/datatables_ticket_list/{query}", {"length": PAGE, "start": start})


def _get(client: Client, path: str, data: dict) -> None:
    answer = client.get(path, data)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    _ = answer.content


def _create(client: Client, queue: int) -> None:
    with transaction.atomic():
        answer = client.post(
            "/api/tickets/",
            {
                "queue": queue,
                "title": "Fuite sous l’évier",
                "description": "L’eau coule sous l’évier depuis ce matin.",
                "submitter_email": "awa@example.test",
                "priority": 3,
                "status": 1,
            },
            content_type="application/json",
        )
        if answer.status_code != 201:
            raise RuntimeError(f"create answered {answer.status_code}: {answer.content[:300]!r}")
        transaction.set_rollback(True)


def measure(asked: dict) -> dict:
    """Do one operation twice and measure the second time."""
    client = CLIENTS.setdefault("peer", Client())
    if "sessionid" not in client.cookies:
        client.force_login(get_user_model().objects.get(username="peer"))
    queue, words, far = asked["queue"], asked["words"], asked["far"]
    runs = {
        "create": lambda: _create(client, queue),
        "open list": lambda: _lists(client, OPEN),
        "whole list": lambda: _lists(client, {}),
        "one queue": lambda: _lists(client, {"queue__id__in": [queue]}),
        "search, common word": lambda: _lists(client, {}, words=words),
        "search, name": lambda: _lists(client, {}, words=asked["name"]),
        "far page": lambda: _lists(client, {}, start=far),
        "dashboard": lambda: _get(client, "/dashboard/", {}),
    }
    run = runs[asked["name_of"]]
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    if asked.get("warm"):
        run()
    return costs.of(run, backend)


CLIENTS: dict[str, Client] = {}
DOES = {"migrate": migrate, "measure": measure}

if __name__ == "__main__":
    for line in sys.stdin:
        given = json.loads(line)
        try:
            told = DOES[given.pop("do")](given)
        except Exception as error:  # the other side says it
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)
