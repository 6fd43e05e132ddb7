"""Who is told of lateness, by screen and by one mail; and what an absence changes."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from agencies.models import Absence
from portal.actor import Actor
from requests import tasks
from requests.channels.outbound import email
from requests.channels.outbound.receipt import Receipt
from requests.claims.events import Event
from requests.claims.transitions import advance, undo
from requests.jobs import queue
from requests.jobs.models import Job
from requests.notifications import lateness
from requests.promises import escalation
from requests.promises.models import EscalationStep, EscalationTold
from requests.teamwork import absences, assignment
from requests.teamwork.assignment_models import Charge
from tests.factories import pass_time
from tests.requests.fixtures.team import DAY, PARIS, TUESDAY, away, colleague, routed

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(landlord):
    """Sonia and Paul at the agency, Marc its manager, Helene at head office."""
    return {
        "sonia": colleague(landlord["north"], "agent", "Sonia"),
        "paul": colleague(landlord["north"], "agent", "Paul"),
        "marc": colleague(landlord["north"], "agency_manager", "Marc"),
        "helene": colleague(landlord["head"], "head_office", "Helene"),
    }


def reach(claim, level, kind="resolution"):
    step = EscalationStep.objects.get(promise__claim=claim, promise__kind=kind, level=level)
    assert escalation.carry_out_step(step_id=step.pk, now=step.due_at)
    return {t.membership for t in EscalationTold.objects.filter(step=step)}


def deliver_due():
    """Do the due attempts to send, and nothing else."""
    handlers = {Job.Kind.DELIVER: tasks.HANDLERS[Job.Kind.DELIVER]}
    Job.objects.exclude(kind="deliver").filter(done_at=None).update(done_at=TUESDAY)
    queue.drain(handlers, lambda: TUESDAY + timedelta(days=2))


def tell(job):
    """Run the gathering of one colleague's mail, and send it."""
    lateness.gather(key=job.key, now=TUESDAY + timedelta(days=2), **job.payload)
    deliver_due()


def test_desk_then_manager_then_head_office(landlord, team):
    claim = routed(landlord)
    assert reach(claim, "before") == {team["sonia"], team["paul"]}
    assert reach(claim, "due") == {team["marc"]}
    assert reach(claim, "after") == {team["helene"]}


def test_only_who_has_it_in_hand_is_told_at_the_desk(landlord, team):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    assert reach(claim, "before") == {team["paul"]}


def test_who_is_away_is_skipped_and_who_stands_in_is_told(landlord, team):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    away(team["paul"], 30, team["sonia"])
    away(team["marc"], 30)
    assert reach(claim, "before") == {team["sonia"]}
    # Nobody manages the agency these days: head office hears at once.
    assert reach(claim, "due") == {team["helene"]}


def test_a_job_done_while_the_clock_was_behind_is_taken_up_again(landlord, team):
    claim = routed(landlord)
    step = EscalationStep.objects.get(promise__claim=claim, promise__kind="resolution", level="due")
    escalation.sweep(now=step.due_at)
    assert not escalation.carry_out_step(step_id=step.pk, now=step.due_at - timedelta(hours=1))
    job = Job.objects.get(kind="escalate", key=str(step.pk))
    Job.objects.filter(pk=job.pk).update(done_at=TUESDAY)
    escalation.sweep(now=step.due_at)
    job.refresh_from_db()
    assert job.done_at is None


def test_one_mail_gathers_what_was_passed_up(landlord, team, client):
    first, second = routed(landlord, "a"), routed(landlord, "b")
    for claim in (first, second):
        reach(claim, "due", "acknowledgement")
    jobs = Job.objects.filter(kind="lateness", key__startswith=f"{team['marc'].pk}:")
    assert jobs.count() == 1
    for _twice in range(2):
        tell(jobs.get())
    (sent,) = mail.outbox
    assert sent.to == [team["marc"].user.email]
    assert first.spoken_reference in sent.body
    assert second.spoken_reference in sent.body
    client.force_login(team["marc"].user)
    page = client.get(reverse("agency:inbox"), {"view": "passed"})
    assert first.spoken_reference in page.content.decode()
    # Once kept, it leaves the counter.
    advance(
        claim=first,
        transition=Event.ANSWER,
        actor=Actor.member(team["sonia"]),
        now=TUESDAY,
        text="C'est fait",
    )
    chips = {c["name"]: c["count"] for c in client.get(reverse("agency:inbox")).context["chips"]}
    assert chips["passed"] == 1


