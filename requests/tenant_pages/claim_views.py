"""Show a tenant's claim, by its random link or by login: read, write, answer, print.

Both ways show the same fragments and allow the same steps; the link shows no full name and no
address (docs/principles.md, D1, D2). A GET changes nothing: mail scanners open links.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies import landlord
from portal import form_drafts
from portal.actor import Actor
from portal.clock import now
from portal.database.related_rows import kept
from portal.http_types import PortalRequest
from portal.memory import reading_once, remember
from requests.attachments import uploads
from requests.attachments.responses import qr_code, serve
from requests.claims import links, workflow
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.related import FOR_TENANT, read_whole
from requests.claims.transitions import advance
from requests.complaints.panel import stages
from requests.conversation import actions as conversation
from requests.conversation.thread import AUTHOR, HOME, AnyEntry, fold
from requests.conversation.thread import thread as conversation_of
from requests.conversation.timeline import timeline
from requests.household import confidential
from requests.household.readers import sentences
from requests.identity import own_proof
from requests.kit.choices import CALENDAR_URGENCIES, OPEN, Channel, RefusalReason, State
from requests.notifications import preferences
from requests.routing.expected_date import news_said
from requests.tenant_pages.forms import MessageForm
from requests.work_orders.panel import orders_context
from requests.work_orders.readable_files import filed_with, readable_files

TENANT_MOVES = frozenset({Event.SAY_FIXED, Event.SAY_NOT_FIXED, Event.REOPEN, Event.WITHDRAW})
NOT_SURE = _("I am not sure that it is fixed. Please call me.")
RELATED = (
    "building__residence",
    "category__family",
    "dwelling__staircase",
    "owner__unit",
    "residence__unit",
    "staircase",
    "tenant",
)


@dataclass(frozen=True)
class ClaimAccess:
    """How the tenant opened the claim: it decides their rights and the address of every button.

    With a login, ``own`` tells the author from the people of the home, and ``acts`` says who of
    these may write and decide. The link belongs to the author.
    """

    claim: Claim
    by_login: bool
    own: bool = True
    acts: bool = True

    @property
    def words(self) -> bool:
        """Return whether the reader may see the words with which the claim was filed."""
        return self.own or self.claim.written_on_own_pages

    @property
    def messages(self) -> QuerySet:
        """Return the entries of the conversation that the reader may see."""
        rows = self.claim.messages.all()
        return rows if self.own else rows.for_household()

    @property
    def files(self) -> QuerySet:
        """Return the files that the reader may see: never what only the office may see."""
        return readable_files(self.claim, None if self.own else self.messages)

    @property
    def filed(self) -> QuerySet:
        """Return the files that came with the filing itself, without words of their own."""
        return filed_with(self.claim, self.files)

    def url(self, page: str, *more: object) -> str:
        if self.by_login:
            return reverse(f"my:{page}", args=[self.claim.pk, *more])
        return reverse(
            "follow" if page == "claim" else f"follow_{page}", args=[self.claim.token, *more]
        )

    @property
    def links(self) -> dict[str, str]:
        acts = {name: self.url("act", name) for name in (*TENANT_MOVES, "not_sure")}
        pages = ("claim", "write", "news", "print", "qr", "confidential")
        link = {f"link_{what}": self.url("link", what) for what in ("close", "new")}
        return {page: self.url(page) for page in pages} | acts | link


def by_link(token: str) -> ClaimAccess:
    """Return the access that a link gives. Raises Http404, and ``Gone`` for an ended link."""
    return ClaimAccess(links.find(token, now(), *RELATED), by_login=False)


# The pages, for both ways in.


@reading_once()
def show(
    request: PortalRequest,
    access: ClaimAccess,
    form: MessageForm | None = None,
    *,
    status: int = 422,
) -> HttpResponse:
    """Show the claim: our question, the next news, what happened, messages, ways to answer.

    ``status`` is answered when ``form`` has errors.
    """
    claim, moment = access.claim, now()
    form = form or MessageForm()
    reader = AUTHOR if access.own else HOME
    said = list(read_whole(claim, FOR_TENANT).events.all())
    if house := kept(claim, "landlord"):
        remember(landlord.KEY, house[0])
    entries = None if access.own else access.messages
    thread = conversation_of(claim, said, moment, reader=reader, entries=entries)
    if thread:  # what came with the filing, whether or not it had words
        thread[0].attached += list(access.filed)
    for entry in thread:
        entry.files = [(f, access.url("file", f.pk)) for f in entry.attached]
    earlier, last = fold(thread)
    promise = news_said(claim, moment)
    work = orders_context(claim, None)
    offers = [order.offer for order in work["orders"] if order.offer]
    offer = next((found for found in offers if not found.called_for), None)
    page = {
        "claim": claim,
        "access": access,
        "links": access.links,
        "form": form,
        "offer": offer,
        "actions": workflow.allowed(claim.state, "tenant") if access.acts else frozenset(),
        "thread": last,
        "earlier": earlier,
        "drafts": uploads.drafts(_session(request, claim), moment),
        "open": claim.state in OPEN,
        "promise": promise,
        "late": claim.state in OPEN and promise is not None and promise < moment,
        "urgent": claim.urgency in CALENDAR_URGENCIES,
        "question": _last_text(thread) if claim.state == State.WAITING_TENANT else "",
        "refusal": _refusal(claim, access) if claim.state == State.REFUSED else None,
        "sent": request.session.get("sent") == claim.token,
        "place_of_talk": claim.residence,
        "may_say_who": not access.by_login and own_proof.may_prove(claim),
        "only_needed": access.own and preferences.only_needed(claim),
        **work,
        **(stages(claim) if access.own else {}),
        "complain_url": access.url("complain"),
        **(_private(access, moment) if access.own else {}),
    }
    template = (
        "requests/tenant_pages/my/claim.html"
        if access.by_login
        else "requests/tenant_pages/follow.html"
    )
    return render(request, template, page, status=status if form.errors else 200)


def _private(access: ClaimAccess, moment: datetime) -> dict:
    """Return what only the author is told: who reads the claim, and how its link stands."""
    claim = access.claim
    return {
        "readers": sentences(claim, moment, named=access.by_login),
        "link_open": links.is_open(claim, moment),
        "link_over": links.is_over(claim, moment),
    }


def _last_text(thread: list[AnyEntry]) -> str:
    ours = (m for m in reversed(thread) if isinstance(m, Message) and m.direction == "out")
    return next((m.text for m in ours), "")


def _refusal(claim: Claim, access: ClaimAccess) -> dict | None:
    refusals = [event for event in claim.events.all() if event.name == Event.REFUSE]
    if not refusals:
        return None
    event = refusals[-1]
    reasons = dict(RefusalReason.choices)
    reason = event.facts.get("reason")
    # "Another reason" says nothing by itself: the message explains it.
    label = reasons.get(reason) if reason != RefusalReason.OTHER else None
    # The message with it is part of the conversation: only those who may read that see it.
    heard = access.own or access.messages.filter(pk=event.facts.get("message") or None).exists()
    return {"reason": label or "", "text": event.facts.get("text", "") if heard else ""}


def _session(request: PortalRequest, claim: Claim) -> str:
    """Return the random key under which this visitor's unsent photos for this claim are stored."""
    writer = request.session.get("writer", "")
    return hashlib.sha256(f"{writer}:{claim.pk}".encode()).hexdigest() if writer else ""


