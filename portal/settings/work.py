"""Background work: what is done when, in which queue, and who takes it (docs/adr/0038)."""

from kombu import Queue

from .backups import PALIER_BACKUP_DIR

# Logs are ours to write: celery would replace them.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_TIMEZONE = "UTC"
# Workers take `work` and `sweeps` in turn, so that a backlog of one never hides the other; the
# sender takes what waits for foreign servers or lasts long (docs/adr/0038). A process started
# without -Q takes them all.
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_TASK_QUEUES = [Queue(name) for name in ("work", "sweeps", "sending", "long")]
CELERY_TASK_ROUTES = {
    "requests.tasks.drain": {"queue": "work"},
    "requests.tasks.send": {"queue": "sending"},
    "requests.tasks.poll_mailboxes": {"queue": "long"},
    "requests.tasks.learn": {"queue": "long"},
    "requests.tasks.warn_of_equipment": {"queue": "long"},
    "agencies.tasks.drain_imports": {"queue": "long"},
    "requests.tasks.keep_to_retention": {"queue": "long"},
    "portal.tasks.seal_audit": {"queue": "sweeps"},
    "portal.tasks.*": {"queue": "long"},
    "requests.tasks.*": {"queue": "sweeps"},
}
CELERY_BEAT_SCHEDULE = {
    "tidy": {"task": "portal.tasks.tidy", "schedule": 3600.0, "options": {"expires": 600}},
    # A lost hint delays work by at most this long (seconds).
    "drain": {"task": "requests.tasks.drain", "schedule": 2.0, "options": {"expires": 10}},
    "send": {"task": "requests.tasks.send", "schedule": 2.0, "options": {"expires": 10}},
    "escalate": {"task": "requests.tasks.escalate", "schedule": 20.0, "options": {"expires": 20}},
    "imports": {
        "task": "agencies.tasks.drain_imports",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "tick": {"task": "requests.tasks.tick", "schedule": 5.0, "options": {"expires": 30}},
    "mail": {"task": "requests.tasks.poll_mailboxes", "schedule": 30.0, "options": {"expires": 30}},
    "links": {"task": "requests.tasks.renew_links", "schedule": 3600.0},
    "closing": {"task": "requests.tasks.plan_closing", "schedule": 600.0},
    "talk": {
        "task": "requests.tasks.talk_of_sensors",
        "schedule": 60.0,
        "options": {"expires": 30},
    },
    "sensors": {
        "task": "requests.tasks.watch_sensors",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "figures": {
        "task": "requests.tasks.count_figures",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "digests": {"task": "requests.tasks.send_digests", "schedule": 600.0},
    "upkeep": {"task": "requests.tasks.watch_upkeep", "schedule": 3600.0},
    "contacts": {"task": "requests.tasks.check_contacts", "schedule": 3600.0},
    "quarantine": {
        "task": "requests.tasks.watch_quarantine",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "doubles": {
        "task": "requests.tasks.compare_people",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "slots": {"task": "requests.tasks.roll_slots", "schedule": 3600.0},
    "warnings": {"task": "requests.tasks.warn_of_equipment", "schedule": 3600.0},
    "exports": {"task": "requests.tasks.order_exports", "schedule": 600.0},
    "surveys": {"task": "requests.tasks.plan_surveys", "schedule": 600.0},
    "webhooks": {"task": "requests.tasks.tidy_webhooks", "schedule": 3600.0},
    "audit": {"task": "portal.tasks.seal_audit", "schedule": 60.0, "options": {"expires": 50}},
    "retention": {
        "task": "requests.tasks.keep_to_retention",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    # Trains once a week: the rows say when, so that a restart of beat forgets nothing.
    "learn": {"task": "requests.tasks.learn", "schedule": 60.0, "options": {"expires": 50}},
}

if PALIER_BACKUP_DIR:
    # The database says when one is due: a restart of beat forgets none, a failure is tried again.
    CELERY_BEAT_SCHEDULE["backup"] = {
        "task": "portal.tasks.backup",
        "schedule": 600.0,
        "options": {"expires": 600},
    }
