"""Files leave when they are due, twice never, late after a night of silence, with an alarm."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.test import override_settings
from django.urls import reverse

from portal.clock import now
from requests.reporting import exports, schedule
from requests.reporting.models import ExportRun, ScheduledExport
from tests import object_storage
from tests.factories import leak, member
from tests.requests.fixtures.channels import clock, work

__all__ = ["clock", "work"]
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def bucket(settings, tmp_path) -> Path:
    options = {"location": str(tmp_path), "allow_overwrite": True}
    settings.PALIER_EXPORT_STORAGE = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": options,
    }
    return tmp_path


@pytest.fixture
def export(landlord, clock) -> ScheduledExport:
    return ScheduledExport.objects.create(
        dataset="claims_month", rhythm="daily", hour=5, made_at=clock() - timedelta(days=3)
    )


def files(bucket: Path) -> list[str]:
    return sorted(str(path.relative_to(bucket)) for path in bucket.rglob("*.csv"))


@pytest.mark.parametrize(
    ("rhythm", "due"),
    [("daily", (2026, 11, 24)), ("weekly", (2026, 11, 23)), ("monthly", (2026, 11, 1))],
)
def test_the_newest_due_moment(rhythm, due):
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert schedule.latest(rhythm, 5, at, PARIS) == datetime(*due, 5, tzinfo=PARIS)


def test_the_hour_is_that_of_paris_in_summer_too():
    at = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
    assert schedule.latest("daily", 5, at, PARIS) == datetime(2026, 7, 1, 3, tzinfo=UTC)
    assert schedule.latest("daily", 5, at - timedelta(hours=1), PARIS).day == 30


def test_a_file_leaves_once(bucket, export, landlord, work, clock):
    leak(landlord, clock())
    work()
    assert exports.sweep(clock()) == 1
    assert exports.sweep(clock()) == 0
    work()
    assert files(bucket) == ["claims_month/2026-11-24T050000.csv"]
    text = (bucket / files(bucket)[0]).read_text(encoding="utf-8-sig")
    assert '"month";"unit";"family"' in text
    assert '"nord";"PLO";"web"' in text
    run = ExportRun.objects.get()
    assert (run.rows, run.error) == (1, "")


def test_a_repeat_writes_the_same_file(bucket, export, work, clock):
    exports.sweep(clock())
    work()
    run = ExportRun.objects.get()
    ExportRun.objects.update(done_at=None)  # killed between the file and the row
    exports.make(key=str(run.pk), now=clock())
    assert len(files(bucket)) == 1


def test_a_missed_file_raises_one_alarm_and_leaves_later(
    settings, bucket, export, landlord, work, clock
):
    member(landlord["head"], "admin")
    there, settings.PALIER_EXPORT_STORAGE = settings.PALIER_EXPORT_STORAGE, {}
    exports.sweep(clock())
    work()
    assert "NoBucket" in ExportRun.objects.get().error
    clock.forward(hours=7)
    exports.sweep(clock())
    exports.sweep(clock())
    work()
    assert [m.subject for m in mail.outbox] == [
        "Export manqué\N{NO-BREAK SPACE}: Demandes par mois de dépôt"
    ]
    settings.PALIER_EXPORT_STORAGE = there
    clock.forward(hours=5)
    work()
    assert ExportRun.objects.get(alarmed_at__isnull=False).done_at


def test_after_a_night_without_anybody_the_newest_file_is_made(bucket, export, work, clock):
    clock.at += timedelta(days=2)
    assert exports.sweep(clock()) == 1
    work()
    assert files(bucket) == ["claims_month/2026-11-26T050000.csv"]


def test_from_the_form_to_the_file(client, bucket, landlord, work, settings):
    settings.LANGUAGE_CODE = "en"
    client.force_login(member(landlord["head"], "admin").user)
    wrong = client.post(
        reverse("exports:add"),
        {"dataset": "stock", "rhythm": "weekly", "hour": "5", "prefix": "../etc"},
    )
    assert wrong.status_code == 422
    assert 'value="../etc"' in wrong.content.decode()
    client.post(
        reverse("exports:add"),
        {"dataset": "stock", "rhythm": "weekly", "hour": "5", "prefix": "palier/nord/"},
    )
    row = ScheduledExport.objects.get()
    again = {"dataset": "stock", "rhythm": "weekly", "hour": "6", "prefix": "palier/nord"}
    assert client.post(reverse("exports:add"), again).status_code == 422
    client.post(reverse("exports:ask", args=[row.pk]))
    work()
    assert files(bucket)[0].startswith("palier/nord/stock/")
    assert (
        "palier/nord/stock/" in client.get(reverse("exports:edit", args=[row.pk])).content.decode()
    )
    client.post(reverse("exports:switch", args=[row.pk]), {"off": "1"})
    assert exports.sweep(now() + timedelta(days=8)) == 0
    assert client.get(reverse("exports:index")).status_code == 200
    client.post(reverse("exports:delete", args=[row.pk]))
    assert not ScheduledExport.objects.exists()


def test_the_figures_are_shown_and_downloaded(client, landlord):
    leak(landlord, now())
    client.force_login(member(landlord["head"], "head_office").user)
    page = client.get(reverse("exports:dataset", args=["claims_month"])).content.decode()
    assert "report_claims_month" in page
    file = client.get(reverse("exports:dataset_csv", args=["claims_month"]))
    assert '"PLO"' in file.content.decode("utf-8-sig")
    assert client.get(reverse("exports:dataset", args=["nothing"])).status_code == 404


@pytest.mark.long
def test_a_file_reaches_a_real_bucket(export, work, clock, tmp_path):
    with object_storage.server(tmp_path) as address, object_storage.kept_in(address, "figures"):
        options = settings.STORAGES["default"]["OPTIONS"] | {"file_overwrite": True}
        there = {"BACKEND": "portal.object_storage.PrivateS3Storage", "OPTIONS": options}
        # Inside the other override, so that they end in the right order.
        with override_settings(PALIER_EXPORT_STORAGE=there):
            exports.sweep(clock())
            work()
        assert list(object_storage.objects()) == ["claims_month/2026-11-24T050000.csv"]
