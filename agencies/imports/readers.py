"""The formats of the stock by name: each turns an opened file into a plan."""

from agencies.models import Unit

from .addresses import plan_addresses
from .apply import plan_stock
from .ban import read_ban
from .generic import read_stock
from .plan import Plan, Progress
from .reading import Table
from .rpls import read_rpls


def rpls(
    table: Table,
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """The national register; see ``plan_stock`` for what the arguments mean."""
    return plan_stock(read_rpls(table), agency=agency, one_agency=one_agency, progress=progress)


def own(
    table: Table,
    *,
    agency: Unit | None = None,
    one_agency: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Our own layout; see ``plan_stock`` for what the arguments mean."""
    return plan_stock(read_stock(table), agency=agency, one_agency=one_agency, progress=progress)


def ban(table: Table, *, progress: Progress | None = None, **unused) -> Plan:
    """Coordinates from the address base; it names no agency."""
    return plan_addresses(read_ban(table), progress=progress)


STOCK = {"rpls": rpls, "csv": own, "ban": ban}
