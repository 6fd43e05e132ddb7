"""Every URL × every role × GET and POST, generated from the URLconf.

What an actor may open follows from the audience that the view declared; a URL that declares
none fails, and so does a third-party URL that is not listed here with its reason.
"""

import logging
import re
import uuid
import zlib

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from agencies.models import Dwelling
from portal.access import PUBLIC, AudiencePermission, Role, audience, audience_of
from portal.clock import now
from portal.middleware import AudienceMiddleware, checks_itself
from requests.routing.actions import route_claim
from tests import trust
from tests.factories import leak, member, tenant
from tests.matrix.identity import found_once
from tests.portal.urls import EVERY, OURS, path_of

pytestmark = [pytest.mark.long, pytest.mark.trust]

CANARY = "canari-7h2k"
SIGN_IN = "signing in happens here, for everybody"
OWN = "the person's own account; allauth asks for a session itself"
# URL name -> why our decorator is not on it. A page that a new setting of allauth adds fails.
THIRD_PARTY = {
    "account_login": SIGN_IN,
    "account_request_login_code": SIGN_IN,
    "account_confirm_login_code": SIGN_IN,
    "account_logout": SIGN_IN,
    "account_signup": SIGN_IN,
    "account_inactive": SIGN_IN,
    "account_reset_password": SIGN_IN,
    "account_reset_password_done": SIGN_IN,
    "account_reset_password_from_key": SIGN_IN,
    "account_reset_password_from_key_done": SIGN_IN,
    "account_confirm_password_reset_code": SIGN_IN,
    "account_complete_password_reset": SIGN_IN,
    "account_password_reset_completed": SIGN_IN,
    "account_email_verification_sent": SIGN_IN,
    "account_verify_phone": SIGN_IN,
    "mfa_authenticate": SIGN_IN,
    "account_email": OWN,
    "account_change_password": OWN,
    "account_set_password": OWN,
    "account_change_phone": OWN,
    "account_reauthenticate": OWN,
    "mfa_login_webauthn": SIGN_IN,
    "mfa_index": OWN,
    "mfa_list_webauthn": OWN,
    "mfa_add_webauthn": OWN,
    "mfa_edit_webauthn": OWN,
    "mfa_remove_webauthn": OWN,
    "mfa_reauthenticate_webauthn": OWN,
    "usersessions_list": OWN,
    "mfa_reauthenticate": OWN,
    "mfa_activate_totp": OWN,
    "mfa_deactivate_totp": OWN,
    "mfa_view_recovery_codes": OWN,
    "mfa_generate_recovery_codes": OWN,
    "mfa_download_recovery_codes": OWN,
    "set_language": "a choice kept in a cookie; nothing is shown",
}
# A refusal in one line: drawing the page of it five thousand times proves nothing more. What a
# view shows to whoever may come in does not ask for this header.
SCRIPT = {"Accept": "application/json"}
# What somebody who may come in is never answered.
BAD = {401, 403, 500}
# Open to machines that sign what they post or send a key: without it they are told 401 or 403.
SIGNED = ("/hooks/", "/open311/")
# See every claim of the landlord by their role, so that the canary is theirs to read.
SEES_ALL = {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}


ADMIN = [row for row in EVERY if row[1].startswith("admin:")]


@pytest.fixture
def claim(landlord):
    """A claim of the north, with a word nobody else may read."""
    claim = leak(
        landlord,
        now(),
        key=str(uuid.uuid4()),
        words=CANARY,
        contact_name=CANARY,
        contact_email=f"{CANARY}@example.test",
    )
    route_claim(claim_id=claim.pk, now=now())
    return claim


STAFF = [role for role in Role if role != Role.TENANT]
ACTORS = ["anonymous", "a tenant", *(role.value for role in STAFF)]


