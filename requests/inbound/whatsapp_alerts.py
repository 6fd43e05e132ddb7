"""What the messaging provider says about our account, our number and our templates.

An alert that asks for something stands among the messages to be sorted, where head office sees it
the same day; every other one is kept, set aside. Source:
developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference (the fields
``account_alerts``, ``account_update``, ``account_review_update``, ``message_template_…``,
``phone_number_…`` and ``user_preferences``).
"""

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from requests.channels import reasons
from requests.channels.models import Intake
from requests.inbound.meta_webhooks import inner, load, rows, words
from requests.inbound.outcomes import leave_to_a_person, set_aside
from requests.inbound.reply import Reply

# Events after which the template can still be used.
TEMPLATE_FINE = {"APPROVED", "PENDING", "REINSTATED", "UNPAUSE", "UNLOCKED", "IN_APPEAL"}
NUMBER_FINE = {"UPGRADE", "UNFLAGGED", "ONBOARDING"}
ACCOUNT_FINE = {
    *("ACCOUNT_RECONNECTED", "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "PARTNER_ADDED"),
    *("PARTNER_APP_INSTALLED", "VERIFIED_ACCOUNT", "VOLUME_BASED_PRICING_TIER_UPDATE"),
    *("AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", "AD_ACCOUNT_LINKED", "MM_LITE_TERMS_SIGNED"),
}


def _template(value: dict) -> str:
    event = str(value.get("event") or "")
    if event in TEMPLATE_FINE:
        return ""
    name = f"{value.get('message_template_name')} ({value.get('message_template_language')})"
    more = inner(value, "other_info") or inner(value, "rejection_info")
    why = more.get("description") or more.get("reason") or value.get("reason") or ""
    said = _("The template “%(name)s” can no longer be used as before: %(event)s. %(why)s")
    return said % {"name": name, "event": event, "why": "" if why == "NONE" else why}


def _template_quality(value: dict) -> str:
    if value.get("new_quality_score") not in ("RED", "YELLOW"):
        return ""
    said = _("People complain of the template “%(name)s”: its quality is now %(score)s.")
    told = {"name": value.get("message_template_name"), "score": value.get("new_quality_score")}
    return said % told


def _number(value: dict) -> str:
    if str(value.get("event") or "") in NUMBER_FINE:
        return ""
    said = _("Our number %(number)s: %(event)s, at most %(limit)s a day.")
    return said % {
        "number": value.get("display_phone_number"),
        "event": value.get("event"),
        "limit": value.get("current_limit"),
    }


def _account(value: dict) -> str:
    event = str(value.get("event") or "")
    if event in ACCOUNT_FINE:
        return ""
    told = [str(inner(value, "violation_info").get("violation_type") or "")]
    told += [str(row.get("restriction_type") or "") for row in rows(value, "restriction_info")]
    told.append(str(inner(value, "ban_info").get("waba_ban_state") or ""))
    more = ", ".join(filter(None, told))
    return _("Our account: %(event)s. %(more)s") % {"event": event, "more": more}


def _review(value: dict) -> str:
    decision = str(value.get("decision") or "")
    if decision == "APPROVED":
        return ""
    return _("Our account: %(event)s. %(more)s") % {"event": decision, "more": ""}


def _alert(value: dict) -> str:
    if str(value.get("alert_severity") or "") == "INFORMATIONAL":
        return ""
    kind, more = value.get("alert_type") or "", value.get("alert_description") or ""
    return _("Our account: %(event)s. %(more)s") % {"event": kind, "more": more}


SAID = {
    "message_template_status_update": _template,
    "message_template_quality_update": _template_quality,
    "phone_number_quality_update": _number,
    "account_update": _account,
    "account_review_update": _review,
    "account_alerts": _alert,
}


@transaction.atomic
def tell(intake: Intake) -> None:
    """Put one alert before people, or set it aside when nothing is asked of us."""
    row = Intake.objects.system("reading").select_for_update(of=("self",)).get(pk=intake.pk)
    if row.state != Intake.State.NEW:
        return
    stored = load(bytes(row.raw))
    alert = inner(stored, "alert") if isinstance(stored, dict) else {}
    with translation.override(settings.LANGUAGE_CODE):
        said = SAID.get(str(alert.get("field")), lambda _value: "")(inner(alert, "value"))
        subject = _("The messaging provider tells us")
        reply = Reply(sender="", subject=subject, text=words(said).strip(), automatic="alert")
        if said:
            leave_to_a_person(row, reply, reasons.coded("provider_alert"))
        else:
            set_aside(row, reply, reasons.coded("provider_news"))
