"""Who opened which record, emergency openings, and triggers that keep the trail's rows."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.audit import triggers

# A step that its author undoes within half a minute is marked, once; nothing else of it changes.
UNDO = """OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
    AND NEW.facts - 'text' = OLD.facts - 'text'
    AND ROW(NEW.id, NEW.claim_id, NEW.name, NEW.at, NEW.actor_id, NEW.role, NEW.state, NEW.before)
        IS NOT DISTINCT FROM
        ROW(OLD.id, OLD.claim_id, OLD.name, OLD.at, OLD.actor_id, OLD.role, OLD.state, OLD.before)"""
EVENTS = triggers.guard("requests_claimevent", update_when=f"NOT ({UNDO})") + f"""
CREATE TRIGGER audit_undo BEFORE UPDATE ON requests_claimevent
    FOR EACH ROW WHEN ({UNDO}) EXECUTE FUNCTION palier_audit_unsealed('claim_event');
"""
OTHERS = (
    "requests_orderevent",
    "requests_accessview",
    "requests_intakeview",
    "requests_figureview",
    "requests_recordview",
    "requests_emergencyopening",
)


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0002_roles_take_two'),
        ('portal', '0005_audit'),
        ('requests', '0013_claim_links'),
        ('tenants', '0003_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EmergencyOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=24, verbose_name='role')),
                ('reason', models.TextField(verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('asker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='emergency_openings', to='requests.claim')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='agencies.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'emergency opening',
                'verbose_name_plural': 'emergency openings',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['asker', 'until'], name='emergency_asker')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('at'))), name='emergency_has_an_end'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='emergency_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='RecordView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('hour', models.DateTimeField()),
                ('role', models.CharField(max_length=24, verbose_name='role')),
                ('company', models.CharField(blank=True, max_length=120, verbose_name='company')),
                ('means', models.CharField(choices=[('page', 'on the portal'), ('api', 'by another tool'), ('link', 'by the link of a work order'), ('mandate', 'under a mandate'), ('emergency', 'opened with a reason')], max_length=10, verbose_name='how')),
                ('claim', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record_views', to='requests.claim')),
                ('reader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record_views', to='tenants.tenant')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='agencies.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'opening of a record',
                'verbose_name_plural': 'openings of records',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['reader', '-at'], name='record_view_reader'), models.Index(fields=['-at'], name='record_view_at')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'claim', 'reader', 'role', 'company', 'means', 'hour'), name='record_view_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('tenant__isnull', False), ('claim__isnull', False), _connector='OR'), name='record_view_of_something')],
            },
        ),
        migrations.RunSQL(
            EVENTS + "".join(map(triggers.guard, OTHERS)),
            "DROP TRIGGER audit_undo ON requests_claimevent;"
            + "".join(map(triggers.unguard, ("requests_claimevent", *OTHERS))),
        ),
    ]
