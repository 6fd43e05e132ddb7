"""Carry the messages that wait during the upgrade over to the one engine of what leaves."""

from django.db import migrations


def carry_over(apps, schema_editor):
    """Read the details of waiting attempts out of their keys, where they were kept before."""
    Job = apps.get_model("requests", "Job")
    for job in Job.objects.filter(done_at__isnull=True, kind="deliver").iterator():
        delivery, attempt, _due = job.key.split(":")
        job.payload = {"delivery": delivery, "attempt": int(attempt)}
        job.save(update_fields=["payload"])


class Migration(migrations.Migration):
    dependencies = [("requests", "0007_outgoing_messages")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
