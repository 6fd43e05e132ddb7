"""What hangs on a claim and is read with it (docs/adr/0063-one-claim-whole.md).

The slices that show it know nothing of this list: a line more spares a statement, a line less
costs one. ``tests/benchmarks/test_claim_page.py`` says which panel asks more than before.
"""

from collections.abc import Iterable

from portal.access import DESK_ROLES, Role
from portal.database.related_rows import Related
from requests.claims.events import Event
from requests.claims.lookup import JOINED
from requests.conversation.mentions import WIDE
from requests.kit.choices import OPEN
from requests.labels.actions import PUT, TAKEN


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(str(name) for name in names))


UNIT = "(SELECT e.unit_id FROM agencies_residence e WHERE e.id = root.residence_id)"
SECTOR = "(SELECT e.sector_id FROM agencies_residence e WHERE e.id = root.residence_id)"
CARETAKER = f"r.role = '{Role.CARETAKER.value}' AND r.unit_id = {UNIT}"
CLAIM_ROWS = Related(
    function="requests_claim_rows",
    model="requests.Claim",
    allowed="palier_claim(wanted)",
    joined=frozenset(JOINED),
    lookups=(
        "events__actor",
        # The conversation.
        "messages__author",
        "messages__attachments",
        "messages__intake",
        "attachments",
        "mentions",
        "deliveries__letter__batch",
        # Who has it, and why it is there.
        "decisions__desk__unit",
        "charges__membership__user",
        "charges__membership__unit",
        "charges__membership__absences__replacement__user",
        "charges__membership__absences__replacement__unit",
        "charges__membership__absences__replacement__absences",
        "snoozes__membership__user",
        "labelled",
        "watches",
        "lendings__help__helper",
        # What was promised, and the complaint that it is or that is about it.
        "promises",
        "pauses",
        "feedback",
        "complaint__about__category",
        "complaint__stages__reviewer__user",
        "complaints__claim",
        "formal_notices",
        "in_incident__incident",
        # The work.
        "orders__contractor",
        "orders__contract",
        "orders__events__actor",
        "orders__appointments",
        "orders__variations",
        "orders__offers__options__slot",
        "orders__photos__attachment",
        # The people and the place.
        "tenant__contact_points",
        "tenant__needs",
        "tenant__mandates__proxy",
        "dwelling__leases__occupancies__tenant",
        "dwelling__staircase__building__residence",
        "staircase__building",
        "building__equipment",
        "residence__unit__hours",
        "caretakers_of_sector__user",
        "caretakers_of_unit__user",
        # What is the landlord's.
        "colleagues__user",
        "colleagues__absences__replacement__user",
        "named_desks__unit",
        "rules__unit",
    ),
    conditions={
        "landlord": ("agencies.Landlord", "true"),
        "mailboxes": ("requests.Mailbox", "true"),
        "closures": ("agencies.Closure", f"r.unit_id IS NULL OR r.unit_id = {UNIT}"),
        "rules": (
            "requests.Rule",
            f"r.active AND r.outcome ? 'propose' AND (r.unit_id IS NULL OR r.unit_id = {UNIT})"
            " AND NOT EXISTS (SELECT FROM requests_ruleswitch s"
            f" WHERE s.rule_id = r.id AND s.unit_id = {UNIT})",
        ),
        "colleagues": (
            "agencies.Membership",
            f"r.role IN ({_quoted(WIDE)}) OR (r.role IN ({_quoted(DESK_ROLES)}) AND r.unit_id IN ("
            f" {UNIT}, (SELECT d.unit_id FROM agencies_desk d WHERE d.id = root.owner_id)))",
        ),
        "caretakers_of_sector": (
            "agencies.Membership",
            f"{CARETAKER} AND EXISTS (SELECT FROM agencies_membership_sectors s"
            f" WHERE s.membership_id = r.id AND s.sector_id = {SECTOR})",
        ),
        "caretakers_of_unit": (
            "agencies.Membership",
            f"{CARETAKER} AND NOT EXISTS"
            " (SELECT FROM agencies_membership_sectors s WHERE s.membership_id = r.id)",
        ),
        # The desks that its events name.
        "named_desks": (
            "agencies.Desk",
            "r.id::text IN (SELECT e.facts ->> 'desk' FROM requests_claimevent e"
            " WHERE e.claim_id = root.id)",
        ),
        # Other open requests of the same person: whether the reader sees them is asked then.
        "of_the_same": (
            "requests.Claim",
            f"r.tenant_id = root.tenant_id AND r.id <> root.id AND r.state IN ({_quoted(OPEN)})",
        ),
        "ready_replies": (
            "requests.CannedReply",
            "given ? 'unit' AND r.language = left(root.language, 2)"
            " AND (r.unit_id IS NULL OR r.unit_id = (given ->> 'unit')::bigint)",
        ),
        "drafts": (
            "requests.Attachment",
            "r.claim_id IS NULL AND r.session = given ->> 'session'",
        ),
        # What was merged into it was so after it came; a mail may bear a date that is to come.
        "merged_here": (
            "requests.ClaimEvent",
            "r.name = 'merge' AND r.undone_at IS NULL"
            " AND r.at >= least(root.filed_at, root.routed_at) - interval '30 days'"
            " AND r.facts ->> 'into' = root.id::text",
        ),
        # Those to choose from, those it bears, and those that its events name.
        "labels": (
            "requests.Label",
            "r.active OR EXISTS (SELECT FROM requests_claimlabel b"
            " WHERE b.claim_id = root.id AND b.label_id = r.id)"
            " OR EXISTS (SELECT FROM requests_claimevent e"
            f" WHERE e.claim_id = root.id AND e.name = '{Event.LABELLED.value}'"
            f" AND (e.facts -> '{PUT}' ? r.code OR e.facts -> '{TAKEN}' ? r.code))",
        ),
        "terms": (
            "requests.PromiseTerm",
            "r.urgency = root.urgency"
            " AND (r.category_id IS NULL OR r.category_id = root.category_id)",
        ),
    },
    only={"events": "r.undone_at IS NULL"},
    # The raw mail may weigh megabytes.
    left_out={
        "requests.Intake": ("raw", "html", "text"),
        "portal.User": ("password",),
        "agencies.Landlord": ("logo",),
        "requests.Claim": ("search",),
        "requests.Mailbox": ("secret_name", "webhook_secret_name", "stuck", "last_error"),
    },
    instead={"requests.Intake": {"has_html": "r.html <> ''"}},
)
