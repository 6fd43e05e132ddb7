"""Show the quality of the suggestions by version; train, go back, switch off."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import Role, audience
from portal.clock import now
from requests.suggestions import actions
from requests.suggestions.figures import choices_by_version
from requests.suggestions.models import SuggestionModel, SuggestionSwitch

KEEPERS = (Role.HEAD_OFFICE, Role.ADMIN)
# Figure of a version -> what it is called; shares 0–1.
FIGURES = {
    "top1": _("First guess right"),
    "top3": _("Right among three"),
    "family_top1": _("Family right"),
    "danger_recall": _("Dangers heard"),
    "danger_precision": _("Alarms that were right"),
}


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


@audience(*KEEPERS)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Show every version with its figures, the one in use first."""
    versions = list(SuggestionModel.objects.defer("blob").select_related("by"))
    chosen = choices_by_version()
    return render(
        request,
        "requests/suggestions/versions.html",
        {
            "on": actions.is_on(),
            "last_switch": SuggestionSwitch.objects.select_related("by").first(),
            "used": next((v for v in versions if v.active), None),
            "columns": FIGURES.values(),
            "versions": [
                {
                    "row": row,
                    "cells": [_percent(row.figures.get(name)) for name in FIGURES],
                    "chosen": chosen.get(row.version),
                }
                for row in versions
            ],
            "calibration": [
                {"texts": texts, "said": _percent(said), "right": _percent(right)}
                for _low, texts, said, right in _used_table(versions)
            ],
        },
    )


def _used_table(versions) -> list:
    used = next((v for v in versions if v.active), None)
    return used.figures.get("reliability", []) if used else []


@audience(*KEEPERS)
@require_POST
def train(request: StaffRequest) -> HttpResponse:
    """Order a new version; a worker carries it out within about a minute."""
    actions.order_training(by=request.user, now=now())
    messages.success(request, _("A new version is being prepared. Come back in two minutes."))
    return redirect("suggestions:index")


@audience(*KEEPERS)
@require_POST
def switch(request: StaffRequest, state: str) -> HttpResponse:
    actions.switch(on=state == "on", by=request.user, now=now())
    messages.success(
        request, _("Suggestions are on.") if state == "on" else _("Suggestions are off.")
    )
    return redirect("suggestions:index")


@audience(*KEEPERS)
@require_POST
def use(request: StaffRequest, version: int) -> HttpResponse:
    """Use another trained version, newer or older."""
    row = get_object_or_404(SuggestionModel, version=version, trained_at__isnull=False)
    try:
        actions.activate(version=row.version, by=request.user, now=now())
    except (actions.ForgedModel, ValueError):
        messages.error(
            request, _("This version was not written by this portal. It is not put in use.")
        )
    else:
        messages.success(request, _("The version is in use."))
    return redirect("suggestions:index")
