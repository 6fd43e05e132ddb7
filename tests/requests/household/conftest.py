"""A home as the rent system tells of it: its people come from files, their claims from forms."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from agencies.models import ImportRun
from portal.clock import now
from requests.claims.models import Claim
from requests.routing.actions import route_claim
from tenants.models import Lease, Tenant
from tests import factories, moments
from tests.agencies.imports.second_person import approve, sender
from tests.requests.views.household import signed_in

HEADER = "Bail;Logement;Locataire;Prénom;Nom;Courriel;Mobile;Début;Fin;Qualité\n"
DAY = timedelta(days=1)
TODAY = moments.MOMENT.date()
WORDS = "CANARY-WORDS"


@pytest.fixture(autouse=True)
def in_november(settings, tmp_path):
    """Every test of this folder starts on one Wednesday morning."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with moments.at():
        yield


def line(lease: str, ref: str, name: str, capacity="titulaire", *, home="k1", **more) -> str:
    """One line of the rent system's file; ``more``: starts, ends (dates), mail, mobile."""
    starts, ends = more.get("starts", date(2020, 2, 1)), more.get("ends")
    days = [f"{day:%d/%m/%Y}" if day else "" for day in (starts, ends)]
    reach = [more.get("mail", ""), more.get("mobile", "")]
    return ";".join([lease, home, ref, name, "Traoré", *reach, *days, capacity]) + "\n"


AWA = line("B1", "T1", "Awa", mail="awa@example.test", mobile="0639980001")
BEN = line("B1", "T2", "Ben", "cotitulaire", mobile="0639980002")
LEA = line("B1", "T3", "Léa", "occupant")


@pytest.fixture
def rents(tmp_path, landlord) -> Callable[..., None]:
    """Import a file of the rent system; a second person approves it where it is held."""

    def run(*lines: str) -> None:
        file = tmp_path / "tenants.csv"
        file.write_text(HEADER + "".join(lines), encoding="utf-8")
        before = ImportRun.objects.count()
        call_command("import_tenants", str(file), "--apply", *sender(), verbosity=0)
        if ImportRun.objects.count() > before:
            approve()

    return run


def person(ref: str, *, account: bool = True) -> Tenant:
    """Somebody of the file, with an account that the agency linked."""
    found = Tenant.objects.system("test").get(external_ref=ref)
    if account and found.user is None:
        found.user = factories.account(f"{ref.lower()}@example.test")
        found.save(update_fields=["user"])
    return found


@pytest.fixture
def people(rents) -> dict[str, Tenant]:
    """Awa holds the lease with Ben, and Léa lives with them."""
    rents(AWA, BEN, LEA)
    return {"author": person("T1"), "joint": person("T2"), "occupant": person("T3")}


def file_leak(who: Tenant, *, confidential: bool = False) -> Claim:
    """File a leak in the home through the pages of the portal."""
    client, home = signed_in(who), who.occupancies.latest("starts").lease.dwelling
    before = set(Claim.objects.system("test").values_list("pk", flat=True))
    client.post("/file/", {"tile": "water"})
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/where/", {"home": str(home.pk)})
    client.post("/file/words/", {"words": WORDS})
    client.post("/file/reach/", {"name": str(who), "email": f"{who.external_ref}@example.test"})
    client.post("/file/check/", {"confidential": "yes"} if confidential else {})
    claim = Claim.objects.system("test").exclude(pk__in=before).get()
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    return claim


def opens(claim: Claim, token: str = "") -> int:
    """What the private link answers to somebody without account."""
    return Client().get(f"/s/{token or claim.token}/").status_code


def fresh(claim: Claim) -> Claim:
    claim.refresh_from_db()
    return claim


def lease(reference: str) -> Lease:
    return Lease.unscoped.get(reference=reference)
