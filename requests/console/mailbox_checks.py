"""Test a mailbox, and say what is wrong in words that lead to what to do."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from portal.secrets import secret
from requests.channels.mailbox_models import Mailbox
from requests.inbound import imap

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Check:
    """``waiting`` messages where it works; else what is wrong, and what to do."""

    works: bool
    waiting: int = 0
    words: "StrOrPromise" = ""
    advice: "StrOrPromise" = ""


# What the connection raised → what is wrong, and what to do. The first that fits counts.
CAUSES = (
    (
        r"gaierror|Name or service|nodename|resolve",
        _("No server has this name."),
        _("Check the name of the mail server, letter by letter."),
    ),
    (
        r"PALIER_IMAP_HOSTS",
        _("This server is not among those that Palier may call."),
        _("Ask whoever runs the server to add it to PALIER_IMAP_HOSTS."),
    ),
    (
        r"ConnectionRefused",
        _("The server does not answer on this port."),
        _("Usually 993 with TLS, 143 with STARTTLS."),
    ),
    (
        r"^Refused",
        _("Palier does not call this address."),
        _("Ask whoever runs the server whether it stands on a private network."),
    ),
    (
        r"timeout|timed out",
        _("The server did not answer in time."),
        _("Check its name and port; a firewall may stand between."),
    ),
    (
        r"certificate",
        _("The server’s certificate is not valid for this name."),
        _("Use the name that the certificate carries."),
    ),
    (
        r"ssl|wrong_version",
        _("The server does not speak TLS on this port."),
        _("Try STARTTLS on port 143, or TLS on 993."),
    ),
    (
        r"authenticat|login|credentials",
        _("The server refuses this account or its password."),
        _("Check the account; some providers want a password made for applications."),
    ),
    (
        r"folder|select|nonexistent",
        _("The folder does not exist."),
        _("Usually INBOX."),
    ),
)


def check(box: Mailbox) -> Check:
    """Connect, log in and open the folder; nothing is read."""
    if not box.host:
        said = _("No mail server is set for it.")
        return Check(False, words=said, advice=_("Write its name, then save."))
    if not secret(box.secret_name):
        said = _("No password is set for it.")
        return Check(False, words=said, advice=_("Choose the password, then save."))
    error, waiting = imap.check(box)
    if not error:
        return Check(True, waiting)
    for pattern, words, advice in CAUSES:
        if re.search(pattern, error, re.IGNORECASE):
            return Check(False, words=words, advice=advice)
    return Check(False, words=_("The connection failed: %(error)s") % {"error": error})


def note_success(box: Mailbox, now: datetime) -> None:
    """Keep that the mailbox answered, and let it be read at the next tick."""
    Mailbox.objects.filter(pk=box.pk).update(
        last_success_at=now, last_error="", errors=0, next_poll_at=None
    )
