"""Jobs get a priority and count their hiccups; the index is built while the portal works."""

from django.db import migrations, models
from django.db.models import Q

from portal.migration_operations import AddIndexMeanwhile

PRIORITIES = {"deliver": 40, "letter": 50, "route": 10, "intake": 10}


def order_what_waits(apps, schema_editor):
    """Give what waits already the priority of its kind."""
    jobs = apps.get_model("requests", "Job").objects.filter(done_at__isnull=True)
    for kind, priority in PRIORITIES.items():
        jobs.filter(kind=kind).update(priority=priority)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0015_data_protection")]

    operations = [
        migrations.AddField(
            "job",
            "hiccups",
            models.PositiveSmallIntegerField(default=0, db_default=0, verbose_name="hiccups"),
        ),
        migrations.AddField(
            "job",
            "priority",
            models.PositiveSmallIntegerField(default=20, db_default=20, verbose_name="priority"),
        ),
        migrations.RunPython(order_what_waits, migrations.RunPython.noop),
        AddIndexMeanwhile(
            "job",
            models.Index(
                fields=["priority", "next_at"],
                condition=Q(done_at__isnull=True),
                name="job_due_by_priority",
            ),
        ),
    ]
