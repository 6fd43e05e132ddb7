"""Test complaints in two stages with another reviewer, and the deadlines of formal notices."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, undo
from requests.complaints import actions as complaints
from requests.complaints import recourse
from requests.complaints import stages as complaint_stages
from requests.complaints.models import Complaint, ComplaintStage, FormalNotice
from requests.jobs.models import Job
from requests.promises.models import Promise
from tests import factories
from tests.requests.fixtures.team import PARIS, TUESDAY, colleague, routed

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(landlord):
    factories.category("ADM-17", "A3", "crc", label_en="Complaint about service", resolve_days=10)
    return {
        "sonia": colleague(landlord["north"], "agent", "Sonia"),
        "paul": colleague(landlord["north"], "agent", "Paul"),
        "marc": colleague(landlord["north"], "agency_manager", "Marc"),
        "helene": colleague(landlord["head"], "head_office", "Helene"),
    }


@pytest.fixture
def handled(landlord, office):
    """Return a claim that Sonia answered."""
    claim = routed(landlord)
    advance(
        claim=claim,
        transition=Event.ANSWER,
        actor=Actor.member(office["sonia"]),
        now=TUESDAY,
        text="C'est non",
    )
    return claim


def complain(claim, words="Personne n'est venu.", at=TUESDAY) -> Claim:
    return complaints.file(about=claim, words=words, channel="web", actor=Actor.TENANT, now=at)


def answered(claim, who, at):
    return advance(
        claim=claim, transition=Event.ANSWER, actor=Actor.member(who), now=at, text="Voici"
    )


def due(claim, kind):
    return Promise.objects.get(claim=claim, kind=kind, ended_at=None, kept_at=None).due_at


def test_five_and_ten_working_days(handled):
    claim = complain(handled)
    # Tuesday 9:00 and five days of eight hours: the next Tuesday, 9:00.
    assert due(claim, "complaint_ack") == datetime(2026, 3, 10, 9, tzinfo=PARIS)
    assert due(claim, "complaint_reply") == datetime(2026, 3, 17, 9, tzinfo=PARIS)
    steps = Promise.objects.get(claim=claim, kind="complaint_reply").steps
    assert set(steps.values_list("level", flat=True)) == {"before", "due", "after"}
    assert handled.events.filter(name=Event.COMPLAINED).count() == 1


def test_sent_twice_it_is_one_complaint(handled):
    assert complain(handled) == complain(handled) == complain(handled, "Encore.")
    assert Complaint.objects.count() == 1


def test_who_handled_the_matter_does_not_answer(handled, office):
    claim = complain(handled)
    with pytest.raises(complaint_stages.NotTheReviewer):
        answered(claim, office["sonia"], TUESDAY)
    with pytest.raises(workflow.NotAllowed):
        advance(
            claim=claim,
            transition=Event.REPORT_DONE,
            actor=Actor.member(office["sonia"]),
            now=TUESDAY,
        )
    answered(claim, office["paul"], TUESDAY)
    stage = ComplaintStage.objects.get()
    assert (stage.number, stage.reviewer) == (1, office["paul"])


def test_the_second_stage_is_head_offices_and_another_persons(handled, office, landlord):
    claim = complain(handled)
    answered(claim, office["paul"], TUESDAY + timedelta(hours=1))
    later = TUESDAY + timedelta(days=1)
    advance(claim=claim, transition=Event.SAY_NOT_FIXED, actor=Actor.TENANT, now=later)
    claim.refresh_from_db()
    assert claim.owner.unit == landlord["head"]
    second = ComplaintStage.objects.get(number=2)
    assert second.answer_due == datetime(2026, 4, 1, 9, tzinfo=PARIS)
    assert due(claim, "complaint_reply") == second.answer_due
    assert claim.events.filter(name=Event.SECOND_STAGE).count() == 1
    for barred in ("paul", "sonia"):
        with pytest.raises(complaint_stages.NotTheReviewer):
            answered(claim, office[barred], later)
    answered(claim, office["helene"], later)
    second.refresh_from_db()
    assert second.reviewer == office["helene"]
    # There is no third stage.
    advance(
        claim=claim,
        transition=Event.SAY_NOT_FIXED,
        actor=Actor.TENANT,
        now=later + timedelta(days=1),
    )
    assert ComplaintStage.objects.count() == 2


def test_an_undone_answer_opens_the_stage_again(handled, office):
    claim = complain(handled)
    event = answered(claim, office["paul"], TUESDAY + timedelta(hours=1))
    undo(event=event, actor=Actor.member(office["paul"]), now=event.at)
    stage = ComplaintStage.objects.get()
    assert stage.answered_at is None
    assert stage.reviewer is None


def test_a_complaint_filed_like_any_claim_has_its_stage_too(landlord, office):
    from requests.filing.actions import Filing, file_claim
    from requests.routing.actions import route_claim

    filing = Filing(
        channel="phone", key="c", category="ADM-17", dwelling=landlord["dwelling"].pk, words="Non"
    )
    claim = file_claim(filing, actor=Actor.TENANT, now=TUESDAY)
    route_claim(claim_id=claim.pk, now=TUESDAY)
    assert claim.complaint.stages.count() == 1


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 3, 3), date(2026, 5, 3)),
        (date(2025, 12, 31), date(2026, 2, 28)),
        (date(2027, 12, 30), date(2028, 2, 29)),
        (date(2026, 11, 30), date(2027, 1, 30)),
    ],
)
def test_two_months_end_on_the_same_day_or_the_months_last(received, last):
    assert recourse.months_after(received, 2) == last
    until = recourse.decency_deadline(received, "Europe/Paris")
    assert until == datetime(last.year, last.month, last.day, 23, 59, tzinfo=PARIS)


def noticed(claim, office, kind="decency", **values):
    return complaints.record_formal_notice(
        **{
            "claim": claim,
            "kind": kind,
            "dated": date(2026, 3, 1),
            "received": date(2026, 3, 3),
            "answer_by": None,
            "channel": "letter",
            "words": "Humidité : mettre le logement en conformité.",
            "actor": Actor.member(office["sonia"]),
            "now": TUESDAY,
            **values,
        }
    )


def test_a_demand_for_a_decent_home_runs_two_months(landlord, office):
    claim = routed(landlord)
    notice = noticed(claim, office)
    assert notice.answer_by == datetime(2026, 5, 3, 23, 59, tzinfo=PARIS)
    assert due(claim, "legal_term") == notice.answer_by
    event = claim.events.get(name=Event.FORMAL_NOTICE)
    assert datetime.fromisoformat(event.facts["promise_at"]) == notice.answer_by
    assert Job.objects.filter(kind="notify", key=str(event.pk)).exists()
    # A later letter does not postpone the date; a shorter demand brings it forward.
    noticed(claim, office, received=date(2026, 4, 3))
    assert due(claim, "legal_term") == notice.answer_by
    noticed(claim, office, kind="notice", answer_by=date(2026, 3, 20))
    assert due(claim, "legal_term") == datetime(2026, 3, 20, 23, 59, tzinfo=PARIS)
    advance(
        claim=claim, transition=Event.REPORT_DONE, actor=Actor.member(office["sonia"]), now=TUESDAY
    )
    assert not Promise.objects.filter(claim=claim, kind="legal_term", kept_at=None, ended_at=None)


def test_a_notice_without_date_is_logged_without_promise(landlord, office):
    claim = routed(landlord)
    assert noticed(claim, office, kind="notice").answer_by is None
    assert not Promise.objects.filter(claim=claim, kind="legal_term").exists()


# Pages


def test_the_tenant_complains_by_the_link_and_follows_it(client, handled):
    address = reverse("follow_complain", args=[handled.token])
    assert address in client.get(reverse("follow", args=[handled.token])).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"words": " "}).status_code == 422
    sent = client.post(address, {"words": "Personne n'est venu."})
    made = Complaint.objects.get().claim
    assert sent.url == reverse("follow", args=[made.token])
    assert handled.spoken_reference in client.get(sent.url).content.decode()
    assert client.get(address).url == sent.url
    own = reverse("follow_complain", args=[made.token])
    assert client.get(own).status_code == 404


def test_the_tenant_complains_by_login_only_about_their_own(client, landlord, office):
    awa = factories.tenant(landlord["dwelling"], email="awa@example.test")
    theirs, other = routed(landlord, "a"), routed(landlord, "b")
    type(theirs).objects.system("test").filter(pk=theirs.pk).update(tenant=awa)
    landlord["leak"].__class__.objects.filter(pk=landlord["leak"].pk).update(sensitive=True)
    client.force_login(awa.user)
    assert client.get(reverse("my:complain", args=[other.pk])).status_code == 404
    sent = client.post(reverse("my:complain", args=[theirs.pk]), {"words": "Trop long."})
    made = Complaint.objects.get().claim
    assert sent.url == reverse("my:claim", args=[made.pk])
    assert client.get(sent.url).status_code == 200


def offered(page) -> set:
    """Return the transitions that a claim's page offers."""
    forms = [*page.context["others"], page.context["lead"], page.context["proposal"]]
    return {form.transition for form in forms if form}


