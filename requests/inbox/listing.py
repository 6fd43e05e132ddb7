"""The left pane: views with their numbers, filters, search, and one page of rows in order.

The number of SQL statements does not depend on the number of rows: numbers of the chips, the keys
of a window of a thousand rows, the rows of the page, the choices of the filters; what incidents
gather adds one, ended claims one, a search one or two, in the place of window and numbers.
"""

from collections import Counter
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from agencies.http_types import StaffRequest
from agencies.models import Residence
from portal import windows
from portal.arrays import compared_to
from portal.clock import now
from portal.text import search_words
from requests.catalogue.models import Category
from requests.claims import search
from requests.claims.models import Claim
from requests.identity import senders
from requests.inbox import incident_rows, sort_order
from requests.inbox import list_statements as statements
from requests.inbox.filter_choices import MOST_GIVEN, choices
from requests.inbox.row_marks import Marks
from requests.inbox.sort_order import Column, Display, newest_ended
from requests.kit.choices import Channel, State, Urgency
from requests.labels import queries as labels
from requests.teamwork.mail_choices import How

PER_PAGE = 50
LABELS = {
    "todo": _("To do"),
    "mine": _("Mine"),
    "passed": _("Escalated to me"),
    "awaited": _("Reply needed"),
    "waiting": _("Waiting on others"),
    "closing": _("To close out"),
    "mentions": _("Mentions"),
    "watched": _("Followed"),
    "snoozed": _("Put aside"),
    "ended": _("Ended"),
    "all": _("All"),
}
# Shown while there is something in them; the others always.
PERSONAL = frozenset({"mine", "passed", "mentions", "watched", "snoozed"})
# Folded under "More", where saved views are too.
FOLDED = frozenset({"watched", "snoozed", "ended", "all"})
# Views of work, whose first claim is opened beside the list on a wide screen.
OPENED = frozenset(LABELS) - {"ended", "all", "snoozed"}
FILTERS = {
    "desk": _("Desk"),
    "family": _("Family"),
    "urgency": _("Urgency"),
    "channel": _("Channel"),
    "sector": _("Sector"),
    "label": _("Label"),
    "state": _("State"),
}
KEYS = frozenset({"desk", "sector", "label"})  # filters that are numbers


