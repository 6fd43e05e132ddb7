"""What pages refer to is there: production refuses to start on a missing file."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from requests.rounds.offline_views import FILES
from tests.portal.static_files import HASHED, STORE

pytestmark = pytest.mark.long

STRICT = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # what it builds on
STATIC = Path(django_settings.BASE_DIR) / "static"
IMPORTED = re.compile(r'(?:from |import |import\()"([^"]+)"')

# Bytes, gzipped; tests/e2e/test_weights.py weighs whole pages.
STYLES = 14_000
TENANT_SCRIPT = 20_000


def test_every_file_that_a_sheet_names_exists(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STRICT}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert list((tmp_path / "css").glob("settings.*.css"))


def test_modules_import_each_other_by_their_hashed_names(static_files):
    found = 0
    for path in static_files.glob("js/**/*.js"):
        if not HASHED.search(path.name):
            continue
        for target in IMPORTED.findall(path.read_text()):
            assert HASHED.search(target), f"{path.name} imports {target}"
            assert (path.parent / target).is_file()
            found += 1
    assert found, "no module imports another: this test proves nothing"


def test_the_round_keeps_every_module_that_it_imports():
    """Without network a missing module stops the whole page's script."""
    kept = [name for name in FILES if name.endswith(".js")]
    for name in kept:
        path = STATIC / name
        source = path.read_text()
        for target in IMPORTED.findall(source):
            if f'import("{target}").catch(' in source:
                continue  # the page goes on without it
            imported = (path.parent / target).resolve().relative_to(STATIC.resolve())
            assert str(imported) in kept


def test_production_names_modules_by_their_content():
    text = (Path(django_settings.BASE_DIR) / "portal/settings/production.py").read_text()
    assert STORE in text


@pytest.mark.parametrize(
    ("name", "most"),
    [("css/palier.css", STYLES), ("css/desk.css", STYLES), ("js/palier.js", TENANT_SCRIPT)],
)
def test_what_every_page_loads_is_light(name, most):
    assert len(gzip.compress(Path(finders.find(name)).read_bytes())) <= most
