"""How a person may be reached, in which order. Reads; writes nothing."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Q, Value
from django.utils import timezone

from portal import phones
from portal.clock import now
from portal.memory import once
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.notifications.models import FailingAddress
from tenants.actions import contact_check
from tenants.models import ContactPoint

NEVER = frozenset(
    {"mailer-daemon", "postmaster", "abuse", "root", "no-reply", "noreply", "ne-pas-repondre"}
)
LONGEST_RECIPIENT = 254
MAILED = (Channel.EMAIL, Channel.SMS, Channel.SOCIAL)
WRITTEN = (*MAILED, Channel.LETTER)
WROTE = "wrote"  # beside the channels of addresses that fail
MAILBOXES = "addresses of our mailboxes"


@dataclass(frozen=True)
class ContactRoute:
    """A channel and the address on it (mail address, E.164 number, or lines of an envelope)."""

    channel: str
    address: str


def is_our_mailbox(address: str) -> bool:
    """Return whether ``address`` is one of our own mailboxes, plus-addresses included."""
    name, _, host = address.lower().rpartition("@")
    plain = f"{name.partition('+')[0]}@{host}"
    from_address = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").lower()
    own = {from_address, settings.PALIER_REPLY_TO.lower()} - {""}
    return plain in own or plain in once(MAILBOXES, _addresses_of_mailboxes)


def _addresses_of_mailboxes() -> frozenset[str]:
    addresses = Mailbox.objects.values_list("address", flat=True)
    return frozenset(address.lower() for address in addresses)


def is_unattended_address(address: str) -> bool:
    """Return whether ``address`` is a robot's or our own: never written to automatically."""
    name = address.lower().rpartition("@")[0].partition("+")[0]
    return not name or name in NEVER or is_our_mailbox(address)


def contact_routes(claim: Claim, wanted: str = "") -> list[ContactRoute]:
    """Return every way to reach the person of ``claim``, the best first; failing ones left out.

    The channel ``wanted`` by who writes, then the contact point marked preferred, then the channel
    the claim came through, then e-mail, SMS, letter and a call. A confidential claim is not told
    to a contact point that the person was asked about and did not confirm.
    """
    mails: list[str] = []
    numbers: list[str] = []
    envelopes: list[str] = []
    preferred = ""
    if claim.tenant:
        # A notice of works asks for a person through a claim that is none: it has no category.
        private, moment = bool(claim.category_id) and claim.is_confidential, now()
        points = claim.tenant.contact_points.all()
        for point in sorted(points, key=lambda row: (not row.preferred, not row.verified, row.pk)):
            if point.failing or point.proposed:
                continue
            if private and not contact_check.may_hear_confidences(point, moment):
                continue
            if point.kind == ContactPoint.Kind.POSTAL:
                envelopes.append(_lines([str(claim.tenant), *envelope_lines(point.value)]))
                preferred = Channel.LETTER if point.preferred else preferred
                continue
            kind = mails if point.kind == ContactPoint.Kind.EMAIL else numbers
            kind.append(point.value)
            if point.preferred:
                preferred = Channel.EMAIL if kind is mails else _voice(point.value)
    # What was given with this claim comes before what the file says, unless a preference is set.
    if preferred != Channel.EMAIL and claim.contact_email:
        mails.insert(0, claim.contact_email)
    if preferred in ("", Channel.EMAIL) and claim.contact_phone:
        numbers.insert(0, claim.contact_phone)
    numbers = [n for n in map(phones.to_e164, numbers) if n]
    found = [ContactRoute(Channel.EMAIL, m.lower()) for m in mails if not is_unattended_address(m)]
    found += [ContactRoute(Channel.SMS, n) for n in numbers if phones.takes_sms(n)]
    # Only who wrote to us by messaging is written to by messaging.
    account = Q(claim=claim.pk, belongs=True, sender=F("account")) & ~Q(account="")
    wrote = Intake.objects.system("contact routes").filter(
        account | Q(sender__in=numbers), channel=Channel.SOCIAL, state=Intake.State.PARSED
    )
    # An address that the person gave comes before the home that we let to them.
    envelopes.append(_envelope(claim))
    known = [*(way.address for way in found), *envelopes, *numbers]
    failing = FailingAddress.objects.system("contact routes").filter(
        Q(address__in=known) | Q(address__in=wrote.values("sender"))
    )
    # Both in one statement: every page of a claim asks.
    writers = wrote.order_by().values_list(Value(WROTE), "sender").distinct()
    told = list(writers.union(failing.order_by().values_list("channel", "address"), all=True))
    senders = sorted(address for kind, address in told if kind == WROTE)
    found += [ContactRoute(Channel.SOCIAL, sender) for sender in senders]
    found += [ContactRoute(Channel.LETTER, envelope) for envelope in envelopes if envelope]
    found += [ContactRoute(Channel.PHONE, n) for n in numbers]
    order = [wanted, preferred, _answer_to(claim, numbers)]
    found = sorted(
        dict.fromkeys(found),
        key=lambda w: order.index(w.channel) if w.channel in order else len(order),
    )
    broken = {row for row in told if row[0] != WROTE}
    return [way for way in found if (way.channel, way.address) not in broken]


