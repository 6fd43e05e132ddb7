"""System checks that report a wrong configuration when Django starts."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, register


@register()
def requests_app_is_ours(app_configs, **kwargs) -> list[Error]:
    """Check that the top-level app `requests` is this repository's, not the PyPI library."""
    path = Path(apps.get_app_config("requests").path)
    if path == settings.BASE_DIR / "requests":
        return []
    return [
        Error(
            f"The app 'requests' was loaded from {path}.",
            hint="Uninstall the PyPI package 'requests' and run through `python -m`.",
            id="portal.E001",
        )
    ]
