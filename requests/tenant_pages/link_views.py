"""The pages of a claim by its private link, without account; what they do is in claim_views.py."""

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from requests.tenant_pages import claim_views


@audience(PUBLIC)
@never_cache
@require_GET
def follow(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.show(request, claim_views.by_link(token))


@audience(PUBLIC)
@never_cache
@require_POST
def follow_act(request: PublicRequest, token: str, transition: str) -> HttpResponse:
    return claim_views.act(request, claim_views.by_link(token), transition)


@audience(PUBLIC)
@never_cache
@require_POST
def follow_write(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.write(request, claim_views.by_link(token))


@audience(PUBLIC, repeat="sets the same choice again")
@never_cache
@require_POST
def follow_news(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.news(request, claim_views.by_link(token))


@audience(PUBLIC)
@never_cache
@require_GET
def follow_print(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.letter(request, claim_views.by_link(token))


@audience(PUBLIC)
@require_GET
def follow_qr(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.qr(claim_views.by_link(token))


@audience(PUBLIC)
@require_GET
def follow_file(request: PublicRequest, token: str, file: uuid.UUID) -> HttpResponseBase:
    return claim_views.file_of(request, claim_views.by_link(token), file)


@audience(PUBLIC, repeat="sets the same choice again")
@never_cache
@require_POST
def follow_confidential(request: PublicRequest, token: str) -> HttpResponse:
    return claim_views.make_confidential(request, claim_views.by_link(token))


@audience(PUBLIC)
@never_cache
@require_POST
def follow_link(request: PublicRequest, token: str, what: str) -> HttpResponse:
    return claim_views.change_link(request, claim_views.by_link(token), what)
