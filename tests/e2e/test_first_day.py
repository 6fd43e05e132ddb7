"""The first day: an administrator sets a landlord up from an empty database, in the product alone.

Two agencies, the stock, hours, five people invited by mail who sign in with a second factor, a
contractor with a contract, a mailbox and a mail that are tested, then a first request in hand. Mail
and mailbox are real local servers; what a worker does is done between the steps.
"""

import io
import re
import time

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.management import call_command
from playwright.sync_api import Page, expect

from agencies.imports import runs
from agencies.models import MaintenanceContract, Membership, Unit
from portal.clock import now
from portal.dev import browser as chromium
from portal.models import User
from requests.catalogue.actions import load_catalogue
from requests.claims.models import Claim
from tests.e2e.chromium import playwright_loop
from tests.e2e.live_house import work
from tests.e2e.pages import Filing, Following, Inbox, fr, press
from tests.requests.inbound.imap_server import ImapServer

PASSWORD = "nuage violet sur le port"
STOCK = """residence;code_commune;commune;code_postal;voie;numero;logement;etage;porte;agence
Les Saules;99001;Valmer;99000;rue du Pré;2;L-1;1;11;Agence Nord
Les Saules;99001;Valmer;99000;rue du Pré;2;L-2;2;21;Agence Nord
Le Phare;99001;Valmer;99000;quai du Sel;7;L-3;0;1;Agence Sud
"""
# Address, first name, last name, role, unit. The first one confirms the roles of the others.
PEOPLE = [
    ("helene@ville.example", "Hélène", "Aubry", "head_office", "Siège"),
    ("sonia@ville.example", "Sonia", "Lemaire", "agent", "Agence Nord"),
    ("marc@ville.example", "Marc", "Delaunay", "agency_manager", "Agence Nord"),
    ("yann@ville.example", "Yann", "Haddad", "agent", "Agence Sud"),
    ("nadia@ville.example", "Nadia", "Roche", "call_taker", "Siège"),
]


@pytest.fixture
def empty(transactional_db, settings, tmp_path, monkeypatch, sink):
    """A portal as ``migrate`` leaves it, with the catalogue and nothing of a landlord."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setenv("PALIER_MAIL_SECRET_AGENCE", "secret")
    monkeypatch.setattr("requests.channels.quiet_hours.next_allowed", lambda at, *_more: at)
    settings.MEDIA_ROOT = tmp_path
    settings.PALIER_STAFF_MFA = True
    load_catalogue()
    assert not User.objects.exists()
    assert not Unit.objects.exists()
    return sink


@pytest.fixture
def pages(live_server, settings):
    """Make a browser page for one more person; each has cookies of their own."""
    settings.PALIER_URL = live_server.url
    with playwright_loop() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )

        def another() -> Page:
            context = opened.new_context(base_url=live_server.url, locale="fr-FR")
            context.set_default_timeout(60_000)
            return context.new_page()

        yield another
        opened.close()


def code_of(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def join(page: Page, link: str) -> None:
    """Follow an invitation: a password, then a second factor."""
    page.goto(link)
    page.get_by_label(fr("Password"), exact=True).fill(PASSWORD)
    page.get_by_label(fr("The same password again")).fill(PASSWORD)
    press(page, "Open my account")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("[name=code]").fill(code_of(secret))
    with page.expect_navigation():
        page.locator("main form:has([name=code]) button").last.click()
    assert "recovery" in page.url, page.get_by_role("main").inner_text()


def link_in(sink, address: str) -> str:
    bodies = [m.get_body().get_content() for m in sink.mails if m["To"] == address]
    return re.findall(r"http\S+/invitation/\S+", "\n".join(bodies))[-1]


def go(page: Page, step: str) -> None:
    """Open the next step from the console's first page."""
    page.goto("/console/")
    page.get_by_role("main").get_by_role("link", name=fr(step), exact=True).first.click()


def fill(page: Page, **fields: str) -> None:
    """Fill the fields of a form by their names, as a person would by their labels."""
    for name, value in fields.items():
        field = page.locator(f"[name={name}]")
        kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "checkbox":
            field.locator(f"xpath=self::*[@value='{value}']").check(force=True)
        else:
            field.fill(value)


def add(page: Page, path: str, **fields: str) -> None:
    page.goto(path)
    fill(page, **fields)
    press(page, "Save")
    assert not page.get_by_role("alert").count(), page.get_by_role("alert").first.inner_text()