def test_a_kept_promise_is_not_mailed(landlord, team):
    claim = routed(landlord)
    reach(claim, "due", "acknowledgement")
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["sonia"]), now=TUESDAY
    )
    tell(Job.objects.get(kind="lateness", key__startswith=f"{team['marc'].pk}:"))
    assert mail.outbox == []


def test_a_mail_that_is_refused_is_tried_again(landlord, team, monkeypatch):
    reach(routed(landlord), "due", "acknowledgement")
    with monkeypatch.context() as patched:
        patched.setattr(email, "send", lambda mail: Receipt(False, answer="451"))
        tell(Job.objects.get(kind="lateness", key__startswith=f"{team['marc'].pk}:"))
    assert mail.outbox == []
    pass_time(minutes=2)
    deliver_due()
    assert [sent.to for sent in mail.outbox] == [[team["marc"].user.email]]


def test_a_mail_that_never_arrives_is_told_on_the_claim_and_by_the_next_mail(
    landlord, team, monkeypatch
):
    claim = routed(landlord)
    reach(claim, "due", "acknowledgement")
    refused = Receipt(False, answer="550", permanent=True)
    with monkeypatch.context() as patched:
        patched.setattr(email, "send", lambda mail: refused)
        tell(Job.objects.get(kind="lateness", key__startswith=f"{team['marc'].pk}:"))
    assert EscalationTold.objects.filter(mailed_at=None, membership=team["marc"]).exists()
    notes = claim.messages.filter(direction="note").values_list("text", flat=True)
    assert [team["marc"].user.email in text for text in notes] == [True]


def test_in_hand_follows_the_days_and_comes_back(landlord, team):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    away(team["paul"], 1, team["sonia"])
    held = assignment.holder(claim, DAY)
    assert (held.member, held.today) == (team["paul"], team["sonia"])
    away(team["sonia"], 1)
    assert assignment.holder(claim, DAY).today is None  # both away: the desk's
    assert assignment.holder(claim, DAY + timedelta(days=2)).today == team["paul"]


def test_the_replacement_sees_it_in_their_hands(landlord, team, client, monkeypatch):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    monkeypatch.setattr("requests.inbox.listing.now", lambda: TUESDAY)
    client.force_login(team["sonia"].user)
    address = reverse("agency:inbox") + "?view=mine"
    assert claim.spoken_reference not in client.get(address).content.decode()
    away(team["paul"], 1, team["sonia"])
    assert claim.spoken_reference in client.get(address).content.decode()


def test_handing_over_ends_the_charge_and_undo_brings_it_back(landlord, team):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    desk = landlord["south"].desks.first()
    event = advance(
        claim=claim,
        transition=Event.HAND_OVER,
        actor=Actor.member(team["paul"]),
        now=TUESDAY + timedelta(minutes=1),
        desk=desk.pk,
        reason="à vous",
        due=(TUESDAY + timedelta(days=1)).isoformat(),
    )
    assert assignment.holder(claim, DAY) is None
    undo(event=event, actor=Actor.member(team["paul"]), now=event.at)
    assert assignment.holder(claim, DAY).member == team["paul"]


def test_the_database_refuses_two_absences_at_once(landlord, team):
    away(team["paul"], 5)
    with pytest.raises(absences.OverlappingAbsence):
        away(team["paul"], 1)


def test_staff_enter_their_own_and_the_manager_everybodys(landlord, team, client):
    page = reverse("absences:index")
    today = datetime.now(PARIS).date()
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat()}
    client.force_login(team["sonia"].user)
    refused = client.post(page, {"member": team["paul"].pk, **days})
    assert refused.status_code == 422
    assert not Absence.objects.exists()
    client.force_login(team["marc"].user)
    sent = {"member": team["paul"].pk, "replacement": team["sonia"].pk, **days}
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent).status_code == 422  # the same days again
    row = Absence.objects.get()
    client.force_login(team["sonia"].user)
    assert client.post(reverse("absences:cancel", args=[row.pk])).status_code == 404
    client.force_login(team["marc"].user)
    assert client.post(reverse("absences:cancel", args=[row.pk])).status_code == 302


def test_giving_back_is_for_whoever_has_it(landlord, team, client):
    claim = routed(landlord)
    advance(
        claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(team["paul"]), now=TUESDAY
    )
    address = reverse("absences:give_back", args=[claim.pk])
    client.force_login(team["sonia"].user)
    assert client.post(address).status_code == 404
    client.force_login(team["paul"].user)
    assert client.post(address).status_code == 302
    assert not Charge.objects.filter(ends_at=None).exists()
