"""What the page of a claim shows of its conversation: the thread, and the forms that add to it."""

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.database.related_rows import kept
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.attachments.staff_drafts import session_of
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.conversation import mentions
from requests.conversation.forms import MessageForm, RecordAnswerForm
from requests.conversation.ready_replies import fill_placeholders
from requests.conversation.thread import STAFF, fold
from requests.conversation.thread import thread as thread_of
from requests.kit.choices import Channel, State
from requests.notifications.contact_routes import reply_channels
from requests.promises.outlook import Outlook
from requests.routing.expected_date import outlook_of

MOST_HANDLES = 12
# What a reply's other buttons say, by the state that they lead to.
AND_THEN = {
    State.WAITING_TENANT: (_("and wait"), _("Reply and wait")),
    State.DONE: (_("and finish"), _("Reply and finish")),
}


def unread_mention(page: ClaimPage) -> dict | None:
    """Return an empty context when a note that the reader has not read names them."""
    for mention in page.claim.mentions.all():
        if mention.user_id == page.user.pk and mention.seen_at is None:
            return {}
    return None


def thread(page: ClaimPage) -> dict:
    """Return the entries of the conversation, internal notes included."""
    found = thread_of(page.claim, page.events, page.moment, reader=STAFF)
    earlier, last = fold(found)
    return {"thread": last, "earlier": earlier}


def files(page: ClaimPage) -> dict | None:
    """Return every file of the claim, by whatever way it came; None when there is none."""
    found = sorted(page.claim.attachments.all(), key=lambda file: (file.at, file.place, file.pk))
    return {"files": found} if found else None


def record_answer_form(page: ClaimPage) -> dict:
    """Return the form for what the tenant said elsewhere."""
    returned = page.form_of(RecordAnswerForm)
    return {"heard": returned or RecordAnswerForm(claim=page.claim)}


def outlook_of_page(page: ClaimPage) -> Outlook | None:
    """Return what is promised after each step; read once a page."""
    return page.compute_once("outlook", lambda: outlook_of(page.claim, page.moment))


def channels_of_page(page: ClaimPage) -> list[str]:
    """Return the channels that a reply may go through, the usual one first; read once a page."""
    return page.compute_once("channels", lambda: reply_channels(page.claim))


def steps_of_reply(claim: Claim, role: str, barred: Collection[str]) -> dict[str, str]:
    """Return ``workflow.reply_steps`` without those that are ``barred`` to the reader."""
    steps = workflow.reply_steps(claim.state, role)
    return {target: name for target, name in steps.items() if name not in barred}


def composer(page: ClaimPage) -> dict:
    """Return the form of a reply or note, its buttons, ready-made replies and colleagues' names.

    ``sends`` are the buttons besides a plain reply: the state that each leads to, its words, its
    name, and the date that is promised once it was sent.
    """
    claim, again = page.claim, page.again
    outlook = outlook_of_page(page)
    taken_back = again if again and again.name == Event.MESSAGE_OUT else None
    words = {"text": taken_back.facts.get("text", "")} if taken_back else {}
    channels = channels_of_page(page)
    steps = steps_of_reply(claim, page.membership.role, page.barred())
    people = [user for user in mentions.colleagues(claim) if user.pk != page.user.pk]
    gone = mentions.away(people, timezone.localdate(page.moment), claim)
    returned = page.form_of(MessageForm)
    return {
        "reply": returned or MessageForm(claim=claim, initial=words, channels=channels),
        "canned": fill_placeholders(claim, page.membership, outlook),
        "drafts": _drafts(page),
        "promise": outlook.after(Event.MESSAGE_OUT) if outlook else None,
        "sends": [
            (target, *AND_THEN[State(target)], outlook.after(name) if outlook else None)
            for target, name in steps.items()
        ],
        "counts_sms": Channel.SMS in channels,
        "handles": [
            (mentions.handle(user, people), gone.get(user.pk)) for user in people[:MOST_HANDLES]
        ],
    }


def _drafts(page: ClaimPage) -> list[Attachment]:
    """Return the files that the reader has chosen and not sent yet."""
    rows = kept(page.claim, "drafts")
    if rows is None:
        return list(uploads.drafts(session_of(page.user, page.claim), page.moment))
    return [file for file in rows if file.at > page.moment - uploads.DRAFT_LIFE]


MENTIONED = Panel("mentioned", "requests/conversation/_mentioned.html", unread_mention)
THREAD = Panel("thread", "requests/conversation/_thread.html", thread)
FILES = Panel("files", "requests/conversation/_all_files.html", files)
HEARD = Panel("heard", "requests/conversation/_heard.html", record_answer_form)
COMPOSER = Panel("composer", "requests/conversation/_composer.html", composer)