class Listing:
    """What one address of the inbox shows; ``context()`` returns all that its template needs."""

    def __init__(self, request: StaffRequest) -> None:
        self.request = request
        self.moment = now()
        self.words = request.GET.get("q", "").replace("\0", "").strip()[:200]
        self.filters = self._filters()
        chosen = request.GET.get("view", "")
        self.view = chosen if chosen in LABELS else "all" if self.words else "todo"

    def _filters(self) -> dict[str, str]:
        """Return the filters of the address.

        Unknown values are dropped: a link from elsewhere still opens.
        """
        given = {n: self.request.GET.get(n, "").replace("\0", "")[:18] for n in FILTERS}
        known = {
            "urgency": set(Urgency.values),
            "channel": set(Channel.values),
            "state": set(State.values),
        }
        return {
            name: value
            for name, value in given.items()
            if value
            and (name not in known or value in known[name])
            and (name not in KEYS or (value.isascii() and value.isdecimal()))
        }

    @cached_property
    def options(self) -> dict[str, list]:
        """Return the choices of the filters, and what concerns the member."""
        return choices(self.request)

    @cached_property
    def display(self) -> Display:
        """Return how the member has their lists."""
        kept = self.options["display"]
        if not kept:
            return Display()
        sort, columns, group = kept[0]
        return Display.of(sort, group, columns)

    @cached_property
    def _where(self) -> Q:
        """Return the filters as a condition on claims, without joins: an index alone answers."""
        values = dict(self.filters)
        found = Q()
        if family := values.pop("family", ""):
            found &= compared_to("category", Category.objects.filter(family__code=family))
        if sector := values.pop("sector", ""):
            found &= compared_to("residence", Residence.objects.filter(sector=int(sector)))
        if desk := values.pop("desk", ""):
            found &= Q(owner=desk)
        if label := values.pop("label", ""):
            found &= labels.bears(label=label)
        return found & Q(**values)

    @cached_property
    def _found(self) -> search.Found | None:
        """Return the newest claims that the words find; None without words."""
        if not search_words(self.words):
            return None
        claims: QuerySet = Claim.objects.visible_to(self.request.membership).filter(self._where)
        if last := windows.place_of(self.request, windows.moment, UUID):
            claims = windows.after(claims, ("-filed_at", "-pk"), last)
        base = last[0] if last else self.moment
        return search.keys(claims, self.words, most=search.MAX_FOUND, now=base)

    @property
    def claims(self) -> QuerySet:
        """Return the visible claims that the filters and the words leave, in any view."""
        claims = Claim.objects.visible_to(self.request.membership)
        if self._found:
            return claims.filter(pk__in=self._found.keys)
        return claims.filter(self._where)

    @property
    def gathers(self) -> bool:
        """Return whether claims of one open incident are one row here."""
        return self.view in incident_rows.VIEWS and not self.words

    @property
    def _is_whole(self) -> bool:
        """Return whether neither words nor filters narrow the list."""
        return self._found is None and not self.filters

    @cached_property
    def incidents(self) -> dict[UUID, incident_rows.Gathered]:
        """Return the incidents that have a row, by the claim in whose place it stands.

        Of the whole view, however many windows it has: the numbers of a row are true.
        """
        if not self.gathers:
            return {}
        how = (self.request.membership, self.moment, self.view)
        if self._is_whole:
            return incident_rows.gather(statements.gather_all(*how))
        return incident_rows.gather(statements.gathered(*how, self._where))

    @cached_property
    def _folded(self) -> list[UUID]:
        return incident_rows.folded(self.incidents.values())

    @cached_property
    def _window(self) -> tuple[list[tuple[UUID, str]], str]:
        """Return key and group of the claims of the window, in order, and the place behind it.

        Dangers and open incidents first, then in the member's order; the ended ones last.
        """
        most = windows.MOST
        began = windows.place_of(self.request, windows.number)
        over = windows.place_of(self.request, windows.moment, UUID)
        keys: list[tuple[UUID, str]] = []
        if self._found:
            # What words found is little, and sorted as it is; older ones are a window of their own.
            last = self._found.last
            keys = [(key, kind) for key, kind, shown, *_more in self._looked_at if shown]
            return keys, windows.place(*last) if last else ""
        if self.view != "ended" and not over:
            # However many are open, they are all sorted: a number is their place.
            first = began[0] if began else 0
            if self._is_whole and not first:
                rows = self._begin_all()
            else:
                rows = list(self._arranged()[first : first + most + 1])
            keys = [(key, kind) for key, kind, *_order in rows]
            if len(keys) > most:
                return keys, windows.place(first + most)
        if self._goes_on:
            room = most - len(keys)
            ended = newest_ended(self._parts(), over, room + 1)
            keys += [(key, "ended") for _at, key in ended]
            if len(ended) > room:
                return keys, windows.place(*ended[room - 1]) if room else windows.place(most)
        return keys, ""

    def _arranged(self) -> QuerySet:
        how = (self.request.membership, self.moment, self.view, self._where)
        chosen = statements.parts_of_view(*how)
        return statements.arranged(chosen, self.moment, self.display, self.view, self._folded)

    def _begin_all(self) -> list[tuple]:
        how = (self.view, self.display.sort, self.display.group, windows.MOST + 1)
        more = {"keys": self._folded} if self._folded else {}
        return statements.begin_all(self.request.membership, self.moment, *how, **more)

    @cached_property
    def _looked_at(self) -> list[tuple]:
        """Return what is asked of the claims that words found, by one statement."""
        if not (found := self._found.keys if self._found else []):
            return []
        how = (self.view, self.display.sort, self.display.group)
        return statements.look_at_found(self.request.membership, self.moment, *how, found=found)

    @property
    def _goes_on(self) -> bool:
        """Return whether the list holds what ended, however long ago."""
        return self.view in statements.GO_ON and self._found is None

    def _parts(self) -> list[QuerySet]:
        return statements.parts_of(self.request.membership, self._where)

    def _numbers(self) -> dict:
        """Return the number of each counted chip, and the next promise when nothing is to do."""
        member = self.request.membership
        if self._found:
            counted = statements.counted_of(self._looked_at)
        elif self._is_whole:
            counted = statements.added(statements.count_all(member, self.moment))
        else:
            rows = statements.counted_in_parts(member, self.moment, self._where)
            counted = statements.added(rows)
        # One claim may hold several notes that name the same person.
        counted["mentions"] = len({claim for claim, _label in self.options["named"]})
        counted["watched"] = len([1 for _claim, new in self.options["watch"] if new])
        return counted

    @cached_property
    def _numbers_of_groups(self) -> dict[str, int | str]:
        """Return how many rows of the whole view each heading has, on any page.

        « 400+ » of the group in which the window ends; nothing of a later window, which is not all.
        """
        keys, behind = self._window
        if windows.FROM in self.request.GET:
            return {}
        groups = [sort_order.fold(kind, self.moment) for _key, kind in keys[: windows.MOST]]
        numbers: dict[str, int | str] = dict(Counter(groups))
        if behind:
            numbers[groups[-1]] = f"{numbers[groups[-1]]}+"
        return numbers

    @property
    def total(self) -> int:
        """Return how many claims the window holds, whatever has a row of its own."""
        return len(self._window[0][: windows.MOST]) + len(self._folded)

    @cached_property
    def _page(self) -> Page:
        """Return the page of the window: keys, with the group of each."""
        keys, behind = self._window
        begun = self.request.GET.get(windows.FROM, "")[: windows.LONGEST]
        paginator = windows.Window(keys[: windows.MOST], PER_PAGE, begun=begun, behind=behind)
        return paginator.get_page(self.request.GET.get("page"))

    def _rows(self) -> list[Claim]:
        """Return the claims of the page, in order, each with ``kind``: the name of its group."""
        if not (kinds := dict(self._page.object_list)):
            return []
        member, needs_last = self.request.membership, self.display.needs_last
        rows = statements.rows_of_page(member, self.moment, needs_last, keys=list(kinds))
        found = {claim.pk: claim for claim in rows}
        for key, claim in found.items():
            claim.kind = kinds[key]
        return [found[key] for key in kinds if key in found]

    def order(self) -> list[UUID]:
        """Return the keys of the claims of this page, in order, and of the first after it.

        Incidents are left out, and met in their own pane.
        """
        keys = [key for key, _kind in self._window[0]]
        last = self._page.end_index()
        first = last - len(self._page.object_list)
        shown, further = (
            [key for key in part if key not in self.incidents]
            for part in (keys[first:last], keys[last:])
        )
        return shown + further[:1]

    def keys(self, most: int) -> tuple[list[tuple[UUID, int]], int]:
        """Return key and version of the first ``most`` claims, in order, and how many are left.

        Those of an incident are in the place of its row.
        """
        keys: list[UUID] = []
        for key, _kind in self._window[0][: windows.MOST]:
            keys += self.incidents[key].keys if key in self.incidents else (key,)
        rows = Claim.objects.visible_to(self.request.membership).filter(pk__in=keys[:most])
        versions = dict(rows.values_list("pk", "version"))
        return [(key, versions[key]) for key in keys[:most] if key in versions], len(keys)

    def context(self) -> dict:
        """Return what the list pane shows, read once."""
        return dict(self._shown)

    @cached_property
    def _shown(self) -> dict:
        page, claims = self._page, self._rows()
        page.object_list = claims
        groups: dict[str, list] = {}
        options = dict(self.options)
        given, watched = dict(options.pop("given")), options.pop("watch")
        marks = Marks(
            moment=self.moment,
            display=self.display,
            likely=senders.likely_names(claims, self.request.membership, self.moment),
            given=given,
            news=frozenset(claim for claim, new in watched if new),
            incidents=self.incidents,
            labels={int(key): (name, sign) for key, name, sign in options["label"]},
        )
        for claim in claims:
            marks.write(claim)
            groups.setdefault(claim.group, []).append(claim)
        numbers = self._numbers()
        shown = {name for name in PERSONAL if numbers[name]} | ({"watched"} if watched else set())
        kept = {"view": self.view, **self.filters, **({"q": self.words} if self.words else {})}
        begun = {windows.FROM: page.paginator.begun} if page.paginator.begun else {}
        return {
            "groups": [
                (
                    name,
                    sort_order.heading(name, items),
                    self._numbers_of_groups.get(name, ""),
                    items,
                )
                for name, items in groups.items()
            ],
            "chips": [
                {
                    "name": name,
                    "label": label,
                    "count": numbers.get(name),
                    "current": name == self.view,
                    "folded": name in FOLDED,
                    "query": urlencode({**kept, "view": name}),
                }
                for name, label in LABELS.items()
                # What concerns only some is shown when there is something in it.
                if name not in PERSONAL or name in shown or self.view == name
            ],
            "promised": sort_order.promised(self._numbers_of_groups, self.display),
            "folded_view": self.view in FOLDED,
            "dangers": len(options.pop("danger")),
            "given": min(len(given), MOST_GIVEN),
            "given_more": len(given) > MOST_GIVEN,
            "saved": [
                {"label": label, "query": query, "pk": pk}
                for query, label, pk in options.pop("view")
            ],
            "filter_fields": [
                (name, label, [row[:2] for row in options[name]], self.filters.get(name, ""))
                for name, label in FILTERS.items()
            ],
            "filtered": len(self.filters),
            "display": self.display,
            "mails": next((how for how, _none in options.pop("mails")), How.DAILY),
            "mail_choices": How.choices,
            "sorts": sort_order.Sort.choices,
            "groupings": sort_order.Group.choices,
            "all_columns": Column.choices,
            "opens_first": bool(groups) and self.view in OPENED and not self.words,
            "view": self.view,
            "page_obj": page,
            "total": self.total,
            "query": urlencode(kept),
            "here": urlencode({**kept, **begun, "page": page.number}),
            "q": self.words,
            "labels_said": [
                row for row in options["label"] if self.words and labels.said(self.words, row[1])
            ],
            "near_only": bool(self._found and self._found.near),
            "cut": bool(self._found and self._found.last),
            "next_promise": numbers["next_promise"],
            "view_label": LABELS[self.view],
        }
