"""Amounts of money as people read them."""

from decimal import Decimal

from django.utils.formats import number_format


def euros(amount: Decimal | int) -> str:
    """Return an amount in the active language, on one line: « 1 268,50 € »."""
    return f"{number_format(amount, force_grouping=True)}\u00a0€"
