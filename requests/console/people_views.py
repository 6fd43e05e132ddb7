"""The landlord's people: the list, one person, and what is done with their access."""

from datetime import date, datetime

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import absences, roles
from agencies.http_types import StaffRequest
from agencies.models import Absence, Membership, Unit
from portal import windows
from portal.access import MEMBER_ROLES, Role, audience
from portal.clock import now
from portal.sessions import MFA_ROLES
from requests.console import holdings, invitations
from requests.console.models import StaffInvitation
from requests.console.people_forms import InviteForm, NamesForm, TakerForm
from requests.teamwork import absences as record
from requests.teamwork.absence_forms import AbsenceForm

PER_PAGE = 50
STATES = ("here", "invited", "pending", "ended")


def _factors() -> Exists:
    """Return whether a member has a second factor, recovery codes aside."""
    codes = Authenticator.Type.RECOVERY_CODES
    return Exists(Authenticator.objects.filter(user=OuterRef("user")).exclude(type=codes))


def rows(moment: datetime) -> QuerySet[Membership]:
    """Return every role of the landlord's people, with what the list says of it."""
    today = timezone.localdate(moment)
    waiting = StaffInvitation.objects.filter(membership=OuterRef("pk"), accepted_at=None)
    return (
        Membership.everything.select_related("user", "unit", "invitation", "contractor")
        .annotate(
            has_factor=_factors(),
            is_invited=Exists(waiting),
            is_away=Exists(absences.absences_on(today).filter(membership=OuterRef("pk"))),
        )
        .prefetch_related("seats__desk", "sectors")
        .order_by("user__last_name", "user__first_name", "pk")
    )


def _filtered(request: StaffRequest, found: QuerySet, today: date) -> QuerySet[Membership]:
    for word in request.GET.get("q", "").split()[:6]:
        found = found.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__email__icontains=word)
        )
    if unit := request.GET.get("unit"):
        found = found.filter(unit__code=unit)
    if role := request.GET.get("role"):
        found = found.filter(role=role)
    ended = Q(ends__lt=today) | Q(user__is_active=False)
    match request.GET.get("state"):
        case "invited":
            return found.filter(is_invited=True).exclude(ended)
        case "pending":
            return found.filter(pending=True)
        case "ended":
            return found.filter(ended)
    return found.exclude(ended)


def describe(row: Membership, moment: datetime) -> None:
    """Write on a row of the list how it stands, for its template."""
    today = timezone.localdate(moment)
    invitation = getattr(row, "invitation", None)
    row.ended = not row.user.is_active or (row.ends is not None and row.ends < today)
    waits = invitation if invitation and invitation.accepted_at is None else None
    row.invited = waits is not None and not row.ended
    row.expired = row.invited and waits is not None and not waits.is_open(moment)
    row.lacks_factor = not row.ended and not row.invited and not row.has_factor
    row.lacks_factor = row.lacks_factor and row.role in MFA_ROLES


@audience(Role.ADMIN)
@require_GET
def people(request: StaffRequest) -> HttpResponse:
    """List the people by name, narrowed by words, unit, role and how they stand."""
    moment = now()
    found = _filtered(request, rows(moment), timezone.localdate(moment))
    page = windows.page(request, found, PER_PAGE)
    for row in page:
        describe(row, moment)
    states = [
        ("here", _("in force or invited")),
        ("invited", _("invited, not signed in yet")),
        ("pending", _("waiting for a second person")),
        ("ended", _("ended")),
    ]
    context = {
        "page_obj": page,
        "query": windows.kept(request.GET),
        "units": Unit.objects.all(),
        "roles": [(role.value, role.label) for role in MEMBER_ROLES],
        "states": states,
        "filtered": any(request.GET.get(name) for name in ("q", "unit", "role", "state")),
        "waiting": Membership.everything.filter(pending=True).count(),
    }
    return render(request, "requests/console/people.html", context)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def invite(request: StaffRequest) -> HttpResponse:
    """Invite somebody: account, role and desks at once, by mail."""
    typed = request.POST if request.method == "POST" else None
    form = InviteForm(typed, initial={"unit": _only_unit()})
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            member, token = invitations.invite(
                **{name: data[name] for name in ("email", "first_name", "last_name", "role")},
                unit=data["unit"],
                desks=data["desks"],
                sectors=data.get("sectors") or [],
                contractor=data.get("contractor"),
                by=request.user,
                now=now(),
            )
        except invitations.AlreadyThere:
            form.add_error("email", _("This person has this role in this unit already."))
        else:
            _send(request, member, token)
            if "again" in request.POST:
                return redirect("console:invite")
            return redirect("console:person", member.pk)
    status = 422 if form.errors else 200
    return render(request, "requests/console/invite.html", {"form": form}, status=status)


def _only_unit() -> Unit | None:
    found = list(Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE)[:2])
    return found[0] if len(found) == 1 else None


def _send(request: StaffRequest, member: Membership, token: str) -> None:
    """Mail the invitation, and say what became of it."""
    if invitations.send(member, token, by=request.user):
        said = _("Invitation sent to %(email)s.") % {"email": member.user.email}
        messages.success(request, said)
    else:
        messages.error(
            request,
            _("The mail server did not take the invitation. It is kept: send it again later."),
        )
    if member.pending:
        messages.warning(request, _("This role waits until a second person confirms it."))


def find(pk: int) -> Membership:
    """Return one role with its person, whoever it is; 404 for none."""
    member = get_object_or_404(rows(now()), pk=pk)
    describe(member, now())
    return member


