"""Two exports of figures: one that leaves every night, one whose last file was missed."""

from datetime import datetime, timedelta

from agencies.models import Membership
from portal.access import Role
from requests.reporting.models import ExportRun, ScheduledExport
from requests.reporting.schedule import Rhythm


def build(now: datetime) -> None:
    """Write the exports with their last files; both are off, for there is no bucket."""
    admin = Membership.objects.filter(role=Role.ADMIN).select_related("user").earliest("pk").user
    made = now - timedelta(days=40)
    nightly, weekly = (
        ScheduledExport.objects.create(
            dataset=dataset, rhythm=rhythm, hour=5, active=False, made_at=made, made_by=admin
        )
        for dataset, rhythm in (("claims_month", Rhythm.DAILY), ("promises_month", Rhythm.WEEKLY))
    )
    for days in range(1, 8):
        due = now.replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=days)
        ExportRun.objects.create(
            export=nightly,
            due_at=due,
            done_at=due + timedelta(seconds=9),
            name=f"claims_month/{due:%Y-%m-%dT%H%M%S}.csv",
            rows=412 + days,
            size=38_000 + 97 * days,
            sha256="0" * 64,
        )
    monday = now - timedelta(days=now.weekday())
    missed = monday.replace(hour=4, minute=0, second=0, microsecond=0)
    ExportRun.objects.create(
        export=weekly,
        due_at=missed,
        error="StorageAway: object storage: EndpointConnectionError",
        alarmed_at=missed + timedelta(hours=6),
    )
