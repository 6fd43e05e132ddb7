"""Undoing, saved views, presence, and the words a claim is found by, kept by a trigger."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The words of one claim gathered in one column, so that one index finds it whatever the table
# they come from. Written again only when one of its sources changes on the claim.
TRIGGER = r"""
CREATE FUNCTION claim_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ROW(NEW.reference, NEW.contact_name, NEW.place_note, NEW.words,
            NEW.category_id, NEW.tenant_id, NEW.residence_id, NEW.staircase_id, NEW.dwelling_id)
        IS NOT DISTINCT FROM ROW(OLD.reference, OLD.contact_name, OLD.place_note, OLD.words,
            OLD.category_id, OLD.tenant_id, OLD.residence_id, OLD.staircase_id, OLD.dwelling_id)
        AND OLD.search <> ''
    THEN
        NEW.search := OLD.search;
        RETURN NEW;
    END IF;
    NEW.search := palier_plain(concat_ws(' ', NEW.reference, NEW.contact_name, NEW.place_note,
        (SELECT concat_ws(' ', first_name, last_name) FROM tenants_tenant
            WHERE id = NEW.tenant_id),
        (SELECT concat_ws(' ', name, commune) FROM agencies_residence
            WHERE id = NEW.residence_id),
        (SELECT street FROM agencies_staircase WHERE id = NEW.staircase_id),
        (SELECT door FROM agencies_dwelling WHERE id = NEW.dwelling_id),
        (SELECT concat_ws(' ', label_fr, label_en) FROM requests_category
            WHERE id = NEW.category_id),
        NEW.words));
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_search BEFORE INSERT OR UPDATE ON requests_claim
    FOR EACH ROW EXECUTE FUNCTION claim_search();
UPDATE requests_claim SET search = '';
"""
INDEXES = """
CREATE INDEX claim_search_words ON requests_claim USING gin (search gin_trgm_ops);
CREATE INDEX claim_search_stems ON requests_claim USING gin (to_tsvector('french', search));
CREATE INDEX claim_contact_digits ON requests_claim (palier_digits(contact_phone))
    WHERE contact_phone <> '';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0002_initial'),
        ('requests', '0002_scopes_and_files'),
        ('tenants', '0003_find_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(verbose_name='seen')),
            ],
            options={
                'verbose_name': 'presence',
                'verbose_name_plural': 'presences',
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('query', models.CharField(max_length=600, verbose_name='query')),
                ('shared', models.BooleanField(default=False, verbose_name='shared with the unit')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='claim',
            name='search',
            field=models.TextField(db_default='', default='', editable=False),
        ),
        migrations.AddField(
            model_name='claim',
            name='visit_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='visit, until'),
        ),
        migrations.AddField(
            model_name='claimevent',
            name='before',
            field=models.JSONField(blank=True, default=dict, verbose_name='before'),
        ),
        migrations.AddField(
            model_name='claimevent',
            name='undone_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='undone'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('visit_until__isnull', True), ('visit_until__gte', models.F('visit_at')), _connector='OR'), name='claim_visit_in_order'),
        ),
        migrations.AddField(
            model_name='presence',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='requests.claim'),
        ),
        migrations.AddField(
            model_name='presence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedview',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='agencies.membership'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('claim', 'user'), name='presence_once'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('membership', 'name'), name='saved_view_name'),
        ),
        migrations.RunSQL(
            TRIGGER,
            "DROP TRIGGER claim_search ON requests_claim; DROP FUNCTION claim_search();",
        ),
        migrations.RunSQL(
            INDEXES,
            "DROP INDEX claim_search_words; DROP INDEX claim_search_stems;"
            " DROP INDEX claim_contact_digits;",
        ),
    ]
