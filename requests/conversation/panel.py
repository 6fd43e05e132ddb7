"""What the page of a claim shows of its conversation: the thread, and the forms that add to it."""

from requests.attachments import uploads
from requests.attachments.staff_drafts import session_of
from requests.claims.events import Event
from requests.claims.panels import ClaimPage, Panel
from requests.conversation import mentions
from requests.conversation.forms import MessageForm, RecordAnswerForm
from requests.conversation.ready_replies import fill_placeholders
from requests.conversation.thread import STAFF, fold
from requests.conversation.thread import thread as thread_of
from requests.promises.outlook import Outlook
from requests.routing.expected_date import outlook_of

MOST_HANDLES = 12


def unread_mention(page: ClaimPage) -> dict | None:
    """Return an empty context when a note that the reader has not read names them."""
    unread = page.claim.mentions.filter(user=page.user, seen_at=None)
    return {} if unread.exists() else None


def thread(page: ClaimPage) -> dict:
    """Return the entries of the conversation, internal notes included, and every file."""
    found = thread_of(page.claim, page.events, page.moment, reader=STAFF)
    earlier, last = fold(found)
    return {
        "thread": last,
        "earlier": earlier,
        "files": list(page.claim.attachments.order_by("at", "place", "id")),
    }


def photos(page: ClaimPage) -> dict | None:
    """Return an empty context while photos may be asked for."""
    return None if page.claim.ended_at else {}


def record_answer_form(page: ClaimPage) -> dict:
    """Return the form for what the tenant said elsewhere."""
    returned = page.form_of(RecordAnswerForm)
    return {
        "heard": returned or RecordAnswerForm(claim=page.claim),
        "heard_open": returned is not None,
    }


def outlook_of_page(page: ClaimPage) -> Outlook | None:
    """Return what is promised after each step; read once a page."""
    return page.compute_once("outlook", lambda: outlook_of(page.claim, page.moment))


def composer(page: ClaimPage) -> dict:
    """Return the form of a reply or note, the ready-made replies and the colleagues' names."""
    claim, again = page.claim, page.again
    outlook = outlook_of_page(page)
    promise = outlook.after(Event.MESSAGE_OUT) if outlook else None
    taken_back = again if again and again.name == Event.MESSAGE_OUT else None
    words = {"text": taken_back.facts.get("text", "")} if taken_back else {}
    people = [user for user in mentions.colleagues(claim) if user.pk != page.user.pk]
    return {
        "reply": page.form_of(MessageForm) or MessageForm(claim=claim, initial=words),
        "canned": fill_placeholders(claim, page.membership, outlook),
        "drafts": list(uploads.drafts(session_of(page.user, claim), page.moment)),
        "promise": promise,
        "handles": [mentions.handle(user, people) for user in people][:MOST_HANDLES],
    }


MENTIONED = Panel("mentioned", "requests/conversation/_mentioned.html", unread_mention)
THREAD = Panel("thread", "requests/conversation/_thread.html", thread)
PHOTOS = Panel("photos", "requests/conversation/_ask_photo.html", photos)
HEARD = Panel("heard", "requests/conversation/_heard.html", record_answer_form)
COMPOSER = Panel("composer", "requests/conversation/_composer.html", composer)
