"""The settings: every page opens for an administrator, and keeps its promises."""

from datetime import time, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agencies.models import (
    Closure,
    Equipment,
    Landlord,
    Membership,
    OnCallDuty,
    OnCallRung,
    OpeningHours,
    Sector,
    Unit,
)
from agencies.units import AGENCY_DESKS
from portal.clock import now
from portal.models import SignOnIdentity, User
from portal.settings_site import ReadOnly, Setting
from requests.catalogue.models import Category, CategoryVersion
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake, IntakeView
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.complaints.models import Route
from requests.conversation.models import CannedReply
from requests.jobs.models import Job
from requests.notifications.text_models import MessageText
from requests.notifications.texts import VARIABLES, fill, text_faults
from requests.promises.models import PromiseTerm
from requests.work_orders.models import AccessView, WorkOrder
from tenants.models import ContactPoint, Lease, Occupancy, Tenant
from tests import factories
from tests.factories import administrator, member

pytestmark = [pytest.mark.django_db, pytest.mark.long]
OURS = {m: a for m, a in admin.site._registry.items() if isinstance(a, Setting)}
NAMES = sorted(model._meta.label_lower for model in OURS)


def model_admin(label: str):
    return next(a for m, a in OURS.items() if m._meta.label_lower == label)


def url(label: str, page: str, *args) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def house(landlord) -> dict:
    """One row of everything that has a settings page."""
    Landlord.objects.create(name="Valmer Habitat", phone="02 40 11 11 11")
    unit, home = landlord["north"], landlord["dwelling"]
    OpeningHours.objects.create(weekday=0, opens=time(9), closes=time(12))
    Closure.objects.create(first_day="2026-08-15", last_day="2026-08-16", label="Fête")
    Sector.objects.create(unit=unit, name="Est")
    Equipment.objects.create(building=home.staircase.building, kind="lift", label="Ascenseur")
    tenant = Tenant.objects.system("test").create(
        first_name="Zoé", last_name="Quidam", external_ref="L42"
    )
    ContactPoint.unscoped.create(tenant=tenant, kind="email", value="zoe@example.test")
    lease = Lease.unscoped.create(
        dwelling=home, reference="B42", bill_code="K7M4Q2XXXX", starts="2020-01-01"
    )
    Occupancy.unscoped.create(lease=lease, tenant=tenant, capacity="holder", starts="2020-01-01")
    Job.objects.create(kind="route", key="x", next_at=now(), attempts=8)
    MessageText.objects.create(
        event="ask", channel="sms", language="fr", body="{{ who }} : {{ text }}"
    )
    CannedReply.objects.create(unit=unit, name="Plombier", language="fr", body="Il vient.")
    Mailbox.objects.create(slug="nord", address="nord@example.test")
    boss = member(landlord["head"], "caretaker").user
    SignOnIdentity.objects.create(
        user=boss, issuer="https://idp.example", subject="1", linked_at=now(), used_at=now()
    )
    TOTP.activate(boss, generate_totp_secret())
    PromiseTerm.objects.create(kind="resolution", urgency="U3", hours=48)
    Route.objects.create(kind=Route.Kind.values[0], name="Médiation")
    holder = factories.contractor()
    factories.contract(holder)
    OnCallDuty.objects.create(
        trade=holder.trades.get(),
        contractor=holder,
        phone="0200000000",
        starts=now(),
        ends=now() + timedelta(days=1),
    )
    OnCallRung.objects.create(name="Nuit", phone="0639980001")
    factories.open311_key()
    factories.sensor(landlord["leak"], building=home.staircase.building)
    factories.watched(landlord, holder)
    AccessView.unscoped.create(order=WorkOrder.objects.system("test").get(), at=now(), role="agent")
    intake = Intake.unscoped.create(channel="mail", external_id="1", raw=b"", received_at=now())
    IntakeView.unscoped.create(intake=intake, at=now())
    return landlord


@pytest.fixture
def boss(client, house):
    client.force_login(administrator(house["head"]).user)
    return client


@pytest.mark.parametrize("label", NAMES)
def test_every_page_opens_for_an_administrator(boss, label):
    page = model_admin(label)
    assert page.about
    assert boss.get(url(label, "changelist"), follow=True).status_code == 200
    row = page.model._default_manager.first()
    if label == "agencies.openinghours":
        row = OpeningHours.objects.get(unit=None)
    assert boss.get(url(label, "change", row.pk)).status_code == 200
    expected = 403 if isinstance(page, ReadOnly) or label == "agencies.landlord" else 200
    assert boss.get(url(label, "add")).status_code == expected


def test_the_index_says_what_each_page_is_for(boss):
    said = boss.get("/settings/").content.decode()
    for page in OURS.values():
        assert str(page.about).replace("'", "&#x27;") in said
    assert "Authenticator" not in said


@pytest.mark.parametrize("label", NAMES)
def test_the_data_protection_officer_reads_only(client, house, label):
    client.force_login(administrator(house["head"], "dpo").user)
    row = model_admin(label).model._default_manager.first()
    if label == "agencies.openinghours":
        row = OpeningHours.objects.get(unit=None)
    assert client.get(url(label, "change", row.pk)).status_code == 200
    assert client.post(url(label, "change", row.pk), {}).status_code == 403
    assert client.get(url(label, "add")).status_code == 403


