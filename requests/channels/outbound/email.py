"""E-mail out: a plain message in, a receipt out. No models here.

Automatic mails say so in their headers (RFC 3834), so that well-behaved robots keep silent.
"""

import smtplib
from dataclasses import dataclass, field
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import BadHeaderError

from portal.transactions import refuse_inside_transaction
from requests.channels.mail import refusals
from requests.channels.mail.refusals import NOT_THE_ADDRESS, Meaning
from requests.channels.outbound.receipt import Receipt

# What no further try of the same message mends; a full mailbox is emptied one day.
FOR_GOOD = {Meaning.DEAD, Meaning.REFUSED, Meaning.REPUTATION}


@dataclass(frozen=True)
class Mail:
    """``references`` are Message-IDs, oldest first; ``unsubscribe`` only when it is no service.

    ``files`` are (name, bytes, content type).
    """

    to: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    reply_to: str = ""
    bounces_to: str = ""  # the envelope's sender; without one, the From
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    automatic: bool = True
    unsubscribe: str = ""
    files: list[tuple[str, bytes, str]] = field(default_factory=list)
    sender: str = ""  # the name that people see; without one, the settings'
    logo: bytes = b""  # PNG that the HTML names as cid:logo


def named(sender: str) -> str:
    """Return our address under the name ``sender``, on one line."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(sender.split()) or name, address))


def headers(mail: Mail) -> dict[str, str]:
    """Return the headers beside From, To, Subject and Date."""
    found = {"Message-ID": mail.message_id}
    if mail.in_reply_to:
        found["In-Reply-To"] = mail.in_reply_to
    if mail.references:
        found["References"] = " ".join(mail.references[-10:])
    if mail.automatic:
        found |= {
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "X-Auto-Response-Suppress": "All",
        }
    if mail.unsubscribe:
        found["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def send(mail: Mail) -> Receipt:
    """Hand the mail to our SMTP server. Never raises for a refusal or a dead server."""
    refuse_inside_transaction("e-mail")
    if not mail.to:
        return Receipt(False, answer="no address", permanent=True)
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.bounces_to or named(mail.sender),
        [mail.to],
        headers=headers(mail) | {"From": named(mail.sender)},
        reply_to=[mail.reply_to] if mail.reply_to else None,
        connection=get_connection(),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.logo:
        picture = MIMEImage(mail.logo, "png")
        picture["Content-ID"] = "<logo>"
        picture["Content-Disposition"] = "inline"
        message.attach(picture)
    for name, data, kind in mail.files:
        message.attach(name, data, kind)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        return _refused(code, answer)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Receipt(False, answer=repr(error)[:500])
    except (BadHeaderError, UnicodeError, ValueError) as error:
        return Receipt(False, answer=repr(error)[:500], permanent=True, bad_address=True)
    return Receipt(True, mail.message_id, "250")


def _refused(code: int, answer: bytes | str) -> Receipt:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    answer = f"{code} {words}"[:500]
    meaning = refusals.meaning_of(answer) or Meaning.REFUSED
    permanent = 500 <= code < 600 and meaning in FOR_GOOD
    return Receipt(
        False,
        answer=answer,
        permanent=permanent,
        bad_address=permanent and meaning == Meaning.DEAD,
        reason=meaning if meaning in NOT_THE_ADDRESS else "",
    )