def answer_channel(claim: Claim) -> str:
    """Return the channel that a reply takes unless somebody chooses another.

    The one marked preferred; else the one the tenant last wrote through, else the channel of the
    claim. The page of the claim when there is no other way.
    """
    return _usual(claim, contact_routes(claim))


def _usual(claim: Claim, routes: list[ContactRoute]) -> str:
    open_ways = [way.channel for way in routes if way.channel in WRITTEN]
    if not open_ways:
        return Channel.WEB
    if claim.tenant and any(point.preferred for point in claim.tenant.contact_points.all()):
        return open_ways[0]
    said = [m for m in claim.messages.all() if m.direction == "in" and m.channel in open_ways]
    last = max(said, key=lambda message: message.at, default=None)
    return last.channel if last else open_ways[0]


def reply_channels(claim: Claim) -> list[str]:
    """Return the channels that a reply may go through, the usual one first."""
    routes = contact_routes(claim)
    found = [_usual(claim, routes), *(way.channel for way in routes if way.channel in WRITTEN)]
    return list(dict.fromkeys([*found, Channel.WEB, Channel.PHONE, Channel.COUNTER]))


def _voice(number: str) -> str:
    return Channel.SMS if phones.takes_sms(number) else Channel.PHONE


def _answer_to(claim: Claim, numbers: list[str]) -> str:
    """Return the channel that answers the one the claim came through."""
    if claim.channel in (Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER):
        return claim.channel
    if claim.channel == Channel.PHONE and numbers:
        return _voice(numbers[0])
    return Channel.EMAIL


def _envelope(claim: Claim) -> str:
    """Name and address in force, one line each; "" when the dwelling or the name is unknown."""
    dwelling = claim.dwelling
    name = str(claim.tenant) if claim.tenant_id else claim.contact_name
    if dwelling is None and claim.tenant:
        today = timezone.localdate()
        living = claim.tenant.occupancies.select_related(
            "lease__dwelling__staircase__building__residence"
        ).in_force(today)
        first = living.order_by("-starts").first()
        dwelling = first.lease.dwelling if first else None
    if dwelling is None or not name or not dwelling.staircase.street:
        return ""
    residence = dwelling.staircase.building.residence
    lines = [
        name,
        f"Porte {dwelling.door}" if dwelling.door else "",
        dwelling.staircase.street,
        f"{residence.postcode} {residence.commune}".upper(),
    ]
    return _lines(lines)


def envelope_lines(address: str) -> list[str]:
    """Return the lines of a postal address: as typed, or split at the commas of a single line."""
    parts = address.splitlines() if "\n" in address.strip() else address.split(",")
    return [part.strip() for part in parts if part.strip()]


def _lines(lines: list[str]) -> str:
    """Return the lines of an envelope as a delivery can hold them: name and town stay whole."""
    text = "\n".join(line for line in lines if line)
    if len(text) <= LONGEST_RECIPIENT:
        return text
    return f"{text[:100]}…\n{text[102 - LONGEST_RECIPIENT :]}"