def test_the_page_takes_the_answer_from_who_handled_it(client, handled, office):
    claim = complain(handled)
    page = reverse("agency:claim", args=[claim.pk])
    client.force_login(office["sonia"].user)
    shown = client.get(page)
    assert shown.context["barred"]
    assert offered(shown).isdisjoint({"answer", "refuse", "report_done"})
    client.force_login(office["paul"].user)
    shown = client.get(page)
    assert not shown.context["barred"]
    assert {"answer", "refuse"} <= offered(shown)


def test_staff_keep_a_complaint_and_log_a_notice(client, handled, office):
    client.force_login(office["sonia"].user)
    address = reverse("complaint_heard", args=[handled.pk])
    assert client.post(address, {"channel": "phone"}).status_code == 422
    sent = {"channel": "phone", "words": "Elle dit que personne n'est venu."}
    assert client.post(address, sent).status_code == 302
    assert Complaint.objects.get().about == handled
    address = reverse("formal_notice", args=[handled.pk])
    today = datetime.now(PARIS).date()
    letter = {
        "kind": "decency",
        "dated": (today - timedelta(days=3)).isoformat(),
        "received": today.isoformat(),
        "channel": "letter",
        "words": "Mise en conformité",
    }
    wrong = letter | {"dated": (today + timedelta(days=1)).isoformat()}
    assert client.post(address, wrong).status_code == 422
    assert client.post(address, letter).status_code == 302
    assert FormalNotice.unscoped.get().received == today


