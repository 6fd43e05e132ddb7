"""The order under contract that one key sends, beside whatever else the page proposes."""

from django.utils.translation import gettext

from requests.claims.panels import ClaimPage, Panel
from requests.conversation.panel import channels_of_page
from requests.inbox.decision_panel import proposal_of_page, values_of
from requests.kit.choices import Channel
from requests.proposals.custom_rules import ORDER
from requests.proposals.queries import order_by_contract
from requests.work_orders.panel import order_proposal_of_page


def order(page: ClaimPage) -> dict | None:
    """Return the order and its exact text; None without a contract, or when a rule proposes it."""
    proposed = proposal_of_page(page)
    if proposed and proposed.transition == ORDER:
        return None
    found = order_proposal_of_page(page)
    if found is None or found["contract"] is None:
        return None
    made = order_by_contract(page.claim, page.membership, page.moment, made=found["made"])
    if made is None:
        return None
    return {
        "order": made,
        "order_values": values_of(made, page.claim),
        "at_once": gettext("leaves in half a minute"),
        "order_channel": Channel(channels_of_page(page)[0]).label,
    }


UNDER_CONTRACT = Panel("order", "requests/inbox/_order.html", order)
