"""All that the list pane needs beside its rows and numbers, with one statement."""

from datetime import datetime

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from agencies.http_types import StaffRequest
from agencies.models import Desk, Membership, Sector
from portal.access import Role
from portal.clock import now
from portal.database.statement_cache import compiled
from requests.catalogue.models import Family
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.inbox.models import ListDisplay, SavedView
from requests.inbox.view_conditions import unread_mentions
from requests.kit.choices import STAFF_STATES, Channel, Urgency
from requests.labels.models import Label
from requests.teamwork import charges, watches
from requests.teamwork.attention_models import MailChoice, Watch

KINDS = (
    *("desk", "family", "sector", "label", "view"),
    *("named", "danger", "display", "given", "watch", "mails"),
)
TRIPLES = frozenset({"view", "display", "label"})  # the others are pairs
MOST_GIVEN = 20  # the newest ones; each of them is looked up, and more are not told apart
WIDE = {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}


def _shaped(
    rows: QuerySet, kind: str, key: Combinable, label: Combinable, more: Combinable | None = None
) -> QuerySet:
    return rows.annotate(
        o_kind=Value(kind, CharField()),
        o_key=Cast(key, CharField()),
        o_label=Cast(label, CharField()),
        o_more=more if more is not None else Value("", CharField()),
    ).values_list("o_kind", "o_key", "o_label", "o_more")


def choices(request: StaffRequest) -> dict[str, list]:
    """Return the choices of each filter, and what concerns the member, by kind.

    ``label`` (key, name, sign) · ``view`` (query, name, key) saved views · ``named`` notes that
    name them · ``danger`` inputs that may be a danger · ``display`` (order, columns, groups) ·
    ``given`` (claim, by whom) what a colleague gave them lately · ``watch`` (claim, "news" or "")
    what they follow · ``mails`` (how often, "").
    """
    found: dict[str, list] = {kind: [] for kind in KINDS}
    for kind, key, label, more in sorted(
        _rows(request.membership, now()), key=lambda row: ((row[2] or "").casefold(), row[3] or "")
    ):
        if kind in TRIPLES:
            found[kind].append((key, label, more))
        else:
            found[kind].append((key, f"{label} · {more}" if more else label))
    return {
        **found,
        "urgency": [(u.value, f"{u.value} · {u.label}") for u in Urgency],
        "channel": Channel.choices,
        "state": STAFF_STATES,
    }


@compiled
def _rows(member: Membership, moment: datetime) -> QuerySet:
    desks, sectors = Desk.objects.order_by(), Sector.objects.order_by()
    wide = member.role in WIDE
    if not wide:
        desks = desks.filter(unit=member.unit_id)
        sectors = sectors.filter(unit=member.unit_id)
    views = SavedView.objects.order_by().filter(
        Q(membership=member) | Q(shared=True, membership__unit=member.unit_id)
    )
    # Inputs that nobody has read and that may be a danger: shown above any list.
    tray = Intake.objects.visible_to(member).order_by()
    dangers = tray.filter(state=Intake.State.FAILED, urgent=True)
    visible = Claim.objects.visible_to(member)
    newest = charges.unseen(member).order_by("-starts_at").values("pk")[: MOST_GIVEN + 1]
    given = charges.unseen(member).filter(pk__in=newest, claim__in=visible).order_by()
    follows = Watch.objects.filter(membership=member, claim__in=visible).order_by()
    chosen = MailChoice.objects.filter(membership=member).order_by()
    fresh = Exists(watches.news(member).filter(pk=OuterRef("pk")))
    english = str(Channel.COUNTER.label) == "counter"
    unit = F("unit__name") if wide else None
    return _shaped(desks, "desk", F("pk"), F("name"), unit).union(
        _shaped(sectors, "sector", F("pk"), F("name"), unit),
        _shaped(
            Family.objects.order_by(), "family", F("code"), F("label_en" if english else "label_fr")
        ),
        _shaped(
            Label.objects.order_by(),
            "label",
            F("pk"),
            F("label_en" if english else "label_fr"),
            F("sign"),
        ),
        _shaped(views, "view", F("query"), F("name"), Cast("pk", CharField())),
        _shaped(unread_mentions(member.user), "named", F("claim"), Value("")),
        _shaped(dangers, "danger", F("pk"), Value("")),
        _shaped(
            ListDisplay.objects.filter(membership=member).order_by(),
            "display",
            F("sort"),
            F("columns"),
            F("group"),
        ),
        _shaped(chosen, "mails", F("how"), Value("")),
        _shaped(given, "given", F("claim"), F("by__user__first_name")),
        _shaped(
            follows, "watch", F("claim"), Case(When(fresh, then=Value("news")), default=Value(""))
        ),
        all=True,
    )
