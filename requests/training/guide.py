"""What stands beside every page for somebody who practises: the exercise in hand."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from agencies.models import Membership
from portal.clock import now
from portal.phones import national_format
from requests.claims.models import Claim
from requests.training import exercises, people, situations
from requests.training.exercises import Exercise
from tenants.models import ContactPoint, Tenant

SKIPPED = "training_skipped"  # in the session: keys of exercises that the person leaves out


@dataclass(frozen=True)
class Stage:
    """One exercise of a person, as it stands: new, begun, done or skipped."""

    exercise: Exercise
    number: int
    state: str
    steps: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Guide:
    """Everything that the box shows. ``now``: the first exercise not done; None at the end."""

    stages: list[Stage]
    now: Stage | None
    done: int
    last: Stage | None  # the one done just before ``now``


def of(request: HttpRequest) -> Guide | None:
    """Return the guide of whoever practises; None for all others, without a query."""
    member = getattr(request, "membership", None)
    if member is None or not people.practises(request.user):
        return None
    skipped = request.session.get(SKIPPED, [])
    stages = [
        _stage(member, exercise, number, skipped)
        for number, exercise in enumerate(exercises.BY_ROLE.get(member.role, ()), start=1)
    ]
    current = next((one for one in stages if one.state in ("new", "begun")), None)
    before = stages[: stages.index(current)] if current else stages
    return Guide(
        stages,
        current,
        sum(one.state == "done" for one in stages),
        before[-1] if before and before[-1].state == "done" else None,
    )


def _stage(member: Membership, exercise: Exercise, number: int, skipped: list[str]) -> Stage:
    claim = situations.claim_of(member.user, exercise.key) if exercise.category else None
    if exercise.is_done(member.user, claim):
        return Stage(exercise, number, "done")
    if exercise.key in skipped:
        return Stage(exercise, number, "skipped")
    if exercise.category and claim is None:
        return Stage(exercise, number, "new")
    return Stage(
        exercise, number, "begun", _steps(member, exercise, claim, number), _page(exercise, claim)
    )


def _steps(
    member: Membership, exercise: Exercise, claim: Claim | None, number: int
) -> tuple[str, ...]:
    """Return the steps with the reference, name and number of whom they are about."""
    tenant = claim.tenant if claim else None
    if exercise.caller:
        tenant = situations.tenant_for(member, number=number, now=now())
    words = {
        "ref": claim.spoken_reference if claim else "",
        "who": str(tenant or ""),
        "phone": _phone(tenant),
    }
    return tuple(str(step).format(**words) for step in exercise.steps)


def _phone(tenant: Tenant | None) -> str:
    points = ContactPoint.objects.system("training").filter(
        tenant=tenant, kind=ContactPoint.Kind.PHONE, failing=False
    )
    point = points.order_by("pk").first() if tenant else None
    return national_format(point.value) if point else ""


def _page(exercise: Exercise, claim: Claim | None) -> str:
    """Return where the exercise is done."""
    if exercise.key == exercises.FIND.key:
        return ""  # finding it is the exercise
    if exercise.page:
        return reverse(exercise.page)
    return reverse("agency:claim", args=[claim.pk]) if claim else ""
