"""Print how many people and contact points are recognised, and how surely."""

from collections import Counter

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.clock import now
from tenants.actions import senders
from tenants.actions.contact_check import REACHABLE
from tenants.actions.mandates import provable_phones
from tenants.contact_strength import Grade
from tenants.models import ContactPoint, Occupancy

REASON = "counting who is recognised"
CHUNK = 2000


class Command(BaseCommand):
    help = (
        "Count, of the people who live in the stock today, who would be recognised by a message "
        "from one of their numbers or addresses, and how surely. Names nobody."
    )

    def handle(self, *args, **options) -> None:
        moment = now()
        stays = Occupancy.objects.system(REASON).in_force(timezone.localdate(moment))
        living = {str(key) for key in stays.values_list("tenant", flat=True)}
        points = (
            ContactPoint.objects.system(REASON)
            .filter(kind__in=REACHABLE, tenant__merged_into__isnull=True)
            .order_by("value")
        )
        origins = Counter(points.values_list("origin", flat=True).order_by())
        values = list(points.values_list("value", flat=True).distinct())
        grades: Counter[str] = Counter()
        best: dict[str, int] = {}
        for start in range(0, len(values), CHUNK):
            found = senders.find_all(values[start : start + CHUNK], moment)
            for sender in found.values():
                name = sender.grade.value
                if sender.grade == Grade.PROBABLY and sender.person is None:
                    name = "home"
                grades[name] += 1
                for person in sender.people:
                    best[person] = max(best.get(person, 0), RANK[name])
        people = Counter(NAMES[best.get(person, 0)] for person in living)
        print_ = self.stdout.write
        print_(f"People who live in the stock: {len(living)}")
        for name in ("sure", "probably", "home", "shared", "unknown"):
            print_(f"  {SAID[name]}: {people[name]}")
        print_(f"  could give a mandate online: {len(provable_phones(living, moment))}")
        print_(f"Phones and e-mails: {len(values)}")
        for name in ("sure", "probably", "home", "shared", "unknown"):
            print_(f"  {SAID[name]}: {grades[name]}")
        for origin in ContactPoint.Origin:
            print_(f"  origin {origin.value}: {origins[origin.value]}")


SAID = {
    "sure": "recognised, proved or confirmed",
    "probably": "probably one person, to be confirmed by a click",
    "home": "probably of one home, a person says who",
    "shared": "shared by several homes, nobody is recognised",
    "unknown": "not recognised (no number or address, or a dead one)",
}
NAMES = ("unknown", "shared", "home", "probably", "sure")
RANK = {name: rank for rank, name in enumerate(NAMES)}
