"""Change how a person is reached: the same steps for the person's own page and for staff."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from requests.identity import point_codes
from requests.identity.contact_checks import channel_of
from requests.identity.contact_forms import FORMS, HoursForm, LanguageForm, PointCodeForm, explain
from tenants.actions import contact_check, contact_points, household_changes
from tenants.actions.contact_points import By
from tenants.contact_strength import Strength, strength
from tenants.models import ContactPoint, Occupancy, PersonChange, PointCode, Tenant

LAST = 10
# What can be done with a point; "yes" and "no" are also asked by messages.
WAYS = ("yes", "no", "prefer", "code")


def save(
    what: str, form: forms.Form, tenant: Tenant, *, side: str, by, now: datetime
) -> str | None:
    """Make the change of a valid form; return what to say, or None with an error in the form."""
    given = form.cleaned_data
    who = {"tenant": tenant, "side": side, "by": by, "now": now}
    try:
        if what == "point":
            _point, asked = add_point(typed=given["value"], **who)
            if not asked:
                return _("Added.")
            return _("Added. We are sending a code there: type it below.")
        if what == "address":
            contact_points.add_address(typed=given["value"], **who)
        elif what == "language":
            household_changes.set_language(language=given["language"], **who)
        elif what == "hours":
            household_changes.set_hours(since=given["since"], until=given["until"], **who)
        elif what == "need":
            household_changes.add_need(code=given["code"], until=given["until"], **who)
        else:
            household_changes.declare_occupant(tenant=tenant, by=by, now=now, **given)
            return _("Noted. Somebody of the office checks it.")
    except (contact_points.NotPossible, household_changes.NotPossible) as error:
        explain(form, error.args[0])
        return None
    return _("Saved.")


def step(point: ContactPoint, way: str, *, side: str, by, now: datetime) -> str:
    """Do one thing with a point, one of ``WAYS``; return what to say."""
    if way == "yes":
        contact_check.confirm(point, now)
        return _("Thank you: we go on writing there.")
    if way == "prefer":
        contact_points.prefer(point, side=side, by=by, now=now)
        return _("We write there first from now on.")
    if way == "code":
        try:
            point_codes.ask(point, now)
        except contact_points.NotPossible:
            return _("You can ask for five codes a day, no more. Try again tomorrow, or call us.")
        return _("We are sending a code. Type it below.")
    give_up(point, side=side, by=by, now=now)
    return _("We send nothing there any more.")


@transaction.atomic
def add_point(
    *, tenant: Tenant, typed: str, side: str, by, now: datetime
) -> tuple[ContactPoint, bool]:
    """Add a phone or an e-mail, tell the person's others, and ask the person to prove it.

    Return it, and whether a code is on its way. Raises ``contact_points.NotPossible``.
    """
    point = contact_points.add(tenant=tenant, typed=typed, side=side, by=by, now=now)
    return point, _told(point, side, now)


@transaction.atomic
def correct_point(point: ContactPoint, *, typed: str, side: str, by, now: datetime) -> ContactPoint:
    """Put the right number or address in the place of a wrong one, and tell the others.

    Raises ``contact_points.NotPossible``.
    """
    right = contact_points.correct(point, typed=typed, side=side, by=by, now=now)
    if right.kind != ContactPoint.Kind.POSTAL:
        _told(right, side, now)
    return right


@transaction.atomic
def give_up(point: ContactPoint, *, side: str, by, now: datetime) -> None:
    """Send nothing to a point any more, and tell the person's others."""
    contact_points.remove(point, side=side, by=by, now=now)
    point.refresh_from_db()
    point_codes.tell_others(point, "removed", now)


def _told(point: ContactPoint, side: str, now: datetime) -> bool:
    """Tell the other points of a new one; return whether the person is asked to prove it."""
    point_codes.tell_others(point, "added", now)
    if side != By.PERSON or not channel_of(point):
        return False
    point_codes.ask(point, now)
    return True


def check(point: ContactPoint, form: PointCodeForm, *, by, now: datetime) -> str | None:
    """Prove a point by the code of a valid form; None with an error in the form."""
    try:
        proved = contact_points.check_code(point, form.cleaned_data["code"], by=by, now=now)
    except contact_points.NotPossible as error:
        explain(form, error.args[0])
        return None
    if proved:
        return _("Thank you: we know now that it is yours.")
    return _("Somebody else proved it before. A person of the office looks at it and calls you.")


def context(
    tenant: Tenant,
    now: datetime,
    *,
    point_url: Callable[[int, str], str],
    edit_url: Callable[[str], str],
    own: bool = False,
    failed: tuple[str, forms.Form] | None = None,
) -> dict:
    """Return what the page of one person's contacts shows, with the form that failed, if any.

    ``own``: the person reads it. ``failed`` names a form of ``FORMS``, or ``code-<number>`` of a
    point.
    """
    today = timezone.localdate(now)
    wrong, bad = failed or ("", None)
    points = list(tenant.contact_points.order_by("failing", "-preferred", "kind", "pk"))
    codes = {row.point_id: row for row in PointCode.objects.of(point__in=points)}
    for point in points:
        point.sure = contact_check.is_current(point, now)
        point.title = f"{capfirst(point.get_kind_display())} · {point}".replace("\n", ", ")
        point.worth = _worth(point, own)
        point.urls = {way: point_url(point.pk, way) for way in (*WAYS, "check")}
        point.takes_code = bool(channel_of(point)) and not point.verified
        code = codes.get(point.pk)
        point.waiting_code = code if code and code.expires_at > now else None
        if wrong == f"code-{point.pk}":
            point.code_form = bad
        elif point.waiting_code:
            point.code_form = PointCodeForm(auto_id=f"code{point.pk}_%s")
    made = {}
    for name, kind in FORMS.items():
        first = _kept(tenant) if kind in (LanguageForm, HoursForm) else None
        fresh = kind(initial=first, auto_id=f"{name}_%s")
        form = bad if bad is not None and name == wrong else fresh
        form.action = edit_url(name)
        made[name] = form
    stays = tenant.occupancies.all().in_force(today).acting()
    return {
        "points": [point for point in points if not point.failing],
        "given_up": [point for point in points if point.failing],
        "occupant": made.pop("occupant"),
        "forms": made,
        "summary": bad,
        "needs": tenant.needs.filter(expires__gte=today).order_by("expires"),
        "home": Occupancy.objects.of(lease__in=stays.values("lease"))
        .in_force(today)
        .select_related("tenant")
        .order_by("starts", "pk"),
        "own": own,
        "acts": stays.exists(),
        "asked_in": tenant.changes.waiting().filter(what=PersonChange.What.OCCUPANT),
        "changes": tenant.changes.changes().select_related("by", "decision")[:LAST],
    }


def _kept(tenant: Tenant) -> dict:
    return {
        "language": tenant.language,
        "since": tenant.texts_from,
        "until": tenant.texts_until,
    }


def _worth(point: ContactPoint, own: bool) -> str:
    """Return in words how sure it is that the point is theirs."""
    if point.proposed:
        return _("to be checked by the office")
    if point.bounced_at:
        return _("messages do not arrive there")
    worth = strength(verified=point.verified, proof=point.proof, failing=point.failing)
    if worth == Strength.PROVED:
        return _("proved")
    if worth == Strength.CONFIRMED:
        return _("confirmed by a colleague")
    if own:
        return _("not proved yet")
    return _("%(origin)s, not proved yet") % {"origin": point.get_origin_display()}
