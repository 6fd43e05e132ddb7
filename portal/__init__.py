"""The project and its kit: settings, access, clock, outbox. No business rule lives here."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
