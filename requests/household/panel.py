"""Who reads the claim and by which link, on its page for staff."""

from requests.claims import links
from requests.claims.panels import ClaimPage, Panel
from requests.household.forms import CloseLinkForm
from requests.household.readers import staff_sentences


def access(page: ClaimPage) -> dict:
    """Return the readers, whether the claim is confidential, and how its link stands."""
    claim, moment = page.claim, page.moment
    return {
        "readers": staff_sentences(claim, moment),
        "confidential_by_category": claim.category.sensitive,
        "link_over": links.is_over(claim, moment),
        "link_open": links.is_open(claim, moment),
        "close_form": page.form_of(CloseLinkForm) or CloseLinkForm(auto_id="link_%s"),
    }


ACCESS = Panel("access", "requests/household/_panel.html", access)
