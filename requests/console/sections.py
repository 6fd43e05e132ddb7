"""The lists of the console: for each kind of setting its rows, its form and its words.

One pair of views draws them all (``setting_views.py``). A new kind of setting is one line here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import calendar_changes
from agencies.hours import hours_text
from agencies.models import (
    Closure,
    Contractor,
    Desk,
    MaintenanceContract,
    OnCallDuty,
    OnCallRung,
    Residence,
    Sector,
    Trade,
    Unit,
)
from portal.dates import full_day, moment
from requests.catalogue.models import Category
from requests.channels.mailbox_models import Mailbox
from requests.complaints.models import Route
from requests.console.channel_forms import MailboxForm
from requests.console.contract_coverage import prepare_contracts, until_of, where_of
from requests.console.contract_forms import ContractForm, ContractorForm, TradeForm
from requests.console.place_forms import (
    ClosureForm,
    DeskForm,
    DutyForm,
    ResidenceForm,
    RungForm,
    SectorForm,
    UnitForm,
)
from requests.console.words import duration, phone
from requests.console.words_forms import CategoryForm, LabelForm, RouteForm, TermForm, TextForm
from requests.kit.choices import Urgency
from requests.labels.models import Label
from requests.notifications.text_models import MessageText
from requests.promises import recalculation
from requests.promises.models import PromiseTerm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Cell = Callable[[Any], object]


@dataclass(frozen=True)
class Section:
    """One kind of setting. ``slug`` is its address and the name of its pages.

    ``columns``: the heads of the list after the name, each with what it shows of a row.
    ``prepare`` looks up once what a page of rows shows. ``after``: what follows from any change of
    a row, undone ones and deletions included; a form may do more itself.
    """

    slug: str
    title: "StrOrPromise"
    about: "StrOrPromise"
    add: "StrOrPromise"
    model: type[models.Model]
    form: type[ModelForm]
    rows: Callable[[], QuerySet]
    columns: tuple[tuple["StrOrPromise", "Cell"], ...] = ()
    search: tuple[str, ...] = ()
    may_add: bool = True
    may_delete: bool = False
    name: "Cell" = str
    after: Callable[[Any], None] = lambda _row: None
    prepare: Callable[[list], None] = lambda _rows: None
    key: str = "int"  # the converter of its primary key
    template: str = "requests/console/setting.html"


def _named(rows: Iterable) -> str:
    return ", ".join(str(row) for row in rows)


def _urgency(code: str) -> str:
    return str(Urgency(code).label)


def _reading(box: Mailbox) -> str:
    if not box.active or not box.host:
        return _("not read")
    if box.errors:
        return _("in trouble since %(when)s") % {"when": moment(box.last_success_at) or "—"}
    return moment(box.last_success_at) or _("never read yet")


def _calendar(row: Any) -> None:
    calendar_changes.report_calendar_change(row.unit)


SECTIONS = (
    Section(
        "units",
        gettext_lazy("Units"),
        gettext_lazy(
            "Head office, agencies and branches: how they are reached, their desks and hours."
        ),
        gettext_lazy("Add a unit"),
        Unit,
        UnitForm,
        lambda: Unit.objects.prefetch_related("desks", "hours").order_by("kind", "name"),
        (
            (gettext_lazy("Kind"), lambda unit: unit.get_kind_display()),
            (gettext_lazy("Phone"), lambda unit: phone(unit.phone)),
            (gettext_lazy("Hours"), lambda unit: "; ".join(hours_text(unit))),
            (gettext_lazy("Desks"), lambda unit: ", ".join(desk.name for desk in unit.desks.all())),
        ),
        ("name", "code"),
    ),
    Section(
        "desks",
        gettext_lazy("Desks"),
        gettext_lazy("Every request is on one of them. Their names are shown to your colleagues."),
        "",
        Desk,
        DeskForm,
        lambda: Desk.objects.select_related("unit").order_by("unit__kind", "unit__name", "name"),
        (
            (gettext_lazy("Unit"), lambda desk: desk.unit),
            (gettext_lazy("What it looks after"), lambda desk: desk.get_kind_display()),
        ),
        ("name", "unit__name"),
        may_add=False,
        name=lambda desk: desk.name,
    ),
    Section(
        "sectors",
        gettext_lazy("Sectors"),
        gettext_lazy("The part of an agency’s stock that one person follows."),
        gettext_lazy("Add a sector"),
        Sector,
        SectorForm,
        lambda: Sector.objects.select_related("unit").order_by("unit__name", "name"),
        ((gettext_lazy("Unit"), lambda sector: sector.unit),),
        ("name", "unit__name"),
    ),
    Section(
        "residences",
        gettext_lazy("Residences"),
        gettext_lazy("Name, sector and neighbourhood; the rest comes from the import."),
        "",
        Residence,
        ResidenceForm,
        lambda: Residence.objects.select_related("unit", "sector").order_by("name", "code"),
        (
            (gettext_lazy("Unit"), lambda row: row.unit),
            (gettext_lazy("Neighbourhood"), lambda row: row.district or "—"),
        ),
        ("name", "code", "district"),
        may_add=False,
    ),
    Section(
        "closures",
        gettext_lazy("Days closed"),
        gettext_lazy(
            "Beside the national holidays, which are known. Deadlines do not run on these days."
        ),
        gettext_lazy("Add days"),
        Closure,
        ClosureForm,
        lambda: Closure.objects.select_related("unit").order_by("-first_day"),
        (
            (gettext_lazy("Unit"), lambda row: row.unit or _("every unit")),
            (gettext_lazy("From"), lambda row: full_day(row.first_day)),
            (gettext_lazy("To"), lambda row: full_day(row.last_day)),
        ),
        ("label",),
        may_delete=True,
        after=_calendar,
    ),
    Section(
        "on-call",
        gettext_lazy("On-call ladder"),
        gettext_lazy(
            "Who is rung about a danger, in which order, until somebody takes it in hand."
        ),
        gettext_lazy("Add a person"),
        OnCallRung,
        RungForm,
        lambda: OnCallRung.objects.select_related("unit").order_by("unit__name", "position"),
        (
            (gettext_lazy("Unit"), lambda row: row.unit or _("every unit")),
            (gettext_lazy("Phone"), lambda row: phone(row.phone)),
            (gettext_lazy("When"), lambda row: row.get_hours_display()),
            (gettext_lazy("Minutes"), lambda row: row.minutes),
        ),
        ("name", "phone"),
        may_delete=True,
    ),
    Section(
        "contractors",
        gettext_lazy("Contractors"),
        gettext_lazy("Who works for you, and where orders are sent."),
        gettext_lazy("Add a contractor"),
        Contractor,
        ContractorForm,
        lambda: Contractor.objects.prefetch_related("trades").order_by("-active", "name"),
        (
            (gettext_lazy("Trades"), lambda row: _named(row.trades.all())),
            (gettext_lazy("E-mail"), lambda row: row.email),
            (gettext_lazy("Phone"), lambda row: phone(row.phone)),
            (gettext_lazy("Works for us"), lambda row: _("yes") if row.active else _("no")),
        ),
        ("name", "email"),
    ),
    Section(
        "contracts",
        gettext_lazy("Contracts"),
        gettext_lazy(
            "What each contract covers, where, how soon somebody is there, and at what price."
        ),
        gettext_lazy("Add a contract"),
        MaintenanceContract,
        ContractForm,
        lambda: (
            MaintenanceContract.objects.select_related("contractor", "trade")
            .prefetch_related("units", "residences", "buildings")
            .order_by("-ends", "name")
        ),
        (
            (gettext_lazy("Contractor"), lambda row: row.contractor),
            (gettext_lazy("Covers"), lambda row: row.covers),
            (gettext_lazy("Where"), where_of),
            (gettext_lazy("Until"), until_of),
        ),
        ("name", "code", "contractor__name"),
        prepare=prepare_contracts,
    ),
    Section(
        "trades",
        gettext_lazy("Trades"),
        gettext_lazy("The crafts of contractors."),
        gettext_lazy("Add a trade"),
        Trade,
        TradeForm,
        lambda: Trade.objects.order_by("label_fr"),
        (),
        ("label_fr", "label_en"),
    ),
    Section(
        "duties",
        gettext_lazy("Contractors on call"),
        gettext_lazy("Who is called at night and on Sundays, by trade."),
        gettext_lazy("Add a duty"),
        OnCallDuty,
        DutyForm,
        lambda: OnCallDuty.objects.select_related("trade", "unit", "contractor").order_by("-ends"),
        (
            (gettext_lazy("Unit"), lambda row: row.unit or _("every unit")),
            (gettext_lazy("Phone"), lambda row: phone(row.phone)),
            (gettext_lazy("From"), lambda row: moment(row.starts)),
            (gettext_lazy("To"), lambda row: moment(row.ends)),
        ),
        ("contractor__name", "trade__label_fr"),
        may_delete=True,
    ),
    Section(
        "catalogue",
        gettext_lazy("Catalogue"),
        gettext_lazy("What can be asked or reported, in which words, and within which deadlines."),
        "",
        Category,
        CategoryForm,
        lambda: Category.objects.select_related("family", "draft").order_by(
            "family__position", "code"
        ),
        (
            (gettext_lazy("Kind"), lambda row: row.family),
            (gettext_lazy("Urgency"), lambda row: _urgency(row.urgency)),
            (gettext_lazy("First news"), lambda row: duration(row.ack_hours)),
            (gettext_lazy("Settled"), lambda row: duration(row.resolve_days * 24)),
            (gettext_lazy("Offered"), lambda row: _("yes") if row.active else _("no")),
            (gettext_lazy("Draft"), lambda row: _("draft") if hasattr(row, "draft") else ""),
        ),
        ("code", "label_fr", "label_en", "plain_language_fr", "plain_language_en"),
        may_add=False,
        template="requests/console/category.html",
    ),
    Section(
        "deadlines",
        gettext_lazy("Deadlines"),
        gettext_lazy("How long each promise is, where it differs from the catalogue."),
        gettext_lazy("Add a deadline"),
        PromiseTerm,
        TermForm,
        lambda: PromiseTerm.objects.select_related("category").order_by("kind", "urgency"),
        (
            (gettext_lazy("Urgency"), lambda row: _urgency(row.urgency)),
            (gettext_lazy("Category"), lambda row: row.category or _("every fault")),
            (gettext_lazy("How long"), lambda row: duration(row.hours)),
        ),
        ("category__label_fr",),
        may_delete=True,
        name=lambda row: str(row.get_kind_display()),
        after=lambda _row: recalculation.terms_changed(),
    ),
    Section(
        "labels",
        gettext_lazy("Labels"),
        gettext_lazy(
            "Short marks that your colleagues choose for requests: “expert”, “key at the desk”. "
            "Never about a person’s health, origin, religion, opinions or private life."
        ),
        gettext_lazy("Add a label"),
        Label,
        LabelForm,
        lambda: Label.objects.annotate(requests=Count("labelled")).order_by("-active", "label_fr"),
        (
            (gettext_lazy("Sign"), lambda row: row.get_sign_display()),
            (gettext_lazy("Requests"), lambda row: row.requests),
            (gettext_lazy("Offered"), lambda row: _("yes") if row.active else _("no")),
        ),
        ("label_fr", "label_en"),
        may_delete=True,
    ),
    Section(
        "texts",
        gettext_lazy("Texts"),
        gettext_lazy("Your own words for the messages, beside Palier’s."),
        gettext_lazy("Write a text"),
        MessageText,
        TextForm,
        lambda: MessageText.objects.all(),
        (
            (gettext_lazy("Channel"), lambda row: row.get_channel_display()),
            (gettext_lazy("Language"), lambda row: row.get_language_display()),
            (gettext_lazy("In use"), lambda row: _("yes") if row.active else _("no")),
        ),
        ("body",),
        may_delete=True,
        name=lambda row: str(row.get_event_display()),
        template="requests/console/text.html",
    ),
    Section(
        "recourse",
        gettext_lazy("Ways of appeal"),
        gettext_lazy("Ombudsman and conciliation commission: how tenants reach them."),
        gettext_lazy("Add a way of appeal"),
        Route,
        RouteForm,
        lambda: Route.objects.order_by("kind"),
        ((gettext_lazy("Phone"), lambda row: phone(row.phone)),),
        may_delete=True,
        key="slug",
    ),
    Section(
        "mailboxes",
        gettext_lazy("Mailboxes"),
        gettext_lazy("The addresses that tenants write to, and how Palier reads them."),
        gettext_lazy("Add a mailbox"),
        Mailbox,
        MailboxForm,
        lambda: Mailbox.objects.select_related("unit"),
        (
            (gettext_lazy("Unit"), lambda row: row.unit or _("every desk")),
            (gettext_lazy("Server"), lambda row: row.host or "—"),
            (gettext_lazy("Read"), _reading),
        ),
        ("address", "host"),
        template="requests/console/mailbox.html",
    ),
)
BY_SLUG = {section.slug: section for section in SECTIONS}
BY_MODEL = {section.model: section for section in SECTIONS}
