"""Pure: the words in which a column is declared personal, or not.

Every column of every model of the four rooms is declared in this package; a column that is
not is an error (``requests.privacy.registry.undeclared``), so that none is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Data(TextChoices):
    """What kind of data a column holds."""

    IDENTITY = "identity", _("names, civility, language")
    CONTACT = "contact", _("e-mail addresses, phone numbers, postal addresses")
    HOME = "home", _("home, lease, who lives there and since when")
    NEED = "need", _("coded needs, never their reason")
    WORDS = "words", _("words of requests, messages and letters")
    FILE = "file", _("photos, documents, scanned pages")
    ACCOUNT = "account", _("account, how it signs in")
    LINK = "link", _("private links and their secrets")
    TRACE = "trace", _("who did what, when")


class Whose(TextChoices):
    """Whose data it is."""

    TENANT = "tenant", _("tenants and other people of the home")
    PROXY = "proxy", _("people who act for a tenant")
    STAFF = "staff", _("the landlord’s staff")
    COMPANY = "company", _("people of companies")
    ANYBODY = "anybody", _("anybody who writes or calls")


class Erased(TextChoices):
    """What becomes of the column when the person is erased or the request anonymised."""

    EMPTY = "empty", _("emptied")
    NULL = "null", _("unlinked")
    RANDOM = "random", _("replaced by a random value")
    FACTS = "facts", _("reduced to dates, codes and numbers")
    FILE = "file", _("file deleted")
    ROW = "row", _("deleted with its row")
    KEPT = "kept", _("kept: it says nothing of the person any more")


class Then(StrEnum):
    """What is done to the rows of a model that belong to the request or person."""

    BLANK = "blank"
    DELETE = "delete"
    KEEP = "keep"


class Activity(TextChoices):
    """The processing activities of the register (article 30 of the GDPR)."""

    CLAIMS = "claims", _("Tenants’ requests")
    PEOPLE = "people", _("Tenants, leases, mandates")
    ACCOUNTS = "accounts", _("Accounts and sign-in")
    INCOMING = "incoming", _("Messages and letters received")
    OUTGOING = "outgoing", _("Messages and letters sent")
    WORKS = "works", _("Orders to companies and visits")
    COMPLAINTS = "complaints", _("Complaints and formal notices")
    SURVEYS = "surveys", _("Satisfaction surveys")
    STAFF = "staff", _("Teams and their work")
    RIGHTS = "rights", _("Persons’ rights on their data")
    TECHNICAL = "technical", _("Running and safety of the portal")


@dataclass(frozen=True)
class Column:
    """One personal column: what it holds, whose it is, what an export and an erasure do."""

    data: Data
    whose: Whose
    erased: Erased
    exported: bool = True
    # What an emptied text says, where the database refuses none.
    empty: str = ""


def _column(data: Data, erased: Erased, *, exported: bool = True, whose=Whose.TENANT) -> Column:
    return Column(data, whose, erased, exported)


NAME = _column(Data.IDENTITY, Erased.EMPTY)
CONTACT = _column(Data.CONTACT, Erased.EMPTY)
HOME = _column(Data.HOME, Erased.NULL)
WORDS = _column(Data.WORDS, Erased.EMPTY)
FILE = _column(Data.FILE, Erased.FILE)
OWNER = _column(Data.TRACE, Erased.NULL, exported=False)
FACTS = _column(Data.TRACE, Erased.FACTS, exported=False)
SECRET = _column(Data.LINK, Erased.RANDOM, exported=False)
KEY = _column(Data.LINK, Erased.EMPTY, exported=False)
# Unique with the message that it got, so it cannot be empty.
ADDRESS = _column(Data.CONTACT, Erased.RANDOM)
DASHED = Column(Data.WORDS, Whose.TENANT, Erased.EMPTY, exported=False, empty="—")
# What goes with its row.
ROW_NAME = _column(Data.IDENTITY, Erased.ROW)
ROW_CONTACT = _column(Data.CONTACT, Erased.ROW)
ROW_HOME = _column(Data.HOME, Erased.ROW)
ROW_NEED = _column(Data.NEED, Erased.ROW)
ROW_WORDS = _column(Data.WORDS, Erased.ROW)
ROW_ACCOUNT = _column(Data.ACCOUNT, Erased.ROW, exported=False)
ROW_SECRET = _column(Data.LINK, Erased.ROW, exported=False)
ROW_INSIDE = _column(Data.TRACE, Erased.ROW, exported=False)
# What staff wrote about it, and what is not for the person's copy.
STAFF_WORDS = _column(Data.WORDS, Erased.EMPTY, exported=False)
INSIDE = _column(Data.CONTACT, Erased.EMPTY, exported=False)
# People who are not the tenant.
PROXY = _column(Data.IDENTITY, Erased.ROW, whose=Whose.PROXY)
STAFF = _column(Data.IDENTITY, Erased.KEPT, exported=False, whose=Whose.STAFF)
WHO = _column(Data.TRACE, Erased.KEPT, exported=False, whose=Whose.STAFF)
COMPANY = _column(Data.CONTACT, Erased.KEPT, exported=False, whose=Whose.COMPANY)
# What tells the story of a request: dates, states, codes. It stays, and belongs into a copy.
STORY = _column(Data.TRACE, Erased.KEPT)
VISIT = _column(Data.HOME, Erased.KEPT)
CALLER = _column(Data.CONTACT, Erased.ROW, exported=False, whose=Whose.ANYBODY)


@dataclass(frozen=True)
class Personal:
    """A model with personal columns.

    ``claim`` and ``person`` are the ORM paths to the request and to the tenant it belongs to, ""
    without one. ``then`` says what an anonymisation of that request, or an erasure of that
    person, does. ``personal`` maps space-separated column names to what they are; ``plain`` are
    those that are not personal. ``shown`` False: no part of a person's copy.
    """

    label: str
    activity: Activity
    personal: Mapping[str, Column]
    plain: str = ""
    claim: str = ""
    person: str = ""
    then: Then = Then.KEEP
    shown: bool = True
    columns: dict[str, Column] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for names, column in self.personal.items():
            for name in names.split():
                if name in self.columns or name in self.plain.split():
                    raise ValueError(f"{self.label}.{name} is declared twice")
                self.columns[name] = column

    @property
    def declared(self) -> set[str]:
        """Return all columns that are declared, personal or not."""
        return set(self.columns) | set(self.plain.split())

    @property
    def exported(self) -> list[str]:
        """Return the columns of a person's copy."""
        return [name for name, column in self.columns.items() if column.exported]
