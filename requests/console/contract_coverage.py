"""What a contract covers and where, in words."""

from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Equipment, MaintenanceContract
from portal.dates import full_day
from requests.catalogue.models import Category, Family


def prepare_contracts(contracts: list[MaintenanceContract]) -> None:
    """Write on each contract of a page what it covers, in words; two queries for all."""
    families = {row.code: str(row) for row in Family.objects.all()}
    codes = {code for contract in contracts for code in contract.categories}
    labels = {row.code: str(row) for row in Category.objects.filter(code__in=codes)}
    for contract in contracts:
        names = [families.get(code, code) for code in contract.families]
        names += [labels.get(code, code) for code in contract.categories]
        names += [str(Equipment.Kind(kind).label) for kind in contract.equipment_kinds]
        names = list(dict.fromkeys(names))  # a kind of faults and of equipment may be called alike
        contract.covers = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def where_of(contract: MaintenanceContract) -> str:
    """Return the places of a contract, in words."""
    names = [str(row) for row in (*contract.units.all(), *contract.residences.all()[:4])]
    names += [str(row) for row in contract.buildings.all()[:4]]
    return ", ".join(names) or _("the whole stock")


def until_of(contract: MaintenanceContract) -> str:
    """Return the last day of a contract; one that is over says so."""
    day = full_day(contract.ends)
    return day if contract.ends >= timezone.localdate() else _("%(day)s, over") % {"day": day}