@pytest.fixture
def quick(settings, monkeypatch) -> None:
    """Save each of thousands of requests a query for its session and a line of pytest's log."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def actors(landlord, claim) -> dict:
    """Nobody, a tenant who lives elsewhere, and each role in another agency."""
    elsewhere = Dwelling.objects.create(
        staircase=landlord["dwelling"].staircase, natural_key="k2", door="99", floor=9
    )
    people = {"anonymous": (None, None)}
    people["a tenant"] = (tenant(elsewhere, email="awa@example.test").user, None)
    for role in STAFF:
        membership = member(landlord["south"], role)
        people[role.value] = (membership.user, membership)
    return people


def opens(route: str, who: str, allowed: frozenset[str]) -> bool:
    """Return whether ``who`` is one of the two that open what more of them may open.

    They are others for each address; what is public, nobody in particular opens as well. ``make
    trust`` lets all of them in.
    """
    is_public = PUBLIC in allowed
    roles = dict(zip(ACTORS, [PUBLIC, Role.TENANT, *STAFF], strict=True))
    may = [other for other, role in roles.items() if is_public or role in allowed]
    turn = zlib.crc32(route.encode()) % len(may)
    return trust.WHOLE or who in (may + may)[turn : turn + 2] or (is_public and who == may[0])


def expected(view, user, membership) -> set[int] | None:
    """The only statuses allowed to a denied actor; None when the actor may come in."""
    allowed = audience_of(view)
    # Said again here on purpose: the test must not ask the code that it tests.
    role = membership.role if membership else Role.TENANT
    if PUBLIC in allowed or (user and role in allowed):
        return None
    if hasattr(view, "cls"):
        return {403} if user else {401}
    return {403} if user else {302}


@pytest.mark.parametrize("who", ACTORS)
def test_every_url_by_every_role(who, client, actors, claim, monkeypatch, quick):
    for name in ("GUESSES", "API_READS", "API_WRITES"):
        monkeypatch.setattr(f"portal.limits.{name}", 100_000)
    monkeypatch.setattr("requests.open311.views.ANONYMOUS", 100_000)
    monkeypatch.setattr("requests.open311.views.CATALOGUE", 100_000)
    client.raise_request_exception = False
    wrong = []
    user, membership = actors[who]
    if user:
        client.force_login(user)
    with found_once(user):
        for route, _name, pattern in OURS:
            path = path_of(route, pattern, claim)
            denied = expected(pattern.callback, user, membership)
            if denied is None and not opens(route, who, audience_of(pattern.callback)):
                continue
            # Only visitors who have to sign in are sent to a page; scripts are told 401.
            headers = None if denied == {302} else SCRIPT
            for method in ("get", "post"):
                if denied or method == "get":  # writes nothing: tests/matrix, portal/read_only.py
                    answer = getattr(client, method)(path, headers=headers)
                else:
                    # Rolled back, so that no request is judged by what another one did.
                    with transaction.atomic():
                        answer = client.post(path, headers=headers)
                        transaction.set_rollback(True)
                body = b"".join(answer) if answer.streaming else answer.content
                fits = answer.status_code in denied if denied else answer.status_code not in BAD
                if path.startswith(SIGNED) and method == "post":
                    fits = answer.status_code in {400, 401, 403, 404, 405}
                if denied == {302}:
                    fits = fits and answer.url.startswith("/accounts/login/")
                may_read = membership and membership.role in SEES_ALL and not denied
                if not fits or (CANARY.encode() in body and not may_read):
                    wrong.append(f"{method} {path} -> {answer.status_code}")
    assert wrong == []


def test_every_url_declares_its_audience():
    assert [route for route, _name, p in OURS if audience_of(p.callback) is None] == []


def test_every_api_class_checks_its_audience():
    classes = [p.callback.cls for _route, _name, p in OURS if hasattr(p.callback, "cls")]
    assert classes
    assert [c for c in classes if c.permission_classes != [AudiencePermission]] == []


def test_every_third_party_url_is_listed_with_its_reason():
    listed = {name for _route, name, p in EVERY if checks_itself(p.callback)} - {
        name for _route, name, _p in ADMIN
    }
    assert listed - set(THIRD_PARTY) == set()


@pytest.mark.django_db
def test_own_account_pages_ask_for_a_session(client):
    for route, name, _pattern in EVERY:
        if THIRD_PARTY.get(name) == OWN:
            answer = client.get("/" + re.sub(r"<int:\w+>", "1", route))
            assert answer.status_code == 302, name
            assert answer.url.startswith("/accounts/login/"), name


def test_the_settings_are_closed_to_everybody_without_the_right(client, actors, quick):
    for who in ("anonymous", "a tenant", "admin"):
        user, _membership = actors[who]
        client.logout()
        if user:
            client.force_login(user)
        for route, name, _pattern in ADMIN:
            path = "/" + route.replace("<path:object_id>", "1").replace(
                "<path:content_type_id>", "1"
            )
            if "(" in path or "<" in path or name in {"admin:jsi18n", "admin:logout"}:
                continue
            answer = client.get(path)
            assert answer.status_code in {301, 302, 403, 405}, path


@pytest.mark.parametrize(
    "view",
    [
        lambda request: None,
        type("Undeclared", (APIView,), {}).as_view(),
        audience(PUBLIC)(
            type("Unchecked", (APIView,), {"permission_classes": [AllowAny]})
        ).as_view(),
    ],
    ids=["function", "api class", "api class with its own permission"],
)
def test_what_declares_nothing_is_refused(rf, view):
    with pytest.raises(PermissionDenied):
        AudienceMiddleware(None).process_view(rf.get("/"), view, (), {})
