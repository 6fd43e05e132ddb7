"""The app's name, as the settings show it; and what joins the slices when Django starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    name = "requests"
    verbose_name = _("Requests and messages")

    def ready(self) -> None:
        """Install what follows from each step of a claim, and how messages leave."""
        from requests.claims import effects, entries
        from requests.notifications import kinds, mail_files
        from requests.wiring import DELIVERY_KINDS, EFFECTS, MAIL_FILES, THREAD_ENTRIES

        effects.install(EFFECTS)
        mail_files.install(MAIL_FILES)
        kinds.install(DELIVERY_KINDS)
        entries.install(THREAD_ENTRIES)
