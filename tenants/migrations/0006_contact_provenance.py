"""Contact points say where they come from; changes of a record are events; codes prove a point."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0005_contact_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='contactpoint',
            name='bounced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='came back'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='origin',
            field=models.CharField(choices=[('register', 'from the rent system'), ('told', 'told to us'), ('own', 'written by the person'), ('learned', 'learned from a message')], db_default='register', default='register', max_length=10, verbose_name='where it comes from'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='proof',
            field=models.CharField(blank=True, choices=[('code', 'proved by a code'), ('link', 'proved by a link'), ('colleague', 'confirmed by a colleague')], db_default='', default='', max_length=10, verbose_name='what proves it'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='proposed',
            field=models.BooleanField(db_default=False, default=False, verbose_name='waits for a person'),
        ),
        migrations.AddField(
            model_name='tenant',
            name='texts_from',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='texts from'),
        ),
        migrations.AddField(
            model_name='tenant',
            name='texts_until',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='texts until'),
        ),
        migrations.CreateModel(
            name='PointCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce', models.CharField(max_length=32)),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('times', models.PositiveSmallIntegerField(default=1, verbose_name='times asked that day')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('point', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='code', to='tenants.contactpoint')),
            ],
            options={
                'verbose_name': 'code of a contact point',
                'verbose_name_plural': 'codes of contact points',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PersonChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('what', models.CharField(choices=[('point_added', 'added'), ('point_removed', 'no longer used'), ('point_preferred', 'preferred from now on'), ('point_proved', 'proved'), ('point_learned', 'learned from a message'), ('point_proposed', 'proposed by the rent system'), ('language', 'language'), ('hours', 'hours of texts'), ('need_added', 'need noted'), ('need_ended', 'need ended'), ('occupant', 'somebody lives in the home')], max_length=16, verbose_name='what')),
                ('side', models.CharField(choices=[('person', 'the person'), ('staff', 'staff'), ('import', 'the rent system')], max_length=8, verbose_name='by whom')),
                ('facts', models.JSONField(default=dict, verbose_name='details')),
                ('state', models.CharField(choices=[('done', 'done'), ('waits', 'waits for a person'), ('refused', 'refused')], default='done', max_length=8, verbose_name='state')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='tenants.tenant')),
            ],
            options={
                'verbose_name': 'change of a record',
                'verbose_name_plural': 'changes of records',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'waits')), fields=['at'], name='person_change_waits')],
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
    ]
