"""Whose words an answer may show: canary → the relations that may read it."""

import re

from tests.matrix.rules import COMPANY, DESKS, EVERYWHERE, NOBODY, PROXIES, SCOPES
from tests.matrix.world import PHONES, VARIANTS

CANARY = re.compile(rb"cnry-([a-z]+)-([a-z_]+)")
# The phones, however they are written.
PHONE = re.compile(b"39[\\s.]?98[\\s.]?10[\\s.]?0(\\d)")
SPACES = ("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")
VARIANT_OF = {number[-1].encode(): variant for variant, number in PHONES.items()}


def in_the_request(variant: str) -> set[str]:
    """Return who reads the request and its conversation."""
    people = set(SCOPES["reads"][variant] or ()) | set(SCOPES["proxies"][variant] or ())
    return people | DESKS | set(SCOPES["opener"][variant] or ())


def of_request(variant: str) -> dict[str, set[str]]:
    """Return kind of text → who may read it, of one variant of the request."""
    reads = in_the_request(variant)
    own_caretaker = NOBODY if variant == "confided" else {"caretaker"}
    opener = set(SCOPES["opener"][variant] or ())
    company = NOBODY if variant == "confided" else COMPANY
    return {
        "words": reads | company,
        "message": reads,
        "file": reads | COMPANY,
        "note": reads | COMPANY | own_caretaker,
        "name": DESKS | {"author"} | opener,
        "mail": DESKS | {"author"} | opener,
        "phone": DESKS | {"author"} | opener,
        "internal": DESKS | opener,
        "order": DESKS | COMPANY | own_caretaker,
        "access": DESKS,  # the company too, from the eve of the visit; none is tomorrow here
        "letter": DESKS,
        "address": DESKS,
    }


# Names of people, by relation: themselves, the desks of their stock, and whom they let know.
HOME = {"author", "joint", "occupant"}
NAMES = {
    "author": DESKS
    | HOME
    | PROXIES
    | {"former_agency", "officer", "neighbour", "emergency_opener"},
    "joint": DESKS | HOME,
    "occupant": DESKS | HOME,
    "tenant_elsewhere": EVERYWHERE | {"tenant_elsewhere", "other_agent", "other_manager"},
}
OTHERS = {
    ("words", "rights"): DESKS | {"author", "officer"},
    ("file", "export"): {"author", "officer"},
    ("reason", "emergency"): {"emergency_opener", "manager", "head_office", "officer"},
    ("words", "help"): {"manager", "head_office", "former_agency"},
    ("mail", "tray"): DESKS,
    ("words", "tray"): DESKS,
    ("words", "scan"): DESKS,
    ("file", "scan"): DESKS,
    ("file", "thumb"): DESKS,
    ("reason", "end"): DESKS,
}


def readers(kind: str, of: str) -> set[str]:
    """Return the relations that may read a canary."""
    if of in VARIANTS:
        return of_request(of)[kind]
    if kind == "name":
        return NAMES.get(of, DESKS | {of})
    return OTHERS[kind, of]


def found(body: bytes) -> set[tuple[str, str]]:
    """Return the canaries of an answer, as (kind, whose)."""
    for space in SPACES:
        body = body.replace(space.encode(), b" ")
    seen = {(kind.decode(), of.decode()) for kind, of in CANARY.findall(body)}
    seen |= {("phone", VARIANT_OF[n]) for n in PHONE.findall(body) if n in VARIANT_OF}
    return seen
