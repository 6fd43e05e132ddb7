"""The main job across four people: tenant, agent, tenant again, head office."""

import re

import pytest

from agencies.models import Staircase
from portal.clock import now
from requests.figures import upkeep
from tests.e2e.pages import Figures, Filing, Following, Inbox, fr, in_two_days

AGENCY = "Agence Nord"
MAIL = "mina.{}@example.test"


def place() -> str:
    """A street of the agency where Sonia works."""
    return (
        Staircase.objects.filter(building__residence__unit__name=AGENCY).earliest("pk").street
        + ", Valmer"
    )


def bring_to_the_agency(visitor, reference: str) -> None:
    """The contact centre hands over what the register could not place by itself."""
    desk = Inbox(visitor("call_taker"))
    assert desk.open(reference), "Nobody sees the claim."
    desk.act(
        fr("Hand over"),
        {
            fr("Desk"): f"{fr('Technical desk')} · {AGENCY}",
            fr("Reason"): "Adresse reconnue",
            fr("Next news before"): in_two_days(),
        },
    )


@pytest.mark.parametrize("javascript", [False, True], ids=["without-js", "with-js"])
def test_a_leak_from_filing_to_the_figures(visitor, drain, letters, javascript):
    figures = Figures(visitor("agency_manager"))
    before = figures.of("received", "settled", "fixed")
    address = MAIL.format("js" if javascript else "plain")

    # The tenant files without an account.
    tenant = visitor(javascript=javascript, width=360)
    filing = Filing(
        tenant,
        address=place(),
        room="cuisine",
        words="L'eau coule sous l'évier depuis ce matin.",
        name="Mina Sow",
        email=address,
    )
    filing.begin().until(r"/s/")
    drain()
    tenant.reload()
    followed = Following(tenant)
    reference = followed.reference
    followed.expect(r"(avant|nouvelle).*\d{1,2}\sh")

    # The agent finds it, takes charge and plans a visit.
    inbox = Inbox(visitor("agent"))
    if not inbox.open(reference):
        bring_to_the_agency(visitor, reference)
        assert inbox.open(reference), "The agency does not see the claim."
    inbox.act(fr("Take charge"))
    inbox.act(fr("Plan a visit"), {fr("Visit"): in_two_days()})
    drain()

    # The tenant opens the link of the e-mail and sees the visit.
    letter = letters(address)[-1]
    tenant.goto(re.search(r"http://\S+/s/\S+", letter)[0])
    followed.expect(r"visite.*10\sh\s30|10\sh\s30.*visite")
    assert followed.reference == reference

    # The agent reports the work done; the tenant says that it is fixed.
    assert inbox.open(reference)
    inbox.act(fr("Work is finished"))
    drain()
    tenant.reload()
    followed.says_fixed()
    drain()
    followed.expect("Clôturée|Close|répar|Terminée")

    # The agency sees one more received, settled and said fixed; head office, in three days.
    upkeep.refresh(now=now())
    assert figures.of("received", "settled", "fixed") == [n + 1 for n in before]
