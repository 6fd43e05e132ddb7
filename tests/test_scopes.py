"""Every model is personal or not: a personal one answers no query that does not say for whom."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Exists, OuterRef

from portal.scope import ScopedManager, ScopeMissing
from requests.models import Claim, Message
from tenants.models import Tenant

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("portal", "agencies", "tenants", "requests")

SIGN_IN = "read by the library that signs in, before anybody is known"
STAFF = "what an employee does or is allowed: read before any scope exists"
HOUSE = "the landlord's own organisation, stock, settings or texts"
DATES = "dates, sums and keys of a claim, without a word or a name; the claim is behind its scope"
COUNT = "counts and times of the machine"
CHAIN = "hashes, and who opened the audit trail; no person's data"
RIGHTS = "read by the officer alone, or through the person's request, which is behind its scope"

# A model that holds no tenant's data, or that a library reads: why it has no guard. Any other has
# one. A new model fails the test below until it has a guard or a line here.
FREE = {
    "account.EmailAddress": SIGN_IN,
    "account.EmailConfirmation": SIGN_IN,
    "admin.LogEntry": STAFF,
    "agencies.Absence": STAFF,
    "agencies.Building": HOUSE,
    "agencies.Closure": HOUSE,
    "agencies.Commitment": HOUSE,
    "agencies.Contractor": HOUSE,
    "agencies.Desk": HOUSE,
    "agencies.Dwelling": HOUSE,
    "agencies.Equipment": HOUSE,
    "agencies.ImportRun": "only head office reads it; its rejects are deleted after 30 days",
    "agencies.Landlord": HOUSE,
    "agencies.MaintenanceContract": HOUSE,
    "agencies.Membership": STAFF,
    "agencies.OnCallDuty": HOUSE,
    "agencies.OnCallRung": HOUSE,
    "agencies.OpeningHours": HOUSE,
    "agencies.PriceItem": HOUSE,
    "agencies.Residence": HOUSE,
    "agencies.Sector": HOUSE,
    "agencies.Staircase": HOUSE,
    "agencies.Trade": HOUSE,
    "agencies.Unit": HOUSE,
    "agencies.UnitName": HOUSE,
    "agencies.UpkeepPeriod": HOUSE,
    "agencies.UpkeepReminder": HOUSE,
    "agencies.UpkeepVisit": HOUSE,
    "auth.Group": SIGN_IN,
    "auth.Permission": SIGN_IN,
    "contenttypes.ContentType": HOUSE,
    "mfa.Authenticator": SIGN_IN,
    "portal.ApiToken": SIGN_IN,
    "portal.AuditBatch": CHAIN,
    "portal.AuditKey": "a secret of the audit trail, read by its sealer",
    "portal.AuditOpening": CHAIN,
    "portal.AuditSeal": CHAIN,
    "portal.Pulse": COUNT,
    "portal.SentForm": "what a form led to, found by a hash of its key",
    "portal.SignOnIdentity": SIGN_IN,
    "portal.Throttle": COUNT,
    "portal.User": SIGN_IN,
    "requests.CategoryDraft": HOUSE,
    "requests.StaffInvitation": STAFF,
    "requests.Annotation": "an agency's words beside its figures",
    "requests.CannedReply": HOUSE,
    "requests.MapBackground": HOUSE,
    "requests.Category": HOUSE,
    "requests.CategoryVersion": HOUSE,
    "requests.Charge": DATES,
    "requests.ClaimLabel": "which of the landlord's labels a request bears",
    "requests.ClosingStep": DATES,
    "requests.Complaint": DATES,
    "requests.ComplaintStage": DATES,
    "requests.Digest": STAFF,
    "requests.DoubleCheck": "bare keys of people to compare again",
    "requests.EquipmentCorrection": "what a caretaker says of a piece of equipment",
    "requests.Erasure": "dates and numbers of records that are no more",
    "requests.EscalationStep": DATES,
    "requests.EscalationTold": DATES,
    "requests.Fact": DATES,
    "requests.Family": HOUSE,
    "requests.FigureClock": COUNT,
    "requests.FigureView": STAFF,
    "requests.ListDisplay": STAFF,
    "requests.ListView": STAFF,
    "requests.Help": STAFF,
    "requests.Hold": RIGHTS,
    "requests.Incident": "a collective fault, written to be read by all",
    "requests.IncidentClaim": DATES,
    "requests.Job": "work to do, named by keys",
    "requests.Label": HOUSE,
    "requests.LentClaim": DATES,
    "requests.LetterBatch": STAFF,
    "requests.Mailbox": HOUSE,
    "requests.MailChoice": STAFF,
    "requests.Mention": STAFF,
    "requests.MessageText": HOUSE,
    "requests.Open311Key": HOUSE,
    "requests.OrderLine": DATES,
    "requests.Pause": DATES,
    "requests.PersonExport": RIGHTS,
    "requests.PlannedWorks": "works of a building, announced to all",
    "requests.Presence": STAFF,
    "requests.Promise": DATES,
    "requests.PromiseTerm": HOUSE,
    "requests.Reading": COUNT,
    "requests.PublishedTable": "sums that anybody may read, small groups left out",
    "requests.RetentionRule": HOUSE,
    "requests.RetentionRun": COUNT,
    "requests.RightsStep": RIGHTS,
    "requests.Route": HOUSE,
    "requests.Rollup": "sums, without any key of a claim or a person",
    "requests.RoutingDecision": DATES,
    "requests.Rule": HOUSE,
    "requests.RuleCount": COUNT,
    "requests.RuleSwitch": HOUSE,
    "requests.RuleVersion": HOUSE,
    "requests.SavedBoard": STAFF,
    "requests.SavedView": STAFF,
    "requests.Seat": STAFF,
    "requests.Sensor": HOUSE,
    "requests.SensorFault": COUNT,
    "requests.SensorSwitch": HOUSE,
    "requests.Survey": "a wave of questions; its results are sums, small groups masked",
    "requests.SurveyQuestion": HOUSE,
    "requests.EquipmentWarning": "how often a machine failed, without who reported it",
    "requests.WarningList": COUNT,
    "requests.ExportRun": COUNT,
    "requests.ScheduledExport": HOUSE,
    "requests.WebhookAttempt": COUNT,
    "requests.WebhookEndpoint": HOUSE,
    "requests.WebhookMessage": "thin: the key and the state of a claim, without a word or a name",
    "requests.Sharing": STAFF,
    "requests.Slot": HOUSE,
    "requests.Snooze": DATES,
    "requests.StockCount": HOUSE,
    "requests.Suggestion": DATES,
    "requests.SuggestionModel": COUNT,
    "requests.SuggestionSwitch": HOUSE,
    "requests.TouchedClaim": "keys of claims to count again",
    "requests.Unavailability": HOUSE,
    "requests.Watch": STAFF,
    "requests.WeeklySlot": HOUSE,
    "sessions.Session": SIGN_IN,
    "usersessions.UserSession": SIGN_IN,
}
MODELS = {model._meta.label: model for model in apps.get_models()}
GUARDED = {k: v for k, v in MODELS.items() if isinstance(vars(v)["objects"].manager, ScopedManager)}
SOURCES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts and path != ROOT / "portal/scope.py"
)


def undeclared(models: dict) -> set[str]:
    """Return the models that have neither a guard nor a reason to have none, or both."""
    return {name for name in models if (name in FREE) == (name in GUARDED)} | FREE.keys() - models


def test_every_model_is_guarded_or_says_why_not():
    assert undeclared(MODELS) == set()


def test_a_new_model_is_found():
    assert undeclared(MODELS | {"requests.Diary": Tenant}) == {"requests.Diary"}


@pytest.mark.parametrize("label", sorted(GUARDED))
def test_a_query_without_scope_raises(label):
    model = GUARDED[label]
    assert model._default_manager.name == "unscoped"  # related managers, forms of the admin
    for query in (
        model.objects.all,
        model.objects.count,
        lambda: model.objects.filter(pk=None),
        lambda: model.objects.get_or_create(pk=None),
        lambda: model.objects.system(""),
        lambda: model.objects.of(),
        lambda: model.objects.of(pk=1),
        lambda: model.objects.opened_by(pk=""),
    ):
        with pytest.raises(ScopeMissing):
            query()


def test_a_child_is_reached_by_an_object_and_not_by_a_key(landlord):
    claim = Claim(pk="6f2cb0a4-3a8e-4a3f-9d38-1a52ffb8a0d1")
    assert list(Message.objects.of(claim=claim)) == []
    assert list(Message.objects.of(claim__in=[claim])) == []
    assert list(Message.objects.of(claim__in=Claim.objects.none())) == []
    assert not Claim.objects.system("test").filter(Exists(Message.objects.of(claim=OuterRef("pk"))))
    for key in (claim.pk, str(claim.pk), None):
        with pytest.raises(ScopeMissing):
            Message.objects.of(claim=key)
        with pytest.raises(ScopeMissing):
            Message.objects.of(claim__in=[key])


def test_the_code_names_a_scope_everywhere():
    """Of a guarded model only scopes are called; the unscoped manager is the framework's."""
    names = "|".join(model.__name__ for model in GUARDED.values())
    scopes = {name for model in GUARDED.values() for name in dir(type(model.objects))}
    scopes -= {name for name in dir(ScopedManager) if not name.startswith("_")}
    scopes |= {"of", "opened_by", "system", "none", "create", "bulk_create"}
    asked = re.compile(rf"\b(?:{names})\.objects\b\s*(?:\.(\w+))?")
    around = re.compile(rf"\w\.unscoped\b|get_(?:object|list)_or_404\(\s*(?:{names})\s*,")
    seen = 0
    for path in SOURCES:
        text = path.read_text()
        assert not around.search(text), path
        for match in asked.finditer(text):
            seen += 1
            assert match[1] in scopes, f"{path.relative_to(ROOT)}: {match[0]}"
    assert seen > 300
