"""Reckon the early-warning list anew: once a week, or when the command asks for it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from requests.stock_insight import risk
from requests.stock_insight.histories import histories
from requests.stock_insight.models import EquipmentWarning, WarningList

EVERY = timedelta(days=7)
KEPT = 200  # entries of a list, over all units
TRAINED = 18  # months
OLD = timedelta(days=400)


def sweep(now: datetime) -> bool:
    """Reckon the list when it is a week old or missing. Returns whether it did."""
    last = WarningList.objects.order_by("-made_at").values_list("made_at", flat=True).first()
    if last and now - last < EVERY:
        return False
    renew(now)
    return True


def renew(now: datetime) -> WarningList:
    """Learn from all months until today, write the list, and how such lists did before."""
    known = histories(now)
    today = timezone.localdate(now)
    judged = risk.backtest(known, today)
    model = risk.learn(known, risk.months_before(today, TRAINED))
    if model is not None:
        rows = risk.warn(model, known, today)[:KEPT]
    else:
        order = {pk: place for place, pk in enumerate(risk.naive(known, today))}
        wanted = sorted(known, key=lambda row: order[row.pk])[:KEPT]
        facts = [(row.pk, risk.facts_on(row, today)) for row in wanted]
        plain = {name: 1.0 if name == "year" else 0.0 for name in risk.NAMES}
        rows = [risk.Risk(pk, 0.0, found, plain) for pk, found in facts if found.year]
    with transaction.atomic():
        made = WarningList.objects.create(
            made_at=now,
            learned=model is not None,
            equipment=len(known),
            **_told(judged),
        )
        EquipmentWarning.objects.bulk_create(
            EquipmentWarning(
                list=made,
                equipment_id=row.pk,
                chance=row.chance if made.learned else None,
                facts=asdict(row.facts),
                weights={name: round(weight, 4) for name, weight in row.weights.items()},
                place=place,
            )
            for place, row in enumerate(rows, 1)
        )
        WarningList.objects.filter(made_at__lt=now - OLD).delete()
    return made


def _told(judged: risk.Backtest | None) -> dict[str, Any]:
    """Return the columns that say how such lists did; {} where none could be judged."""
    if judged is None:
        return {}
    return {
        "months": judged.months,
        "listed": judged.listed,
        "hits": judged.model,
        "naive_hits": judged.naive,
        "base": judged.base,
    }


def reasons(warning: EquipmentWarning) -> tuple[str, ...]:
    """Return why a piece of equipment is listed, in the reader's language."""
    return risk.reasons_of(risk.Facts(**warning.facts), warning.weights)
