"""SMS received, and receipts of SMS sent: the provider's form posts, stored raw, read here."""

import re
from datetime import datetime
from urllib.parse import parse_qs

from portal import phones
from portal.numbers import number_of
from requests.channels import marks
from requests.channels.models import Intake
from requests.channels.provider_codes import SMS, Fate
from requests.inbound import replies, short_answers, sms_media
from requests.inbound.replies import Reply

FAILED = {"undelivered", "failed"}
# The whole text, bare of signs and accents. « Annuler », CANCEL and END may speak of a visit. A
# number ends where its digits end, so that a long row of digits is read in one way only.
STOP = re.compile(
    r"(?:(?:sms|texto|message)s? ?)?(?:stop|stopp?er|stop ?all|arret|arreter|arretez|"
    r"(?:me |se |je (?:me |veux me |souhaite me ))?"
    r"(?:desabonner?|desabonnez moi|desinscrire|desinscris)|"
    r"desabonnement|desinscription|unsubscribe|opt ?out|revoke)"
    r"(?: (?:tout|all|moi|maintenant|les|la|le|a|au|vos))*"
    r"(?: ?(?:sms|textos?|messages?|pub|\d\d \d{3}(?!\d)|\d{3,6}(?!\d)))*"
    r"(?: (?:svp|stp|merci|please|s'il vous plait))?"
)


def fields(raw: bytes) -> dict[str, str]:
    """Return the form fields of a post; the last value of each name.

    Raises ValueError beyond 200 of them.
    """
    found = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    return {name: values[-1].replace("\0", "") for name, values in found.items()}


def read(intake: Intake) -> Reply | None:
    """Return a text as a ``Reply``; None when the post is a receipt."""
    form = fields(bytes(intake.raw))
    if form.get("MessageStatus"):
        return None
    text = form.get("Body", "").strip()
    count = number_of(form.get("NumMedia"))
    photos = [form.get(f"MediaUrl{number}", "") for number in range(min(count, 10))]
    files, left = sms_media.fetch([photo for photo in photos if photo])
    text = "\n".join(filter(None, [text, *left]))
    return Reply(
        sender=phones.to_e164(form.get("From", "")) or form.get("From", "")[:30],
        text=text,
        files=files,
        named=marks.named_references(text),
        verified=True,  # The provider signed the post; a number may still be shared.
    )


def receipt(intake: Intake, now: datetime) -> None:
    """Write what became of a text that we sent. Raises ``replies.UnknownDelivery``."""
    form = fields(bytes(intake.raw))
    status, code = form["MessageStatus"], number_of(form.get("ErrorCode"))
    told, reason = Fate.NONE, ""
    if status in ("delivered", "read"):
        told = Fate.DELIVERED
    elif status in FAILED:
        told, reason = SMS.fate(code), SMS.reason(code)
    replies.apply_receipt(
        intake_id=intake.pk,
        delivery=form.get("d", ""),
        provider_id=form.get("MessageSid", ""),
        status=told,
        reason=reason,
        why=" ".join(filter(None, [status, form.get("ErrorCode", "")])),
        now=now,
    )


def asks_to_stop(text: str) -> bool:
    """Return whether the whole text is the word that ends text messages, such as STOP."""
    return len(text) < 80 and STOP.fullmatch(short_answers.plain(text)) is not None