def test_head_office_lists_filters_and_downloads(client, handled, office):
    claim = complain(handled, at=now() - timedelta(days=60))
    client.force_login(office["helene"].user)
    page = reverse("complaints")
    assert claim.spoken_reference in client.get(page).content.decode()
    assert claim.spoken_reference in client.get(page, {"where": "late"}).content.decode()
    assert claim.spoken_reference not in client.get(page, {"stage": "2"}).content.decode()
    assert claim.spoken_reference not in client.get(page, {"unit": "sud"}).content.decode()
    text = client.get(reverse("complaints_csv"), {"where": "waiting"}).getvalue().decode()
    assert claim.reference in text
    client.force_login(office["sonia"].user)
    assert client.get(page).status_code == 403


def test_the_routes_are_said_with_their_conditions(client, db):
    from requests.complaints.models import Route

    Route.objects.create(kind="ombudsman", name="Médiation de l'habitat", phone="01 02 03 04 05")
    text = client.get(reverse("recourse")).content.decode()
    for said in ("L612-1", "L612-2", "article 20-1", "750-1", "01 02 03 04 05"):
        assert said in text
    # The commission does not hear disputes on rents in social housing: the page must say so.
    for unsaid in ("or the rent", "not certain", "to be confirmed"):
        assert unsaid not in text
