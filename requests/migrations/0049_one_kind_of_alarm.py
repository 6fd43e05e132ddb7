"""Alarms about providers of mail are alarms: one kind instead of two."""

from django.db import migrations, models

KINDS = [
    ("claim_event", "news of a request"),
    ("order", "order to a contractor"),
    ("invitation", "invitation of a contractor’s colleague"),
    ("planned_works", "notice of works"),
    ("lateness", "late promises to a colleague"),
    ("consent_code", "consent code"),
    ("link_code", "code that links an account"),
    ("link_notice", "notice of a linked account"),
    ("private_reply", "private answer to a public post"),
    ("maintenance", "reminder of a visit due"),
    ("rights", "news of a request about personal data"),
    ("danger", "ring about a danger"),
    ("point_code", "code that proves a contact"),
    ("point_notice", "notice of a changed contact"),
    ("contact_check", "question whether a contact is still right"),
    ("trial", "test message"),
    ("incident", "news of an incident"),
    ("figures", "figures of the week"),
    ("alarm", "alarm to the administrators"),
    ("colleague", "what is new to a colleague"),
    ("survey", "invitation to a survey"),
]


class Migration(migrations.Migration):
    dependencies = [("requests", "0048_letter_codes")]

    operations = [
        migrations.AlterField(
            "delivery",
            "kind",
            models.CharField(
                choices=KINDS,
                db_default="claim_event",
                default="claim_event",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        # A provider is told of once a week: few rows, and only they are locked.
        migrations.RunSQL(
            "UPDATE requests_delivery SET kind = 'alarm' WHERE kind = 'provider'",
            migrations.RunSQL.noop,
        ),
    ]
