"""What joins the slices: effects of a claim's steps, files of its mails, kinds of messages."""

from agencies.stock_panels import StockAction, StockPanel
from requests.attachments.staff_drafts import FilesEffect
from requests.calls import stock_actions as filing_here
from requests.claims.effects import Effect
from requests.complaints import queries as complaints
from requests.complaints.effects import StageEffect
from requests.console.trials import TrialKind
from requests.dangers.effects import DangerEffect
from requests.dangers.rings import DangerKind
from requests.equipment.upkeep_visits import UpkeepReminderKind
from requests.figures.digest import FiguresKind
from requests.identity.account_links import LinkCodeKind, LinkNoticeKind
from requests.identity.contact_checks import ContactCheckKind
from requests.identity.learned_senders import LearnEffect
from requests.identity.point_codes import PointCodeKind, PointNoticeKind
from requests.identity.proxies import ConsentCodeKind
from requests.inbound.invitations import PrivateReplyKind
from requests.inbox import stock_panel as claims_here
from requests.incidents import stock_panel as incidents_here
from requests.incidents.notices import IncidentKind
from requests.inspections import stock_actions as inspections_here
from requests.labels.effects import LabelEffect
from requests.notifications.alarms import AlarmKind
from requests.notifications.claim_messages import ClaimEventKind
from requests.notifications.colleagues import ColleagueKind
from requests.notifications.kinds import DeliveryKind
from requests.notifications.lateness import LatenessKind
from requests.planned_works import stock_panel as works_here
from requests.planned_works.notices import PlannedWorksKind
from requests.privacy.notices import RightsKind
from requests.promises.effects import PromiseEffect
from requests.routing.effects import RoutingEffect
from requests.surveys.invitations import SurveyKind
from requests.teamwork.effects import AssignmentEffect
from requests.work_orders import thread_entries, visit_documents
from requests.work_orders.contractor_notices import InvitationKind, OrderKind
from requests.work_orders.effects import OfferEffect, VisitLinkEffect

EFFECTS: tuple[Effect, ...] = (
    PromiseEffect(),
    AssignmentEffect(),
    LabelEffect(),
    StageEffect(),
    RoutingEffect(),
    VisitLinkEffect(),
    OfferEffect(),
    DangerEffect(),
    FilesEffect(),
    LearnEffect(),
)

MAIL_FILES = (visit_documents.for_mail,)

THREAD_ENTRIES = (thread_entries.entries,)

DELIVERY_KINDS: tuple[DeliveryKind, ...] = (
    ClaimEventKind(),
    OrderKind(),
    InvitationKind(),
    PlannedWorksKind(),
    LatenessKind(),
    ConsentCodeKind(),
    LinkCodeKind(),
    LinkNoticeKind(),
    PrivateReplyKind(),
    UpkeepReminderKind(),
    RightsKind(),
    DangerKind(),
    PointCodeKind(),
    PointNoticeKind(),
    ContactCheckKind(),
    TrialKind(),
    IncidentKind(),
    FiguresKind(),
    AlarmKind(),
    ColleagueKind(),
    SurveyKind(),
)

# What the public page of figures counts in another slice.
COMPLAINTS = complaints.counted

# Pages of the stock, in their order.
STOCK_PANELS: tuple[StockPanel, ...] = (
    incidents_here.INCIDENTS,
    claims_here.CLAIMS,
    works_here.WORKS,
    claims_here.REPEATED,
)
STOCK_ACTIONS: tuple[StockAction, ...] = (
    filing_here.FILE,
    filing_here.REPORT,
    inspections_here.ORDER,
    incidents_here.OPEN,
    works_here.ANNOUNCE,
)
