"""What pages refer to is there: production refuses to start on a missing file."""

from django.core.management import call_command

STORE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # strict, as in production


def test_every_file_that_a_sheet_names_exists(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORE}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert list((tmp_path / "css").glob("settings.*.css"))
