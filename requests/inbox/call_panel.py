"""Ring the tenant: the number, what to say first, and the form for what came of it."""

from django.utils import translation

from portal.phones import national_format
from requests.claims.panels import ClaimPage, Panel
from requests.conversation.forms import RecordCallForm
from requests.inbox.context_panel import person_of
from requests.notifications.events import emergency_numbers
from requests.proposals.rules import script


def call(page: ClaimPage) -> dict:
    """Return the number given with the claim, or else the tenant's, what to say, and the form.

    ``safety`` is whom to call in the danger that the claim tells of, in the tenant's language.
    """
    contacts = person_of(page)["contacts"]
    known = next((contact.value for contact in contacts if contact.kind == "phone"), "")
    number = page.claim.contact_phone or known
    returned = page.form_of(RecordCallForm)
    with translation.override(page.claim.language):
        safety = emergency_numbers(page.claim)
    return {
        "phone": number,
        "phone_said": national_format(number),
        "script": script(page.claim.state),
        "safety": safety,
        "call": returned or RecordCallForm(),
    }


CALL = Panel("call", "requests/inbox/_call.html", call)
