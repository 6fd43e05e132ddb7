"""A person erased after the backup is erased again by the restore."""

import shutil

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from portal.clock import now
from requests.claims.models import Claim
from requests.privacy import journal, person
from requests.privacy.models import Erasure
from tenants.models import ContactPoint, Lease, Occupancy, Tenant
from tests import databases
from tests.portal.backups.conftest import SOURCE, files_in

pytestmark = pytest.mark.long

LATER = f"{SOURCE}_later"


def test_who_was_erased_after_the_backup_is_gone_after_the_restore(
    house, saved, elsewhere, tmp_path, capsys
):
    """Backup, erase, restore: the journal alone outlives the database."""
    with override_settings(PALIER_ERASURE_JOURNAL=str(tmp_path / "erasures.jsonl")):
        erase_in_a_copy(house, tmp_path)
        call_command("restore", str(saved), identity=house.identity)
        assert "1 people of the journal of erasures are erased again." in capsys.readouterr().out
        assert not Tenant.objects.system("test").exists()
        assert not ContactPoint.unscoped.exists()
        claim = Claim.objects.system("test").get()
        assert (claim.words, claim.tenant) == ("", None)
        assert Erasure.objects.count() == 1
        assert files_in(elsewhere) == {}
        call_command("erasures", "replay")
        assert "0 persons erased again" in capsys.readouterr().out


def erase_in_a_copy(house, tmp_path) -> None:
    """Erase the tenant in a copy of the house, which is lost afterwards."""
    shutil.copytree(house.media, tmp_path / "lost")
    databases.drop(LATER)
    databases.copy(SOURCE, LATER)
    with databases.use(LATER), override_settings(MEDIA_ROOT=tmp_path / "lost"):
        tenant = Tenant.objects.system("test").get()
        Claim.objects.system("test").update(state="closed", ended_at=now())
        Lease.unscoped.update(ends="2026-01-31")
        Occupancy.unscoped.update(ends="2026-01-31")
        person.erase_person(tenant=tenant, by=None, why="request", now=now())
        assert journal.write(now()) == 1
        assert not Tenant.objects.system("test").exists()
    databases.drop(LATER)


def test_without_a_journal_the_command_says_so(db, settings):
    settings.PALIER_ERASURE_JOURNAL = ""
    with pytest.raises(CommandError, match="PALIER_ERASURE_JOURNAL"):
        call_command("erasures", "status")


def test_the_command_writes_what_the_journal_lacks(db, settings, tmp_path, capsys):
    settings.PALIER_ERASURE_JOURNAL = str(tmp_path / "erasures.jsonl")
    Erasure.objects.create(person="00000000-0000-4000-8000-000000000001", at=now(), why="request")
    call_command("erasures", "write")
    assert "1 persons in the journal, 0 still to be written" in capsys.readouterr().out
