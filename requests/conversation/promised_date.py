"""A date of the next news that a person gives: asked in forms, refused when nobody can keep it."""

from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from portal.dates import moment
from requests.claims.models import Claim
from requests.kit.fields import MomentInput
from requests.routing.expected_date import outlook_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def promised_field(
    label: "StrOrPromise", hint: "StrOrPromise" = "", *, required: bool = True
) -> forms.DateTimeField:
    """Return the field of a day and a time."""
    return forms.DateTimeField(
        label=label,
        help_text=hint,
        required=required,
        widget=MomentInput(),
        error_messages={
            "required": _("Give a day and a time."),
            "invalid": _("Give a day and a time."),
        },
    )


def nearest_kept(claim: Claim, at: datetime) -> datetime:
    """Return ``at``, or the nearest moment when somebody is there to keep a promise for then."""
    outlook = outlook_of(claim, now())
    return outlook.nearest_attended(at) if outlook else at


def nobody_there(nearest: datetime) -> str:
    """Return what to say about a promise for an hour at which the office is closed."""
    return gettext("Nobody is there at that time. The nearest possible: %(date)s.") % {
        "date": moment(nearest)
    }


def unkept(claim: Claim, at: datetime) -> str:
    """Return why news of ``claim`` cannot be promised for ``at``; "" when it can."""
    if at <= now():
        return gettext("Give a time that is still to come.")
    nearest = nearest_kept(claim, at)
    return nobody_there(nearest) if nearest != at else ""
