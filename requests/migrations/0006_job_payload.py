"""Give jobs a payload, and fill it for the jobs that wait during the upgrade."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """Read the details of waiting jobs out of their keys, where they were kept before."""
    Job = apps.get_model("requests", "Job")
    waiting = Job.objects.filter(done_at__isnull=True, kind__in=["intake", "renew"])
    for job in waiting.iterator():
        first, _colon, rest = job.key.partition(":")
        if job.kind == "intake":
            job.payload = {"intake_id": first}
        else:
            job.payload = {"what": first, "which": rest.partition(":")[0]}
        job.save(update_fields=["payload"])


class Migration(migrations.Migration):
    dependencies = [("requests", "0005_fault_picture")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="payload",
            field=models.JSONField(blank=True, default=dict, verbose_name="details"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
