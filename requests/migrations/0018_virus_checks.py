"""Files from outside say whether the virus scanner has looked at them."""

from django.db import migrations, models
from django.db.models import Q

import requests.attachments.models
import requests.attachments.quarantine
import requests.letters.models
from portal.migration_operations import AddIndexMeanwhile

FOUND = models.CharField("virus found", max_length=200, blank=True, db_default="")
CHECKED = models.DateTimeField("checked for viruses", blank=True, null=True)
STATES = [
    ("", "not checked"),
    ("waiting", "being checked"),
    ("clean", "checked"),
    ("refused", "refused"),
]
STATE = models.CharField(
    "virus check",
    blank=True,
    choices=STATES,
    db_default="",
    default=requests.attachments.quarantine.first_state,
    max_length=8,
)
KINDS = [
    ("route", "route a claim"),
    ("notify", "tell the tenant"),
    ("escalate", "climb a late promise"),
    ("deliver", "send a message"),
    ("intake", "read a raw input"),
    ("remind", "remind of a visit"),
    ("closing", "ask again if it is fixed"),
    ("letter", "draw a letter"),
    ("upkeep", "remind of a visit due"),
    ("planned", "tell of planned works"),
    ("renew", "reckon promises again"),
    ("lateness", "tell staff what was passed up to them"),
    ("retention", "erase what is over"),
    ("export", "make a person’s copy of their data"),
    ("virus", "check a file for viruses"),
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests", "0017_scoped_managers")]

    operations = [
        *(
            migrations.AddField(model, name, field.clone())
            for model in ("attachment", "scanfile")
            for name, field in (
                ("virus_state", STATE),
                ("virus_name", FOUND),
                ("virus_checked_at", CHECKED),
            )
        ),
        migrations.AlterField(
            "attachment",
            "file",
            requests.attachments.quarantine.QuarantinedFileField(
                "file", max_length=120, upload_to=requests.attachments.models.storage_name
            ),
        ),
        migrations.AlterField(
            "scanfile",
            "file",
            requests.attachments.quarantine.QuarantinedFileField(
                "file", max_length=120, upload_to=requests.letters.models.scan_path
            ),
        ),
        migrations.AlterField(
            "job", "kind", models.CharField("kind", choices=KINDS, max_length=10)
        ),
        AddIndexMeanwhile(
            "attachment",
            models.Index(
                fields=["virus_state"],
                condition=Q(virus_state__in=["waiting", "refused"]),
                name="attachment_closed",
            ),
        ),
    ]
