"""Letters of the demo: a batch at the post office, two to print, and the morning's scanned mail."""

import io
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F, Max
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from agencies.models import Membership
from portal.actor import Actor
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation.actions import write
from requests.jobs.models import Job
from requests.kit import pdf
from requests.kit.choices import Channel
from requests.letters import actions as letters
from requests.letters import scans
from requests.letters.models import Scan
from requests.notifications import claim_messages

OUT = [
    "Comme convenu, voici par écrit le compte rendu de l’intervention. Elle est terminée.",
    "Nous confirmons par écrit ce que nous vous avons dit au téléphone. Gardez cette lettre.",
    "Écrivez-nous si cela recommence : votre demande sera rouverte le jour même.",
    "Voici par écrit la réponse que vous avez demandée au guichet.",
    "Vous n’avez pas d’adresse électronique : nous continuons de vous répondre par courrier.",
]
POSTED = 3  # of them; the others wait for today's batch
NUMBER = "RR123456785FR"  # the international form with its check digit; belongs to nobody
TYPED = ("Mme P.", "Objet : {0}", "Depuis ma demande {0}, le volet est toujours bloqué.")
BY_HAND = """M. D., porte 12

À l’agence

Bonjour,

L’eau coule encore sous l’évier depuis votre visite.
Je n’ai pas de téléphone. Merci de m’écrire.

M. D."""


def build(agent: Membership, now: datetime) -> None:
    """Write them through the actions of the letters' screens; leave no job to do."""
    then = now - timedelta(days=2)
    recent = (
        Claim.objects.visible_to(agent)
        .filter(
            residence__unit=agent.unit_id,
            category__sensitive=False,
            tenant__occupancies__lease__dwelling=F("dwelling"),
            tenant__occupancies__ends__isnull=True,
        )
        .annotate(last=Max("events__at"))
        .filter(last__lt=then)
        .order_by("-last", "pk")
    )
    claims = list(recent[: len(OUT)])
    for claim, text in zip(claims[:POSTED], OUT, strict=False):
        _written(claim, text, agent, then)
    _post(agent, then, now)
    for claim, text in zip(claims[POSTED:], OUT[POSTED:], strict=False):
        _written(claim, text, agent, now - timedelta(hours=1))
    if claims:
        _scanned(agent, claims[0].spoken_reference, now)


def _written(claim: Claim, text: str, agent: Membership, at: datetime) -> None:
    write(
        claim=claim,
        text=text,
        direction=Message.Direction.OUT,
        channel=Channel.LETTER,
        actor=Actor.member(agent),
        now=at,
    )
    event = claim.events.get(name=Event.MESSAGE_OUT, at=at)
    claim_messages.notify(key=str(event.pk), now=at)
    Job.objects.filter(kind=Job.Kind.NOTIFY, key=str(event.pk)).delete()


def _post(agent: Membership, then: datetime, now: datetime) -> None:
    waits = list(letters.waiting_deliveries(agent, now).values_list("pk", flat=True))
    batch = letters.make_batch(
        membership=agent, picked=set(waits), registered=set(waits[:1]), now=then
    )
    if batch is None:
        return
    numbers: dict = {}
    for letter in batch.letters.all():
        letters.draw(key=str(letter.pk), now=then)
        Job.objects.filter(kind=Job.Kind.LETTER, key=str(letter.pk)).delete()
        numbers |= {letter.pk: NUMBER} if letter.registered else {}
    letters.mark_printed(batch=batch, now=then)
    letters.mark_posted(batch=batch, on=timezone.localdate(then), numbers=numbers, now=then)


def _scanned(agent: Membership, reference: str, now: datetime) -> None:
    """Write a typed letter that is a letter to sort, and pages of another one still to separate."""
    name, subject, text = (part.format(reference) for part in TYPED)
    typed = pdf.pdf(
        "requests/demo/letter_pdf.html", {"name": name, "subject": subject, "text": text}
    )
    first = _receive([("courrier-1.pdf", typed)], agent, now)
    if first:
        scans.split(scan=first, now=now)
    pages = [("courrier-2.jpg", _page(BY_HAND)), ("courrier-3.jpg", _page("M. D., suite"))]
    _receive(pages, agent, now)


def _receive(files: list[tuple[str, bytes]], agent: Membership, now: datetime) -> Scan | None:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    today = timezone.localdate(now)
    return scans.receive(uploads=uploads, membership=agent, received_on=today, now=now)[0]


def _page(words: str) -> bytes:
    """Return a page as a scanner delivers it, 75 points to the inch."""
    sheet = Image.new("L", (620, 877), 247)
    ImageDraw.Draw(sheet).multiline_text(
        (80, 90), words, fill=40, font=ImageFont.load_default(19), spacing=14
    )
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=70)
    return out.getvalue()
