"""App configuration: keep DRF from taking our `requests` app for the PyPI library."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("The teams")

    def ready(self) -> None:
        # DRF imports the PyPI library "requests" when it can; here that name is our own app.
        import rest_framework.compat

        rest_framework.compat.requests = None
        # The first and the last register themselves.
        from portal import checks, converters, security_log, telemetry  # noqa: F401

        converters.register()
        telemetry.start_sentry()
