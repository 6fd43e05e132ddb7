"""When a person said what a claim is about; until then it is its author's alone."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

# As in requests/claims/household.py when this was written.
DESK = ["head_office", "agency_manager", "agent", "call_taker", "on_call"]


def backfill(apps, schema_editor):
    """Filed by staff, or by the person on our pages: at filing. Else the first step that sorts."""
    claims = apps.get_model("requests", "Claim")._base_manager.all()
    events = apps.get_model("requests", "ClaimEvent")._base_manager.filter(
        claim=OuterRef("pk"), undone_at__isnull=True
    )
    unsorted = settings.PALIER_UNSORTED_CATEGORY
    filed = claims.annotate(
        filer=Subquery(events.filter(name="filed").order_by("at", "id").values("role")[:1])
    )
    filed.filter(filer="proxy").update(sorted_at=F("filed_at"))
    named = filed.exclude(category__code=unsorted)
    named.filter(filer__in=[*DESK, "caretaker"]).update(sorted_at=F("filed_at"))
    named.filter(filer="tenant", channel__in=["web", "api"]).update(sorted_at=F("filed_at"))
    steps = events.filter(name__in=["take_charge", "reclassify", "plan", "start"], role__in=DESK)
    claims.filter(sorted_at__isnull=True).exclude(category__code=unsorted).update(
        sorted_at=Subquery(steps.order_by("at", "id").values("at")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ("requests", "0006_job_payload"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="sorted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sorted"),
        ),
        migrations.RunPython(backfill, migrations.RunPython.noop),
    ]
