"""The project and what every app shares: settings, access, clock. No business rule is here."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
