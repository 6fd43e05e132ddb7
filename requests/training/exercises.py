"""What somebody who practises is asked to do, and how it is recognised that they did it.

Each exercise is done when the rows say so that any work leaves: an event, a message, an order.
Nobody ticks anything, and nothing of it is stored beside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from agencies.models import Closure
from portal.access import Role
from portal.models import User
from requests.audit.models import RecordView
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.console.models import StaffInvitation
from requests.kit.choices import Channel
from requests.work_orders.models import WorkOrder

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DECISIONS = frozenset(
    {Event.TAKE_CHARGE, Event.PLAN, Event.ASK, Event.ANSWER, Event.REFUSE, Event.HAND_OVER}
)


@dataclass(frozen=True)
class Exercise:
    """One exercise. ``steps`` may name {ref}, {who} and {phone} of the request it is about.

    ``category`` and ``words``: the request that is filed when it begins; "" for none. ``caller``:
    it is about somebody who calls, without a request. ``page``: where it is done, unless on the
    request's own page.
    """

    key: str
    title: "StrOrPromise"
    steps: "tuple[StrOrPromise, ...]"
    is_done: Callable[[User, Claim | None], bool]
    category: str = ""
    words: str = ""
    caller: bool = False
    page: str = ""


def _found(user: User, claim: Claim | None) -> bool:
    views = RecordView.objects.system("training")
    return claim is not None and views.filter(reader=user, claim=claim).exists()


def _decided(user: User, claim: Claim | None) -> bool:
    events = ClaimEvent.objects.system("training").filter(claim=claim, actor=user)
    return claim is not None and events.filter(name__in=DECISIONS).exists()


def _undone(user: User, claim: Claim | None) -> bool:
    events = ClaimEvent.everything.filter(claim=claim, actor=user, undone_at__isnull=False)
    return claim is not None and events.exists()


def _answered(user: User, claim: Claim | None) -> bool:
    sent = Message.objects.system("training").filter(claim=claim, author=user)
    return claim is not None and sent.filter(direction=Message.Direction.OUT).exists()


def _ordered(_user: User, claim: Claim | None) -> bool:
    orders = WorkOrder.objects.system("training").filter(claim=claim, sent_at__isnull=False)
    return claim is not None and orders.exists()


def _took_call(user: User, _claim: Claim | None) -> bool:
    filed = ClaimEvent.objects.system("training").filter(
        actor=user, name=Event.FILED, claim__channel=Channel.PHONE
    )
    return filed.exists()


def _added(user: User, claim: Claim | None) -> bool:
    said = Message.objects.system("training").filter(claim=claim, author=user)
    return claim is not None and said.filter(direction=Message.Direction.IN).exists()


def _invited(user: User, _claim: Claim | None) -> bool:
    return StaffInvitation.objects.filter(sent_by=user).exists()


def _closures(number: int) -> Callable[[User, Claim | None], bool]:
    def is_done(user: User, _claim: Claim | None) -> bool:
        label = Closure._meta.model_name
        return LogEntry.objects.filter(user=user, content_type__model=label).count() >= number

    return is_done


FIND = Exercise(
    "find",
    _("Find a request"),
    (
        _("Somebody on the phone reads you a reference: {ref}."),
        _("Press / on your keyboard, or “Search” at the top."),
        _("Type the reference, then Enter. A name, a number or an address would find it too."),
    ),
    _found,
    "CHA-04",
    "Bonjour, le radiateur de la chambre reste froid, les autres chauffent.",
)
TRIAGE = Exercise(
    "triage",
    _("Sort a request with three keys"),
    (
        _("{who} writes to you: request {ref}, under “To do”."),
        _("J goes down the list, K up, until it is open. Read what is proposed, word by word."),
        _("A accepts: the message leaves, and the next request opens."),
    ),
    _decided,
    "PLO-04",
    "Bonjour, le robinet de la cuisine goutte jour et nuit. Merci.",
    page="agency:inbox",
)
UNDO = Exercise(
    "undo",
    _("Take back what you did"),
    (
        _("Open request {ref} and accept its proposal: A."),
        _("Within 30 seconds press U, or “Undo”. Nothing has left: {who} knows nothing of it."),
    ),
    _undone,
    "PLO-05",
    "La chasse d’eau coule sans arrêt depuis hier.",
)
ANSWER = Exercise(
    "answer",
    _("Answer in your own words"),
    (
        _("Open request {ref}: press R, or go to the box under the conversation."),
        _("Ask {who} a question. Palier chooses the channel that they wrote by."),
        _("Ctrl and Enter sends."),
    ),
    _answered,
    "MEN-05",
    "Bonjour, la poignée de la fenêtre du salon tourne dans le vide.",
)
ORDER = Exercise(
    "order",
    _("Order a contractor"),
    (
        _("Open request {ref}: water runs under {who}’s sink."),
        _("Beside the conversation stand the company, its contract and the message to {who}."),
        _("Press O: order and message leave together. The company answers by a link."),
    ),
    _ordered,
    "PLO-03",
    "Ça fuit sous mon évier, j’ai mis une bassine.",
)
CALL = Exercise(
    "call",
    _("Answer a call"),
    (
        _("The phone rings: {phone}. Open “Calls” and type the number: you see who calls."),
        _("{who} says that a radiator stays cold: type “radiateur”, choose the fault."),
        _("Save with Ctrl and Enter, then read the sentence aloud. The message says the same."),
    ),
    _took_call,
    caller=True,
    page="calls:desk",
)
AGAIN = Exercise(
    "again",
    _("Somebody calls a second time"),
    (
        _("The phone rings: {phone}. {who} already has a request open, {ref}: it stands first."),
        _("“It has become worse.” Choose “Add to this request”, type it and save."),
    ),
    _added,
    "PLO-04",
    "Bonjour, le robinet de la salle de bains goutte.",
    page="calls:desk",
)
INVITE = Exercise(
    "invite",
    _("Invite a colleague"),
    (
        _("Open “People”, then “Invite somebody”."),
        _("Give an invented address, a role and an agency. The mail is caught: see “Mails”."),
    ),
    _invited,
    page="console:people",
)
CLOSE = Exercise(
    "close",
    _("Close an agency for a day"),
    (
        _("Open the closing days and add one for next week."),
        _("Promises in working days count around it from now on."),
    ),
    _closures(1),
    page="console:closures",
)
TAKE_BACK = Exercise(
    "take_back",
    _("Take back a change of settings"),
    (
        _("Open the log of changes: it says who changed what, from which value to which."),
        _("Undo your closing day there."),
    ),
    _closures(2),
    page="console:log",
)

BY_ROLE: dict[str, tuple[Exercise, ...]] = {
    Role.AGENT: (FIND, TRIAGE, UNDO, ANSWER, ORDER, CALL),
    Role.CALL_TAKER: (CALL, AGAIN, FIND),
    Role.ADMIN: (INVITE, CLOSE, TAKE_BACK),
}
