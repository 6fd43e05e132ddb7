"""What differs between the kinds of outgoing messages, given by the slices that know them.

The engine (outgoing.py) sends all of them in one way. A slice above subclasses ``DeliveryKind``;
``requests/wiring.py`` lists the kinds once and installs them when Django starts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests.kit.choices import Channel
from requests.notifications.mail_files import MailFile
from requests.notifications.models import Delivery


@dataclass(frozen=True)
class Content:
    """What one attempt sends. All but ``text`` is for mails only; messaging takes ``files`` too.

    ``references`` are Message-IDs, oldest first. ``automatic`` False: a person wrote it.
    """

    text: str
    subject: str = ""
    html: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    automatic: bool = True
    files: list[MailFile] = field(default_factory=list)


class DeliveryKind:
    """One kind of message: what it says, whether it is still wanted, what follows its outcome.

    ``most_an_hour`` messages go to one recipient before a person must release the next.
    ``rings_at_night``: the recipient is waiting for it, so its text message comes at any hour.
    ``to_strangers``: it goes to numbers that anybody may have typed into a public form.
    """

    kind: Delivery.Kind
    most_an_hour = 60
    rings_at_night = False
    to_strangers = False

    def still_wanted(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether the message is still true; asked before each attempt, under its lock."""
        return True

    def not_before(self, delivery: Delivery, now: datetime) -> datetime:
        """Return when it may be tried first: ``now``, or later while a part of it is not ready."""
        return now

    def companions(self, delivery: Delivery) -> QuerySet[Delivery]:
        """Return the waiting rows that travel in the same message; asked before the first try."""
        return Delivery.objects.none()

    def content(self, delivery: Delivery, now: datetime) -> Content:
        """Return what to send; outside any transaction, at each attempt."""
        return Content(delivery.text, delivery.subject)

    def has_other_way(self, delivery: Delivery) -> bool:
        """Return whether it can go by another channel: then nobody waits for a full mailbox."""
        return False

    def on_sent(self, delivery: Delivery, now: datetime) -> None:
        """Write in the slice's own rows that the provider took it; in the outcome's transaction."""

    def on_dropped(self, delivery: Delivery, now: datetime) -> None:
        """Write that it was not wanted any more; in the transaction that found it."""

    def on_failed(self, delivery: Delivery, now: datetime) -> None:
        """Write what follows when it reached nobody: at once, after the last retry or a bounce.

        In the outcome's transaction. The engine adds ``advice`` to the claim as a note.
        """

    def advice(self, delivery: Delivery) -> str:
        """Return what a person is told of a message that failed, with the next step; "" nothing.

        A note on the claim where there is one, else a line on the page of the channels' health.
        In the active language.
        """
        return failure_text(delivery)


def failure_text(delivery: Delivery) -> str:
    """Return ``Our message by e-mail did not reach …: why.`` in the active language."""
    return _("Our message by %(channel)s did not reach %(who)s: %(why)s.") % {
        "channel": Channel(delivery.channel).label,
        "who": delivery.recipient.replace("\n", ", "),
        "why": delivery.answer[:200] or "—",
    }


# What the release before wrote while this one was being put in its place.
FORMER = {"provider": Delivery.Kind.ALARM.value}
_installed: dict[str, DeliveryKind] = {}


def install(kinds: Iterable[DeliveryKind]) -> None:
    """Set the kinds; replaces those installed before. Raises ValueError when one is missing."""
    found = {kind.kind.value: kind for kind in kinds}
    missing = set(Delivery.Kind.values) - set(found)
    if missing:
        raise ValueError(f"no DeliveryKind for {sorted(missing)}")
    _installed.clear()
    _installed.update(found)


def kind_of(delivery: Delivery) -> DeliveryKind:
    """Return what is particular to the kind of ``delivery``."""
    return _installed[FORMER.get(delivery.kind, delivery.kind)]
