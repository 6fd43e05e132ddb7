"""Changes of records are rows of the audit trail: only added; a row of its own decides another."""

import django.db.models.deletion
from django.db import migrations, models

from portal.audit import triggers

TABLE = "tenants_personchange"
# What was decided before: the change waited, and a row of its own says what became of it.
DECISIONS = f"""
INSERT INTO {TABLE} (at, what, side, facts, state, by_id, tenant_id, decides_id)
    SELECT decided_at, 'decided', 'staff', '{{}}', state, decided_by_id, tenant_id, id FROM {TABLE}
    WHERE decided_at IS NOT NULL ORDER BY decided_at, id;
UPDATE {TABLE} SET state = 'waits' WHERE decided_at IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = f"""
UPDATE {TABLE} AS change
    SET state = row.state, decided_at = row.at, decided_by_id = row.by_id
    FROM {TABLE} AS row WHERE row.decides_id = change.id;
DELETE FROM {TABLE} WHERE decides_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0005_audit"),
        ("tenants", "0006_contact_provenance"),
    ]

    operations = [
        migrations.AddField(
            model_name="personchange",
            name="decides",
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="decision", to="tenants.personchange"),
        ),
        migrations.RunSQL(DECISIONS, BACK),
        migrations.RemoveField(model_name="personchange", name="decided_at"),
        migrations.RemoveField(model_name="personchange", name="decided_by"),
        migrations.AlterField(
            model_name='personchange',
            name='state',
            field=models.CharField(choices=[('done', 'done'), ('waits', 'waits for a person'), ('refused', 'refused'), ('undone', 'undone')], default='done', max_length=8, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='personchange',
            name='what',
            field=models.CharField(choices=[('point_added', 'added'), ('point_removed', 'no longer used'), ('point_preferred', 'preferred from now on'), ('point_proved', 'proved'), ('point_learned', 'learned from a message'), ('point_proposed', 'proposed by the rent system'), ('language', 'language'), ('hours', 'hours of texts'), ('need_added', 'need noted'), ('need_ended', 'need ended'), ('occupant', 'somebody lives in the home'), ('decided', 'decided')], max_length=16, verbose_name='what'),
        ),
        migrations.AddConstraint(
            model_name='personchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decides__isnull', False), ('what', 'decided'), models.Q(('state', 'waits'), _negated=True)), models.Q(('decides__isnull', True), models.Q(('what', 'decided'), _negated=True)), _connector='OR'), name='person_change_decides'),
        ),
        migrations.RunSQL(triggers.guard(TABLE), triggers.unguard(TABLE)),
    ]
