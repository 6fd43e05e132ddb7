"""The register of processing (GDPR, article 30), computed from the registry of columns."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.privacy import registry, retention
from requests.privacy.registry.kinds import Activity, Data, Erased, Whose
from requests.privacy.registry.labels import label_of


@dataclass(frozen=True)
class About:
    """What a person must say of an activity: why, on which ground, who gets the data."""

    purpose: object
    basis: object
    recipients: object
    # Kinds of data of ``retention`` that end it; others end with these.
    durations: tuple[str, ...] = ()


_lease = gettext_lazy("the lease contract, and the landlord’s legal duty to keep homes decent")
_interest = gettext_lazy("the landlord’s legitimate interest")
_duty = gettext_lazy("a legal duty of the landlord")
ABOUT: dict[str, About] = {
    Activity.CLAIMS: About(
        gettext_lazy("deal with what tenants report or ask, on time, and prove it"),
        _lease,
        gettext_lazy(
            "the agency of the home, head office, the contact centre, the on-call service; the "
            "caretaker: fault and place without the name"
        ),
        ("claims", "files"),
    ),
    Activity.PEOPLE: About(
        gettext_lazy("know who lives where, who may ask and read, and how to reach them"),
        _lease,
        gettext_lazy("the agency of the home, head office, the contact centre"),
        ("people", "needs"),
    ),
    Activity.ACCOUNTS: About(
        gettext_lazy("let persons sign in safely"),
        _lease,
        gettext_lazy("administrators, without what is in the requests"),
        ("people",),
    ),
    Activity.INCOMING: About(
        gettext_lazy("receive messages, calls and letters, and put them where they belong"),
        _lease,
        gettext_lazy(
            "the unit whose mailbox, line or letters they came by; the operators of mail, text "
            "messages and messaging"
        ),
        ("intakes", "scans", "calls", "views"),
    ),
    Activity.OUTGOING: About(
        gettext_lazy("tell persons what happens to their requests and homes"),
        _lease,
        gettext_lazy("the operators of mail, text messages and messaging; the post office"),
        ("deliveries", "notices"),
    ),
    Activity.WORKS: About(
        gettext_lazy("have works done and visits kept"),
        _lease,
        gettext_lazy(
            "the company that does the works: what they need, never a confidential request"
        ),
        ("claims", "access_views"),
    ),
    Activity.COMPLAINTS: About(
        gettext_lazy("answer complaints and formal notices within their time"),
        _duty,
        gettext_lazy("head office, the reviewer of the complaint"),
        ("claims",),
    ),
    Activity.SURVEYS: About(
        gettext_lazy("learn how satisfied tenants are, by a sample, and mend what they say"),
        _interest,
        gettext_lazy(
            "the agency of the home sees who was asked and by which way; nobody reads the answers "
            "of one person; results without persons go to head office, agencies and "
            "representatives"
        ),
        ("survey_invitations", "survey_words"),
    ),
    Activity.STAFF: About(
        gettext_lazy("share out work and say who did what"),
        _interest,
        gettext_lazy("the teams themselves; no figure is about one person"),
    ),
    Activity.RIGHTS: About(
        gettext_lazy("answer persons who use their rights, and prove it"),
        _duty,
        gettext_lazy("the data-protection officer"),
        ("rights",),
    ),
    Activity.TECHNICAL: About(
        gettext_lazy("keep the portal running and safe"),
        _interest,
        gettext_lazy("administrators, without names and words"),
        ("jobs",),
    ),
}


@dataclass(frozen=True)
class Entry:
    """One activity as the register prints it."""

    code: str
    title: str
    about: About
    persons: list[str]
    data: list[str]
    durations: list[str]
    tables: list[dict]


def entries() -> list[Entry]:
    """Return the activities in their order, with what the registry and the rules say of each."""
    rules = {kind.code: (kind, rule) for kind, rule in retention.rules()}
    found = []
    for code in Activity.values:
        rows = [row for row in registry.PERSONAL.values() if row.activity == code]
        columns = [column for row in rows for column in row.columns.values()]
        about = ABOUT[code]
        found.append(
            Entry(
                code,
                str(Activity(code).label),
                about,
                [str(w.label) for w in Whose if any(c.whose == w for c in columns)],
                [str(d.label) for d in Data if any(c.data == d for c in columns)],
                [_duration(*rules[kind]) for kind in about.durations],
                [_table(row) for row in rows],
            )
        )
    return found


def _duration(kind, rule) -> str:
    text = _("%(what)s: %(months)s months from %(start)s, then %(action)s")
    text %= {
        "what": kind.label,
        "months": rule.months,
        "start": kind.start,
        "action": rule.get_action_display(),
    }
    return text if rule.active else _("%(text)s (proposed, not in force)") % {"text": text}


def _table(row) -> dict:
    """Return a model with its columns as the officer reads them."""
    model = registry.model_of(row)
    columns = [
        {
            "name": name,
            "label": label_of(model, name),
            "data": column.data.label,
            "whose": column.whose.label,
            "erased": Erased(column.erased).label,
            "exported": column.exported and row.shown and bool(row.claim or row.person),
        }
        for name, column in row.columns.items()
    ]
    return {"title": str(model._meta.verbose_name_plural), "label": row.label, "columns": columns}
