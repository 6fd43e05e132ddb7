"""What proved a sender, how far a mailbox was read, and alarms about providers of mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0028_delivery_indexes")]

    operations = [
        migrations.AddField(
            model_name="mailbox",
            name="good_uid",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="watched_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="intake",
            name="proof",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "nothing proves the sender: anybody can write this address"),
                    ("dmarc", "the domain of the address vouches for the sender (DMARC)"),
                    ("dkim", "signed by the domain of the address (DKIM)"),
                    ("spf", "sent by a server of the address’s domain (SPF)"),
                    ("code", "a code proved this contact before"),
                    ("provider", "the provider names the sender; a phone may be shared"),
                    ("mark", "unproven, but answers a message that we sent"),
                ],
                db_default="",
                default="",
                max_length=10,
                verbose_name="what proved the sender",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[
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
                    ("provider", "alarm about a provider of mail"),
                ],
                db_default="claim_event",
                default="claim_event",
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
