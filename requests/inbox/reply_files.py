"""Files that staff choose for a reply, note or step: kept as drafts until it leaves."""

from django.forms import Form

from agencies.http_types import StaffRequest
from portal.clock import now
from requests.attachments import uploads
from requests.attachments.staff_drafts import session_of
from requests.claims.models import Claim
from requests.kit.choices import Channel


def keep_files(request: StaffRequest, claim: Claim, form: Form) -> None:
    """Check the form, keep its files and drop those that are taken away.

    A mistake or a refused file loses neither the words nor the other files.
    """
    form.full_clean()
    if "attached" not in form.fields:
        return
    session, moment = session_of(request.user, claim), now()
    for number in request.POST.getlist("remove")[: uploads.MOST]:
        uploads.remove(session=session, attachment=number, now=moment)
    _kept, refusals = uploads.keep_all(
        form.cleaned_data.get("attached") or [],
        session=session,
        channel=Channel.WEB,
        now=moment,
        by=request.user,
    )
    for refusal in refusals:
        form.add_error("attached", refusal)
    form.drafts = list(uploads.drafts(session, moment))
