"""Who should look at a claim, and when: give it, put it aside, follow it."""

from requests.claims.panels import ClaimPage, Panel
from requests.inbox.attention_forms import AsideForm, GiveForm
from requests.kit.choices import OPEN
from requests.teamwork.snoozes import aside_of, may_wait


def attention(page: ClaimPage) -> dict:
    """Return the forms of an open claim, what keeps it aside, and whether the reader follows it."""
    claim, member = page.claim, page.membership
    give = page.form_of(GiveForm)
    put_aside = page.form_of(AsideForm)
    is_open = claim.state in OPEN
    return {
        "give": give or (GiveForm(membership=member) if is_open else None),
        "give_open": give is not None,
        "aside_form": put_aside or (AsideForm(claim=claim) if may_wait(claim) else None),
        "aside_open": put_aside is not None,
        "aside": aside_of(claim, page.moment),
        "followed": any(row.membership_id == member.pk for row in claim.watches.all()),
    }


ATTENTION = Panel("attention", "requests/inbox/_attention.html", attention)
