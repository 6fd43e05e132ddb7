"""Log the personal records and lists that a page showed, one INSERT each, once it is made."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from portal.opened import listed, noted
from requests.audit import actions
from requests.audit.models import RecordView

SHOWN = frozenset({200, 409, 422})
# Their lists hold their own requests.
OWN = frozenset({"", Role.TENANT})


class RecordViewMiddleware:
    """Write what ``portal.opened`` noted, when the answer is a page and not a redirect."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code not in SHOWN:
            return response
        self._log_list(request)
        if opened := noted(request):
            means = RecordView.Means.PAGE
            if request.path.startswith("/api/"):
                means = RecordView.Means.API
            actor, moment = Actor.of(request), now()
            actions.write(
                [
                    actions.view_of(
                        one.record,
                        Actor(one.role, actor.user) if one.role else actor,
                        moment,
                        one.means or means,
                        one.company,
                    )
                    for one in opened
                    # Who reads their own home's requests is no reader from outside.
                    if one.role or actor.role != Role.TENANT
                ]
            )
        return response

    def _log_list(self, request: HttpRequest) -> None:
        """Log a list of people or requests, unless it is the reader's own or shows nothing."""
        found, match = listed(request), request.resolver_match
        if found is None or match is None or not (found.shown or request.GET):
            return
        actor = Actor.of(request)
        if actor.role in OWN:
            return
        query = dict(request.GET.lists())
        row = actions.list_view_of(found, actor, now(), page=match.view_name, query=query)
        actions.write_list(row)
