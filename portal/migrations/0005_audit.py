"""The tables of the audit trail, and triggers that keep its rows."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from portal.audit import triggers

GUARDS = "".join(
    [
        triggers.guard("django_admin_log"),
        triggers.guard("portal_auditkey"),
        *(
            triggers.guard(f"portal_audit{table}", opens=False)
            for table in ("opening", "batch", "seal")
        ),
    ]
)
UNGUARDS = "".join(
    triggers.unguard(table)
    for table in (
        "django_admin_log",
        "portal_auditkey",
        "portal_auditopening",
        "portal_auditbatch",
        "portal_auditseal",
    )
)


class Migration(migrations.Migration):

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('portal', '0004_user_sessions_nonce'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person', models.CharField(max_length=60, unique=True)),
                ('secret', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'audit key',
                'verbose_name_plural': 'audit keys',
            },
        ),
        migrations.CreateModel(
            name='AuditBatch',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('made_at', models.DateTimeField(db_index=True, verbose_name='sealed')),
                ('previous', models.CharField(blank=True, max_length=64)),
                ('head', models.CharField(max_length=64, verbose_name='head')),
                ('rows', models.IntegerField(verbose_name='rows')),
                ('upto', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'batch of the audit chain',
                'verbose_name_plural': 'batches of the audit chain',
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1), ('rows__gte', 1)), name='audit_batch_numbered')],
            },
        ),
        migrations.CreateModel(
            name='AuditOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('xid', models.BigIntegerField(default=0, editable=False)),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('database_user', models.CharField(default='', editable=False, max_length=63)),
                ('tables', models.JSONField()),
                ('reason', models.TextField(verbose_name='reason')),
                ('by', models.UUIDField(blank=True, null=True)),
                ('what', models.JSONField(default=dict, verbose_name='what')),
            ],
            options={
                'verbose_name': 'opening of the audit trail',
                'verbose_name_plural': 'openings of the audit trail',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['xid'], name='audit_opening_xid')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='opened_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=20)),
                ('row', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('marks', models.JSONField(default=dict)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='portal.auditbatch')),
            ],
            options={
                'verbose_name': 'seal of the audit chain',
                'verbose_name_plural': 'seals of the audit chain',
                'constraints': [models.UniqueConstraint(fields=('source', 'row'), name='sealed_once')],
            },
        ),
        migrations.RunSQL(triggers.FUNCTIONS, triggers.DROP_FUNCTIONS),
        migrations.RunSQL(
            triggers.OPENED, "DROP TRIGGER audit_opened ON portal_auditopening"
        ),
        migrations.RunSQL(GUARDS, UNGUARDS),
    ]