@pytest.mark.long
def test_an_administrator_sets_a_landlord_up_without_shell_or_admin(empty, pages):
    began = time.perf_counter()
    out = io.StringIO()
    call_command("first_administrator", "anne@ville.example", first_name="Anne", stdout=out)
    anne = pages()
    join(anne, out.getvalue().strip())
    anne.goto("/enter/")
    expect(anne.get_by_role("main")).to_contain_text("0")
    assert anne.url.endswith("/console/")

    go(anne, "Name, phone and look")
    fill(anne, name="Ville Habitat", phone="02 40 00 00 00", colour="#0A3A40")
    press(anne, "Save")
    for name in ("Agence Nord", "Agence Sud"):
        add(anne, "/console/units/new/", name=name, kind="agency", phone="02 40 00 00 01")
    go(anne, "Opening hours")
    week = "8 h 30 – 12 h 30, 13 h 30 – 17 h 30"
    fill(anne, **{f"day_{day}": week for day in range(5)})
    press(anne, "Save")

    go(anne, "Residences and dwellings")
    anne.locator("[name=kind][value=csv]").check(force=True)
    file = {"name": "parc.csv", "mimeType": "text/csv", "buffer": STOCK.encode()}
    anne.locator("[name=file]").set_input_files(file)
    press(anne, "Check the file")
    runs.drain(now)
    anne.reload()
    press(anne, "Apply")
    runs.drain(now)

    # The first colleague confirms the roles of those who come after: nobody decides alone.
    helene = None
    for email, first, last, role, unit in PEOPLE:
        anne.goto("/console/people/invite/")
        fill(anne, email=email, first_name=first, last_name=last, role=role)
        anne.locator("[name=unit]").select_option(label=unit)
        press(anne, "Send the invitation")
        if helene is None:
            helene = pages()
            join(helene, link_in(empty, email))
    helene.goto("/teams/")
    for _one in PEOPLE[1:]:
        with helene.expect_navigation():
            helene.get_by_role("button", name=fr("Confirm this role")).first.click()
    sonia = pages()
    join(sonia, link_in(empty, "sonia@ville.example"))
    for email, *_rest in PEOPLE[2:]:
        join(pages(), link_in(empty, email))
    assert User.objects.filter(authenticator__type="totp").distinct().count() == 6
    assert not Membership.everything.filter(pending=True).exists()

    go(anne, "Contractors and contracts")
    anne.get_by_role("link", name=fr("Add a contractor")).click()
    fill(anne, name="Le Goff", email="contact@legoff.example", new_trades="Plomberie")
    press(anne, "Save")
    anne.goto("/console/contracts/new/")
    fill(anne, name="Plomberie 2026", starts="2026-01-01", ends="2028-12-31", families="PLO")
    for name, label in (("contractor", "Le Goff"), ("trade", "Plomberie")):
        anne.locator(f"[name={name}]").select_option(label=label)
    fill(anne, within_U2="24")
    press(anne, "Save")
    assert MaintenanceContract.objects.get().families == ["PLO"]

    with ImapServer() as server:
        server.box = {1: b"Subject: a\r\n\r\nb", 2: b"Subject: c\r\n\r\nd"}
        add(
            anne, "/console/mailboxes/new/", address="bonjour@ville.example", host="127.0.0.1",
            port=str(server.port), security="none", username="palier",
            secret_name="PALIER_MAIL_SECRET_AGENCE",
        )  # fmt: skip
        press(anne, "Connect and count the messages")
        expect(anne.get_by_role("main")).to_contain_text("2 message")
    anne.goto("/console/channels/")
    press(anne, "Send me a mail")
    work()
    anne.goto("/console/channels/")
    expect(anne.locator("#trials")).to_contain_text(fr("sent: look whether it has arrived"))
    assert any(m["To"] == "anne@ville.example" for m in empty.mails)

    tenant = pages()
    filing = Filing(
        tenant, address="2 rue du Pré, Valmer", room="cuisine", words="L'eau coule sous l'évier.",
        name="Mina Sow", email="mina@example.test",
    )  # fmt: skip
    filing.begin().until(r"/s/")
    work()
    tenant.reload()
    reference = Following(tenant).reference
    desk = Inbox(sonia)
    assert desk.open(reference), "The agency does not see its first request."
    desk.act(fr("Take charge"))
    assert Claim.objects.system("test").get().state == "in_review"

    anne.goto("/console/")
    main = anne.get_by_role("main")
    assert not main.get_by_role("progress").count(), main.inner_text()
    print(f"first day: {time.perf_counter() - began:.0f} s")