@audience(Role.ADMIN)
@require_GET
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one person: their roles, what they have in hand, and what can be done."""
    return page(request, find(pk))


def page(request: StaffRequest, member: Membership, status: int = 200, **forms) -> HttpResponse:
    """Draw the page of one person; ``forms`` are those with mistakes, by name."""
    moment = now()
    today = timezone.localdate(moment)
    takers = holdings.takers(member, moment)
    user = member.user
    names = {"first_name": user.first_name, "last_name": user.last_name}
    context = {
        "person": member,
        "others": Membership.everything.filter(user=user).exclude(pk=member.pk)
        .select_related("unit").order_by("-starts"),
        "held": holdings.held_by(member, moment),
        "factors": Authenticator.objects.filter(user=user)
        .exclude(type=Authenticator.Type.RECOVERY_CODES).count(),
        "away": Absence.objects.filter(
            membership=member, cancelled_at=None, last_day__gte=today
        ).select_related("replacement__user").order_by("first_day"),
        "own": user == request.user,
        "needs_factor": member.role in MFA_ROLES,
        "leave_form": TakerForm(takers=takers, prefix="leave"),
        "names_form": NamesForm(initial=names, prefix="names"),
        "away_form": AbsenceForm(
            members=Membership.objects.filter(pk=member.pk),
            colleagues=takers,
            today=today,
            initial={"member": member.pk},
        ),
        **forms,
    }  # fmt: skip
    for name in ("leave_form", "names_form", "away_form"):
        if context[name].errors:
            context["form"] = context[name]
    return render(request, "requests/console/person.html", context, status=status)


@audience(Role.ADMIN)
@require_POST
def resend(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a new link; the former one stops working."""
    member = find(pk)
    if not member.invited:
        messages.error(request, _("This invitation was used or withdrawn."))
        return redirect("console:person", pk)
    _send(request, member, invitations.renew(member, by=request.user, now=now()))
    return redirect("console:person", pk)


@audience(Role.ADMIN)
@require_POST
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an invitation back that nobody used."""
    member = find(pk)
    try:
        invitations.withdraw(member, by=request.user, now=now())
    except invitations.WrongLink:
        messages.error(request, _("This invitation was used or withdrawn."))
        return redirect("console:person", pk)
    messages.success(request, _("Invitation withdrawn: its link does nothing any more."))
    return redirect("console:people")


@audience(Role.ADMIN)
@require_POST
def rename(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct how somebody is called."""
    member = find(pk)
    form = NamesForm(request.POST, prefix="names")
    if not form.is_valid():
        return page(request, member, 422, names_form=form)
    user = member.user
    user.first_name, user.last_name = (
        form.cleaned_data["first_name"],
        form.cleaned_data["last_name"],
    )
    user.save(update_fields=["first_name", "last_name"])
    roles.note(member, request.user, "Renamed")
    messages.success(request, _("Name changed."))
    return redirect("console:person", pk)


@audience(Role.ADMIN)
@require_POST
def away(request: StaffRequest, pk: int) -> HttpResponse:
    """Enter days on which somebody is away, and who stands in."""
    member = find(pk)
    moment = now()
    form = AbsenceForm(
        request.POST,
        members=Membership.objects.filter(pk=member.pk),
        colleagues=holdings.takers(member, moment),
        today=timezone.localdate(moment),
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            record.enter(
                member=member,
                first_day=data["first_day"],
                last_day=data["last_day"],
                replacement=data["replacement"],
                by=request.user,
                now=moment,
            )
        except record.OverlappingAbsence:
            form.add_error("first_day", _("This person is already away on one of these days."))
        else:
            messages.success(request, _("Absence entered."))
            return redirect("console:person", pk)
    return page(request, member, 422, away_form=form)


@audience(Role.ADMIN)
@require_POST
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Let somebody leave now: work is passed on, access ends, the account closes."""
    member = find(pk)
    moment = now()
    form = TakerForm(request.POST, takers=holdings.takers(member, moment), prefix="leave")
    if not form.is_valid():
        return page(request, member, 422, leave_form=form)
    if member.user == request.user:
        messages.error(request, _("Somebody else must close your own account."))
        return redirect("console:person", pk)
    try:
        closed = holdings.leave(member, form.cleaned_data["taker"], by=request.user, now=moment)
    except holdings.LastAdministrator:
        said = _("Nobody could open this console any more: name another administrator first.")
        messages.error(request, said)
        return redirect("console:person", pk)
    who = {"who": member.user}
    if closed:
        said = _("%(who)s has left: sessions ended, account closed, work passed on.") % who
    else:
        said = _("%(who)s works here no more. The account stays, since it is a tenant’s too.") % who
    messages.success(request, said)
    return redirect("console:people")


@audience(Role.ADMIN)
@require_POST
def reset_factor(request: StaffRequest, pk: int) -> HttpResponse:
    """Take away the second factors that somebody lost, and tell them; asked who is there first."""
    member = find(pk)
    user = member.user
    if user == request.user:
        messages.error(request, _("Somebody else must reset your own second factor."))
    elif user.is_superuser and not request.user.is_superuser:
        messages.error(request, _("This account is kept for emergencies: only its like may do it."))
    else:
        holdings.reset_factors(user)
        roles.note(member, request.user, "Second factor reset")
        get_adapter(request).send_notification_mail(
            "account/email/factor_removed", user, email=user.email
        )
        said = _("Second factors removed, sessions ended. %(who)s was told by mail.")
        messages.success(request, said % {"who": user})
    return redirect("console:person", pk)