def _with_photos(request: PortalRequest, access: ClaimAccess) -> tuple[MessageForm, str]:
    """Return the posted form, and the key under which its photos are stored as drafts."""
    if "writer" not in request.session:
        request.session["writer"] = uuid.uuid4().hex
    session = _session(request, access.claim)
    form = MessageForm(request.POST, request.FILES)
    if form.is_valid():
        _kept, refusals = uploads.keep_all(
            form.cleaned_data["photos"],
            session=session,
            channel=Channel.WEB,
            now=now(),
            by=_author(request, access).user,
        )
        for refusal in refusals:
            form.add_error("photos", refusal)
    return form, session


def _author(request: PortalRequest, access: ClaimAccess) -> Actor:
    return Actor.tenant(request.user if access.by_login else None)


def _send(request: PortalRequest, access: ClaimAccess, text: str, session: str) -> None:
    """Make one message of the text and the stored photos. Call it in a transaction."""
    with translation.override(access.claim.language):
        text = text or gettext("Here is a photo.")
    message = conversation.from_tenant(
        claim=access.claim, text=text, actor=_author(request, access), now=now()
    )
    uploads.join(session=session, claim=access.claim, now=now(), message=message)


def write(request: PortalRequest, access: ClaimAccess) -> HttpResponse:
    """Receive a message with or without photos.

    A refused file loses neither words nor other files.
    """
    form, session = _with_photos(request, access)
    text = form.data.get("text", "").strip()
    if not form.errors and not text and not uploads.drafts(session, now()).exists():
        form.add_error("text", _("Write your message first, or add a photo."))
    if form.errors:
        return show(request, access, form)
    with transaction.atomic():
        _send(request, access, text, session)
    request.session.pop("sent", None)
    _say_sent(request, access)
    return redirect(access.url("claim"))


