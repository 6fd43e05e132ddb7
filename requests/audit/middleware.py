"""Log the personal records that a page opened, in one INSERT, once the page is made."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from portal.opened import noted
from requests.audit import actions
from requests.audit.models import RecordView

SHOWN = frozenset({200, 409, 422})


class RecordViewMiddleware:
    """Write what ``portal.opened`` noted, when the answer is a page and not a redirect."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in SHOWN and (opened := noted(request)):
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
