"""Orders and visits of a claim, or the order under contract that one key sends."""

from django.utils.translation import gettext

from requests.claims.panels import ClaimPage, Panel
from requests.conversation.panel import channels_of_page
from requests.inbox.decision_panel import proposal_of_page, values_of
from requests.kit.choices import Channel
from requests.proposals.custom_rules import ORDER
from requests.proposals.queries import order_by_contract
from requests.work_orders.panel import orders_context


def work(page: ClaimPage) -> dict:
    """Return the orders as their slice shows them, and the ``order`` that one key would send."""
    return (found := orders_context(page.claim, page.membership)) | _under_contract(page, found)


def _under_contract(page: ClaimPage, found: dict) -> dict:
    """Return the order and its exact text; nothing without a contract, or when a rule says it."""
    proposed, possible = proposal_of_page(page), found["order_proposal"]
    by_rule = proposed is not None and proposed.transition == ORDER
    if by_rule or possible is None or possible["contract"] is None:
        return {}
    order = order_by_contract(page.claim, page.membership, page.moment, made=possible["made"])
    if order is None:
        return {}
    return {
        "order": order,
        "order_values": values_of(order, page.claim),
        "order_channel": Channel(channels_of_page(page)[0]).label,
        "at_once": gettext("leaves in half a minute"),
    }


WORK = Panel("work", "requests/inbox/_work.html", work)