def _say_sent(request: PortalRequest, access: ClaimAccess) -> None:
    """Say that the message left, and let the browser forget the words: nobody sends them twice."""
    form_drafts.done(request, _("Your message is sent."), f"write-{access.claim.reference}")


def act(request: PortalRequest, access: ClaimAccess, transition: str) -> HttpResponse:
    """Make one step of the transition table that the tenant may make, or record "not sure".

    A step that is no longer possible answers 409 and keeps the words; without words or photos it
    leads to the claim, which says how it stands.
    """
    request.session.pop("sent", None)
    if transition == "not_sure":
        _not_sure(access.claim, _author(request, access))
        return redirect(access.url("claim"))
    if transition not in TENANT_MOVES:
        raise Http404
    form, session = _with_photos(request, access)
    if form.errors:
        return show(request, access, form)
    text = form.cleaned_data["text"].strip()
    try:
        with transaction.atomic():
            actor = _author(request, access)
            advance(claim=access.claim, transition=transition, actor=actor, now=now(), text=text)
            if text:
                _send(request, access, text, session)
                _say_sent(request, access)
    except workflow.NotAllowed:
        # It was done before, or somebody else was faster.
        if not text and not uploads.drafts(session, now()).exists():
            return redirect(access.url("claim"))
        access.claim.refresh_from_db()
        changed = _("Your request changed meanwhile. Nothing was sent: read it, then send again.")
        form.add_error("text", changed)
        return show(request, access, form, status=409)
    except ValueError:
        form.add_error("text", _("Write in a few words what is not settled."))
        return show(request, access, form)
    return redirect(access.url("claim"))


def news(request: PortalRequest, access: ClaimAccess) -> HttpResponse:
    """Choose between all our news and only what is needed to follow the claim."""
    everything = request.POST.get("news") != "needed"
    preferences.choose(claim=access.claim, everything=everything, now=now())
    said = _("We write you all our news.") if everything else _("We write only what is needed.")
    messages.success(request, said)
    return redirect(access.url("claim"))


def make_confidential(request: PortalRequest, access: ClaimAccess) -> HttpResponse:
    """Make the claim the author's alone in the home, or share it again as before."""
    wanted = request.POST.get("confidential") == "yes"
    actor = _author(request, access)
    confidential.mark(claim=access.claim, confidential=wanted, actor=actor, now=now())
    said = _("In your home, only you read it now.") if wanted else _("No longer confidential.")
    messages.success(request, said)
    return redirect(access.url("claim"))


def change_link(request: PortalRequest, access: ClaimAccess, what: str) -> HttpResponse:
    """Close the private link, or make a new one: whoever had the former one is left outside."""
    actor, moment, claim = _author(request, access), now(), access.claim
    if what == "close":
        links.close(claim=claim, actor=actor, now=moment, reason="author")
        messages.success(request, _("The private link is closed. Log in to read your request."))
    elif what == "new" and not links.is_over(claim, moment):
        links.renew(claim=claim, actor=actor, now=moment, reason="author")
        messages.success(request, _("Here is your new private link. The former one is closed."))
    else:
        raise Http404
    return redirect(access.url("claim"))


def _not_sure(claim: Claim, actor: Actor) -> None:
    """Ask for a call, once; the claim stays as it is."""
    with translation.override(claim.language):
        text = str(NOT_SURE)
    last = claim.messages.filter(direction=Message.Direction.IN).last()
    if claim.state == State.DONE and (last is None or last.text != text):
        conversation.from_tenant(claim=claim, text=text, actor=actor, now=now())


def letter(request: PortalRequest, access: ClaimAccess) -> HttpResponse:
    """Show the claim as a letter for a window envelope: one page, with its QR code."""
    claim = access.claim
    unit = claim.owner.unit if claim.owner else (claim.residence.unit if claim.residence else None)
    page = {
        "claim": claim,
        "access": access,
        "links": access.links,
        "unit": unit,
        "events": timeline(claim)[:5],
        "words": claim.words[:700],
        "today": now(),
        "promise": news_said(claim, now()),
        "link_open": links.is_open(claim, now()),
    }
    return render(request, "requests/tenant_pages/my/letter.html", page)


def qr(access: ClaimAccess) -> HttpResponse:
    """Return the claim's link as a QR code (SVG), drawn by the portal. Raises ``Gone``."""
    links.check(access.claim, now())
    address = settings.PALIER_URL + reverse("follow", args=[access.claim.token])
    return qr_code(address)


def file_of(request: PortalRequest, access: ClaimAccess, pk: uuid.UUID) -> HttpResponseBase:
    """Return a file of this claim that the reader may see; a photo's thumbnail with ``?small``."""
    found = get_object_or_404(access.files, pk=pk)
    return serve(found, small="small" in request.GET, wanted=request.headers.get("Range"))
