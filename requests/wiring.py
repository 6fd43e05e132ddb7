"""What joins the slices: the effects of a claim's steps, and the files of its mails, in order."""

from requests.claims.effects import Effect
from requests.complaints.effects import StageEffect
from requests.promises.effects import PromiseEffect
from requests.routing.effects import DecisionEffect
from requests.teamwork.effects import AssignmentEffect
from requests.work_orders import visit_documents

EFFECTS: tuple[Effect, ...] = (
    PromiseEffect(),
    AssignmentEffect(),
    StageEffect(),
    DecisionEffect(),
)

MAIL_FILES = (visit_documents.for_mail,)
