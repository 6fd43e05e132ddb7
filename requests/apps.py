"""The app's name, as the settings show it; and what joins the slices when Django starts."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _write_house_rules(*, using: str, **_more: Any) -> None:
    """Write the built-in rules that are missing, once their tables exist."""
    from django.db import connections

    from requests.routing.house_rows import write_missing_rows
    from requests.routing.models import RuleVersion

    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    if RuleVersion._meta.db_table in tables:
        write_missing_rows(using)


class RequestsConfig(AppConfig):
    name = "requests"
    verbose_name = _("Requests and messages")

    def ready(self) -> None:
        """Install what follows from each step of a claim, and how messages leave."""
        from agencies import stock_panels
        from requests.claim_rows import CLAIM_ROWS
        from requests.claims import effects, entries, related
        from requests.figures import public
        from requests.notifications import kinds, mail_files
        from requests.wiring import (
            COMPLAINTS,
            DELIVERY_KINDS,
            EFFECTS,
            MAIL_FILES,
            STOCK_ACTIONS,
            STOCK_PANELS,
            THREAD_ENTRIES,
        )

        post_migrate.connect(_write_house_rules, sender=self)
        effects.install(EFFECTS)
        mail_files.install(MAIL_FILES)
        kinds.install(DELIVERY_KINDS)
        public.install(COMPLAINTS)
        entries.install(THREAD_ENTRIES)
        related.install(CLAIM_ROWS)
        stock_panels.install(STOCK_PANELS, STOCK_ACTIONS)
