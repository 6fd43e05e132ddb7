"""What an administrator left half done: an invitation, days closed, a text, a mailbox, a draft.

Made through the console's own actions, so that each of its pages has something to show.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from agencies.models import Closure, Membership, Unit
from portal import setting_changes
from portal.access import Role
from portal.actor import Actor
from requests.catalogue.models import Category
from requests.channels.mailbox_models import Mailbox
from requests.claims.models import Claim
from requests.console import drafts, invitations
from requests.console.words_forms import CategoryForm
from requests.jobs.models import Job
from requests.kit.choices import OPEN
from requests.labels import actions as labels
from requests.labels.models import Label
from requests.notifications.text_models import MessageText
from requests.promises.models import Kind as PromiseKind
from requests.promises.models import PromiseTerm


def build(now: datetime) -> None:
    """Write the rows; units, people and the catalogue must exist."""
    admin = Membership.objects.filter(role=Role.ADMIN).select_related("user").earliest("pk").user
    north = Unit.objects.filter(kind=Unit.Kind.AGENCY).order_by("pk")[0]
    member, _token = invitations.invite(
        email="lena.morvan@demo.palier.example",
        first_name="Léna",
        last_name="Morvan",
        role=Role.AGENT,
        unit=north,
        desks=north.desks.filter(kind="clientele"),
        by=admin,
        now=now,
    )
    assert member.pending  # a second person confirms it
    summer = date(timezone.localdate(now).year + 1, 8, 14)
    Closure.objects.create(
        unit=north, label="Pont du 15 août", first_day=summer, last_day=summer + timedelta(days=2)
    )
    MessageText.objects.create(
        event="routed",
        channel=MessageText.Channel.SMS,
        language=MessageText.Language.FRENCH,
        body="{{ landlord }}: demande {{ reference }} bien recue. Prochaine nouvelle: {{ date }}",
        active=False,
    )
    Mailbox.objects.create(slug="bonjour", address="bonjour@demo.palier.example", active=False)
    _change_phone(north, admin)
    _label(north, now)
    category = Category.objects.filter(active=True).order_by("pk")[0]
    _own_deadline(category)
    typed = drafts.typed_of(category)
    typed["plain_language_fr"] = [f"{category.plain_language_fr} (à relire)"[:240]]
    form = CategoryForm(drafts.as_query(typed), instance=category)
    if form.is_valid():
        drafts.keep(form, by=admin, now=now)


LABELS = (
    ("Expert attendu", "Expert expected", Label.Sign.DIAMOND),
    ("Clé chez le gardien", "Key at the lodge", Label.Sign.FLAG),
    ("Garantie de travaux", "Works under warranty", Label.Sign.SQUARE),
    ("Presse locale", "Local press", Label.Sign.STAR),
)


def _own_deadline(category: Category) -> None:
    """Write a deadline of the landlord's own that is as long as the catalogue's: nothing moves."""
    PromiseTerm.objects.create(
        kind=PromiseKind.RESOLUTION,
        urgency=category.urgency,
        category=category,
        hours=category.resolve_days * 24,
    )


def _label(unit: Unit, now: datetime) -> None:
    """Write the landlord's labels, and put them on a few open requests of the unit."""
    rows = [
        Label.objects.create(code=f"label-{number}", label_fr=fr, label_en=en, sign=sign)
        for number, (fr, en, sign) in enumerate(LABELS, 1)
    ]
    agent = Membership.objects.filter(unit=unit, role=Role.AGENT).order_by("pk").first()
    claims = Claim.objects.system("demo").filter(owner__unit=unit, state__in=OPEN)
    for number, claim in enumerate(claims.order_by("promise_at", "pk")[2:14:3]):
        chosen = rows[: 3 if number == 0 else 1] if number < 3 else rows[1:2]
        labels.change(claim=claim, put=chosen, actor=Actor.member(agent), now=now)
    Job.objects.filter(kind=Job.Kind.NOTIFY).delete()


def _change_phone(unit: Unit, admin) -> None:
    """Change a phone as the console does, so that its log has a line to undo."""
    before, unit.phone = unit.phone, "02 51 00 00 10"
    unit.save(update_fields=["phone"])
    setting_changes.record_change(
        unit, by=admin, values={"phone": [before, unit.phone]}, labels=["phone"]
    )
