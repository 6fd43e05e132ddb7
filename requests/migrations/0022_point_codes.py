"""Deliveries carry codes that prove a contact, and notices of changed contacts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('requests', '0021_dangers'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('claim_event', 'news of a request'), ('order', 'order to a contractor'), ('invitation', 'invitation of a contractor’s colleague'), ('planned_works', 'notice of works'), ('lateness', 'late promises to a colleague'), ('consent_code', 'consent code'), ('link_code', 'code that links an account'), ('link_notice', 'notice of a linked account'), ('private_reply', 'private answer to a public post'), ('maintenance', 'reminder of a visit due'), ('rights', 'news of a request about personal data'), ('danger', 'ring about a danger'), ('point_code', 'code that proves a contact'), ('point_notice', 'notice of a changed contact'), ('contact_check', 'question whether a contact is still right')], db_default='claim_event', default='claim_event', max_length=20, verbose_name='kind'),
        ),
    ]
