"""Ring the tenant: the number, what to say first, and the form for what came of it."""

from requests.claims.panels import ClaimPage, Panel
from requests.conversation.forms import RecordCallForm
from requests.inbox.context_panel import person_of
from requests.proposals.rules import script


def call(page: ClaimPage) -> dict:
    """Return the number given with the claim, or else the tenant's, and the form."""
    contacts = person_of(page)["contacts"]
    known = next((contact.value for contact in contacts if contact.kind == "phone"), "")
    returned = page.form_of(RecordCallForm)
    return {
        "phone": page.claim.contact_phone or known,
        "script": script(page.claim.state),
        "call": returned or RecordCallForm(),
        "call_open": returned is not None,
    }


CALL = Panel("call", "requests/inbox/_call.html", call)