def test_an_administrator_lands_on_the_console(boss):
    assert boss.get("/enter/").url == "/console/"


def test_others_stay_outside(client, house):
    for user in (
        member(house["north"], "agent").user,
        member(house["north"], "admin").user,  # without the mark on the account
        administrator(house["south"], "agent").user,
    ):
        client.force_login(user)
        assert client.get(url("requests.category", "changelist")).status_code in {302, 403}


def test_a_role_that_ended_opens_nothing(client, house):
    membership = administrator(house["head"])
    Membership.objects.filter(pk=membership.pk).update(ends="2020-12-31")
    client.force_login(membership.user)
    assert client.get(url("requests.category", "changelist")).status_code == 403


def test_requests_and_their_events_are_not_in_the_settings():
    assert not {Claim, ClaimEvent} & set(admin.site._registry)


def test_nothing_with_a_history_is_deleted(boss, house):
    membership = Membership.objects.first()
    answer = boss.post(url("agencies.membership", "delete", membership.pk), {"post": "yes"})
    assert answer.status_code == 403
    for label in ("agencies.unit", "agencies.dwelling", "requests.category", "portal.user"):
        row = model_admin(label).model._default_manager.first()
        assert boss.post(url(label, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_tenant_is_a_reference_here(boss):
    tenant, lease = Tenant.objects.system("test").get(), Lease.unscoped.get()
    pages = [
        url("tenants.tenant", "changelist"),
        url("tenants.tenant", "change", tenant.pk),
        url("tenants.lease", "changelist"),
        url("tenants.lease", "change", lease.pk),
    ]
    for page in pages:
        said = boss.get(page).content.decode()
        assert "42" in said
        for secret in ("Quidam", "Zoé", "zoe@", "K7M4Q2XXXX"):
            assert secret not in said, page
    assert boss.get(url("tenants.tenant", "history", tenant.pk)).status_code == 403


def category_data(category: Category, **changes) -> dict:
    names = [f.name for f in Category._meta.fields if f.name not in {"id", "version", "code"}]
    data = {name: getattr(category, name) for name in names}
    data = {k: "" if v is None else v for k, v in data.items() if v is not False}
    data["family"] = category.family_id
    data |= {"asset": "dwelling", "tile": "water", "handled_by": "agency_technical"}
    management = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
    return data | {f"versions-{k}": v for k, v in management.items()} | changes


def test_a_changed_deadline_is_a_new_version_and_the_old_one_is_kept(boss, house):
    leak = house["leak"]
    page = url("requests.category", "change", leak.pk)
    assert boss.post(page, category_data(leak, ack_hours="8")).status_code == 302
    leak.refresh_from_db()
    assert (leak.version, leak.ack_hours) == (2, 8)
    kept = CategoryVersion.objects.get()
    assert kept.changes["ack_hours"] == ["24.00", "8"]
    assert kept.by.memberships.get().role == "admin"
    assert "24.00 → 8" in boss.get(page).content.decode()
    boss.post(page, category_data(leak))
    leak.refresh_from_db()
    assert leak.version == 2


def test_the_list_changes_deadlines_too(boss, house):
    rows = list(Category.objects.order_by("code"))
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "1"}
    for number, row in enumerate(rows):
        data |= {
            f"form-{number}-id": row.pk,
            f"form-{number}-urgency": row.urgency,
            f"form-{number}-ack_hours": "3",
            f"form-{number}-resolve_days": row.resolve_days,
            f"form-{number}-active": "on",
        }
    page = url("requests.category", "changelist")
    assert boss.post(page, data).status_code == 302
    assert CategoryVersion.objects.count() == len(rows)
    answer = boss.post(page, data | {"form-0-ack_hours": "0"})
    assert "A deadline must be above zero." in answer.content.decode()


def test_sources_to_check_are_marked(boss, house):
    Category.objects.filter(pk=house["leak"].pk).update(legal_source="D87-712 [v]; OPH31 [k]")
    said = boss.get(url("requests.category", "change", house["leak"].pk)).content.decode()
    assert 'mark--sure">checked' in said
    assert 'mark--check">to be checked' in said
    found = boss.get(url("requests.category", "changelist") + "?sources=check")
    assert found.context["cl"].result_count == 1


def test_a_wrong_text_is_refused_and_names_the_variable(boss):
    data = {"event": "plan", "channel": "email", "language": "fr", "active": "on"}
    page = url("requests.messagetext", "add")
    answer = boss.post(page, data | {"body": "Bonjour {{ prenom }}, le {{ date }}."})
    assert answer.status_code == 200
    assert "{{ prenom }} is not a variable" in answer.content.decode()
    assert MessageText.objects.body_for("plan", "email", "fr") is None
    assert boss.post(page, data | {"body": "Visite le {{ date }}."}).status_code == 302
    assert MessageText.objects.body_for("plan", "email", "fr-FR") == "Visite le {{ date }}."
    MessageText.objects.update(active=False)
    assert MessageText.objects.body_for("plan", "email", "fr") is None


@pytest.mark.parametrize(
    "body",
    ["{}", "{{}}", "{0}", "{date}", "{{ claim.tenant }}", "{{ date!r }}", "{{{date}}}", "{{ date }"]
    + ["a { b", "a } b", "a {{ b", "{% if date %}"],
)
def test_only_our_variables_pass(body):
    assert text_faults(body)


def test_variables_are_replaced_and_never_evaluated():
    said = fill(
        "{{ who }}: {{text}}\n{{ phone }}", {"who": "Sonia", "text": "{{ link }}", "phone": ""}
    )
    assert said == "Sonia: {{ link }}"
    assert text_faults(" ".join(f"{{{{ {name} }}}}" for name in VARIABLES)) == []


def test_the_preview_is_a_real_request_without_what_was_said(boss, house):
    claim = Claim.objects.system("test").create(
        reference="ABC234",
        token="t",
        channel="web",
        key="k",
        digest="d",
        category=house["leak"],
        urgency="U3",
        filed_at=now(),
        words="secret",
    )
    ClaimEvent.unscoped.create(
        claim=claim, name=Event.ASK, at=now(), state="in_review", facts={"text": "secret"}
    )
    text = MessageText.objects.get()
    MessageText.objects.update(body="{{ reference }} {{ category }} {{ text }}")
    said = boss.get(url("requests.messagetext", "change", text.pk)).content.decode()
    assert "ABC 234 Fuite" in said
    assert "secret" not in said


def test_an_administrator_cannot_touch_a_superuser_nor_an_address(boss):
    root = User.objects.create_superuser("root@example.test")
    assert boss.post(url("portal.user", "change", root.pk), {"email": "x@y.zz"}).status_code == 403
    user = User.objects.create_user("luc@example.test")
    boss.post(
        url("portal.user", "change", user.pk),
        {"email": "x@y.zz", "first_name": "Luc", "is_active": "on", "is_superuser": "on"},
    )
    user.refresh_from_db()
    assert (user.email, user.first_name, user.is_superuser) == ("luc@example.test", "Luc", False)


def test_a_superuser_replaces_an_address_after_a_proof_and_the_person_is_told(client, house):
    root = User.objects.create_superuser("root@example.test", "une longue phrase de passe")
    person = member(house["south"], "agent").user
    before = person.email
    EmailAddress.objects.create(user=person, email=before, verified=True, primary=True)
    theirs = Client()
    theirs.force_login(person)
    change = url("portal.user", "change", person.pk)
    values = {"email": "New@Example.test", "is_active": "on"}
    with time_machine.travel(now(), tick=False) as clock:
        client.force_login(root)
        client.get("/accessibility/")
        clock.shift(timedelta(minutes=20))
        assert "/accounts/reauthenticate/" in client.post(change, values).url
        person.refresh_from_db()
        assert person.email == before
        client.force_login(root)
        client.post(change, values)
    person.refresh_from_db()
    assert person.email == "new@example.test"
    assert not EmailAddress.objects.filter(user=person).exists()
    assert not theirs.get("/accessibility/").context["user"].is_authenticated
    assert mail.outbox[0].to == [before]
    assert "/not-me/" in mail.outbox[0].body


def test_tokens_groups_and_factors_of_others_have_no_page():
    """The console resets a lost factor; the rest is nobody else's to write."""
    labels = {model._meta.label_lower for model in admin.site._registry}
    assert not labels & {"portal.apitoken", "auth.group", "mfa.authenticator"}
    assert not labels & {"account.emailaddress", "authtoken.token"}


def test_no_page_of_a_library_adds_an_address_to_an_account():
    assert not [a for a in admin.site._registry.values() if "allauth" in type(a).__module__]


def test_a_new_account_has_no_password(boss):
    boss.post(url("portal.user", "add"), {"email": "Nina@Example.test", "is_active": "on"})
    assert not User.objects.get(email="nina@example.test").has_usable_password()


def test_a_new_unit_gets_its_desks_and_hours(boss):
    data = {"kind": "agency", "code": "est", "name": "Agence Est", "time_zone": "Europe/Paris"}
    data |= {"article": "auto"}  # chosen beforehand in the form
    for prefix in ("desks", "hours", "closures"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert boss.post(url("agencies.unit", "add"), data).status_code == 302
    unit = Unit.objects.get(code="est")
    assert {desk.kind for desk in unit.desks.all()} == set(AGENCY_DESKS)
    assert unit.hours.count() == 10


def test_there_is_one_landlord_and_pages_show_it(boss, client):
    client.logout()
    assert "02 40 11 11 11" in client.get("/talk/").content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Landlord.objects.create(id=2, name="Autre", phone="1")
    Landlord.objects.all().delete()
    assert "02 40 00 00 00" in client.get("/talk/").content.decode()


def test_stuck_work_is_tried_again_not_edited(boss):
    job = Job.objects.get(key="x")
    page = url("requests.job", "changelist")
    boss.post(page, {"action": "try_again", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.attempts == 0
    assert boss.post(url("requests.job", "change", job.pk), {"key": "y"}).status_code == 403
