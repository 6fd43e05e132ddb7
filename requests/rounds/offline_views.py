"""What makes the round an installed application: manifest, service worker, pages stored offline.

The worker stores on the phone: our own static files, the public offline page, and one shell (the
form, the pictures and the names of the caretaker's buildings). It never caches a list of claims, a
tenant or a door; logging out removes the shell.
"""

import hashlib
import json
import uuid

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from agencies.http_types import PublicRequest, StaffRequest
from portal.access import PUBLIC, Role, audience
from requests.rounds import queries as rounds
from requests.rounds.forms import ReportForm
from requests.rounds.views import round_context

FILES = (
    "css/palier.css",
    "js/palier.js",
    "js/round.js",
    "js/round_list.js",
    "js/photos.js",
    "img/sprite.svg",
    "img/favicon.svg",
)


@audience(Role.CARETAKER)
@require_GET
def shell(request: StaffRequest) -> HttpResponse:
    """Return the home page without anybody's claims: it opens when there is no network."""
    page = {
        **round_context(request),
        "form": ReportForm(pictures=rounds.fault_pictures()),
        "pictures": rounds.fault_pictures(),
        "key": uuid.uuid4(),
        "shell": True,
    }
    return render(request, "requests/rounds/home.html", page)


@audience(PUBLIC)
@cache_control(no_cache=True)
@require_GET
def offline(request: PublicRequest) -> HttpResponse:
    """Show the phone numbers, for when there is neither a network nor a stored shell."""
    return render(request, "requests/rounds/offline.html")


@audience(PUBLIC)
@cache_control(no_cache=True)
@require_GET
def worker(request: PublicRequest) -> HttpResponse:
    """Return the service worker; a changed file makes a new version that replaces the cache."""
    files = [static(name) for name in FILES]
    page = {
        "version": hashlib.sha256(" ".join(files).encode()).hexdigest()[:12],
        "files": json.dumps([*files, reverse("round:offline")]),
        "paths": {name: reverse(f"round:{name}") for name in ("home", "shell", "offline")},
    }
    script = render(
        request, "requests/rounds/sw.js", page, content_type="text/javascript; charset=utf-8"
    )
    script["Service-Worker-Allowed"] = reverse("round:home")
    return script


@audience(PUBLIC)
@cache_control(max_age=3600)
@require_GET
def manifest(request: PublicRequest) -> JsonResponse:
    """Return what the phone shows of the installed application."""
    start = reverse("round:home")
    icons = [
        {"src": static("img/round-192.png"), "sizes": "192x192", "type": "image/png"},
        {
            "src": static("img/round-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "any maskable",
        },
    ]
    about = {
        "id": start,
        "name": _("My round – Palier"),
        "short_name": _("My round"),
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#FBF7F0",
        "theme_color": "#0A3A40",
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json")
