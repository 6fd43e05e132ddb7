"""SMS received, and receipts of SMS sent: the provider's form posts, stored raw, read here."""

from datetime import datetime
from urllib.parse import parse_qs

from portal import phones
from portal.numbers import number_of
from requests.channels import marks
from requests.channels.models import Intake
from requests.inbound import replies
from requests.inbound.replies import Reply

HARD = {"undelivered", "failed"}
STOP = {"stop", "arret", "arrêt", "stopall", "unsubscribe"}


def fields(raw: bytes) -> dict[str, str]:
    """Return the form fields of a stored post; the last value of each name."""
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
    text = "\n".join(filter(None, [text, *photos]))
    return Reply(
        sender=phones.to_e164(form.get("From", "")) or form.get("From", "")[:30],
        text=text,
        named=marks.named_references(text),
        verified=True,  # The provider signed the post; a number may still be shared.
    )


def receipt(intake: Intake, now: datetime) -> None:
    """Write what became of a text that we sent. Raises ``replies.UnknownDelivery``."""
    form = fields(bytes(intake.raw))
    status = form["MessageStatus"]
    replies.apply_receipt(
        intake_id=intake.pk,
        delivery=form.get("d", ""),
        provider_id=form.get("MessageSid", ""),
        status="delivered" if status == "delivered" else "hard" if status in HARD else "",
        why=" ".join(filter(None, [status, form.get("ErrorCode", "")])),
        now=now,
    )


def asks_to_stop(text: str) -> bool:
    """Return whether the whole text is the word that ends text messages, such as STOP."""
    return text.strip().lower() in STOP
