"""The log of who looked at which list or search."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.audit import triggers

TABLE = "requests_listview"


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_roles_take_two"),
        ("requests", "0018_virus_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("hour", models.DateTimeField()),
                ("role", models.CharField(max_length=24, verbose_name="role")),
                ("page", models.CharField(max_length=60, verbose_name="page")),
                ("query", models.CharField(blank=True, max_length=16, verbose_name="query")),
                ("shown", models.PositiveIntegerField(verbose_name="rows shown")),
                ("found", models.PositiveIntegerField(verbose_name="rows found")),
                (
                    "reader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="agencies.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "look at a list",
                "verbose_name_plural": "looks at lists",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["-at"], name="list_view_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "role", "unit", "page", "query", "hour"),
                        name="list_view_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(triggers.guard(TABLE), triggers.unguard(TABLE)),
    ]
