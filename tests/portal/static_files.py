"""The files that we serve."""

import re

import pytest
from django.core.management import call_command

STORE = "portal.static_files.HashedStaticFiles"  # production's


HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def static_files(settings, tmp_path):
    """Our own static files as production serves them; compressing everybody's takes a minute."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORE}}
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "portal.style_sheets.StyleSheetFinder",
    ]
    call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT
