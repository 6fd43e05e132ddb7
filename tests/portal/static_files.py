"""The files that we serve."""

import fcntl
import os
import re

import pytest
from django.core.management import call_command

STORE = "portal.static_files.HashedStaticFiles"  # production's


HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def static_files(settings, tmp_path_factory):
    """Our own static files as production serves them; compressing everybody's takes a minute."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORE}}
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "portal.style_sheets.StyleSheetFinder",
    ]
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of all processes of this run
    collected, unfinished = shared / "static", shared / "static_unfinished"
    with (shared / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not collected.exists():  # one process makes them for all, the others wait
            settings.STATIC_ROOT = unfinished
            call_command("collectstatic", interactive=False, verbosity=0)
            unfinished.rename(collected)
    settings.STATIC_ROOT = collected
    return collected
