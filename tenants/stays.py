"""Who lives or lived in a home, from what was read with it or by one statement."""

from agencies.models import Dwelling
from tenants.models import Occupancy


def stays_in(home: Dwelling) -> list[Occupancy]:
    """Return every stay in a home with its lease and its person, whenever it was.

    As the landlord: whoever may see the home of a claim is told who lives there by other rules.
    """
    if "leases" in getattr(home, "_prefetched_objects_cache", {}):
        return [stay for lease in home.leases.all() for stay in lease.occupancies.all()]
    rows = Occupancy.objects.system("who lives in a home").filter(lease__dwelling=home.pk)
    return list(rows.select_related("lease", "tenant"))
