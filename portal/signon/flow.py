"""The authorization-code flow (OpenID Connect Core 1.0, 3.1; PKCE: RFC 7636).

What the browser must bring back waits in its session: the state is good once, for ten minutes.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import quote_plus

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from portal import http
from portal.signon import tokens
from portal.signon.errors import Reason, SignOnError
from portal.signon.provider import Provider, call, metadata, published_keys

WAITING = "signon_waiting"
LASTS = 600  # seconds at the provider
MOST = 4  # logins begun in several tabs


@dataclass(frozen=True)
class Begun:
    """A sign-on that the browser has begun; ``purpose`` is login, confirm or link."""

    nonce: str
    verifier: str
    purpose: str
    target: str
    at: float


@dataclass(frozen=True)
class Person:
    """Whom the provider has recognised; ``asked`` says that it asked them anew just now."""

    issuer: str
    subject: str
    email: str
    two_factors: bool
    asked: bool
    id_token: str


def begin(
    request: HttpRequest, provider: Provider, *, purpose: str, target: str, now: datetime
) -> str:
    """Return the provider's address to send the browser to. Raises SignOnError."""
    described = metadata(provider)
    # Hexadecimal, since some providers take no other character than letters and digits.
    state, nonce = secrets.token_hex(32), secrets.token_hex(32)
    begun = Begun(nonce, secrets.token_urlsafe(48), purpose, target, now.timestamp())
    waiting = {**request.session.get(WAITING, {}), state: asdict(begun)}
    request.session[WAITING] = dict(list(waiting.items())[-MOST:])
    asked = {
        "response_type": "code",
        "client_id": provider.client,
        "redirect_uri": redirect_uri(request),
        "scope": provider.preset.scope,
        "state": state,
        "nonce": nonce,
    }
    if provider.asks_acr:
        asked["acr_values"] = " ".join(provider.acr)
    if purpose != "login":
        asked["prompt"] = "login"
    if provider.preset.claims:
        essential = {"essential": True}
        names = ("acr", "amr", "auth_time")
        asked["claims"] = json.dumps({"id_token": dict.fromkeys(names, essential)})
    elif purpose != "login":
        asked["max_age"] = "0"
    if provider.preset.pkce:
        asked["code_challenge"] = challenge(begun.verifier)
        asked["code_challenge_method"] = "S256"
    joint = "&" if "?" in described["authorization_endpoint"] else "?"
    return described["authorization_endpoint"] + joint + urlencode(asked)


def take_up(request: HttpRequest, now: datetime) -> Begun:
    """Return the sign-on that the browser comes back from, which ends. Raises SignOnError."""
    waiting = request.session.get(WAITING, {})
    found = waiting.pop(request.GET.get("state", ""), None)
    request.session[WAITING] = waiting
    if found is None or now.timestamp() - found["at"] > LASTS:
        raise SignOnError(Reason.EXPIRED, "state")
    return Begun(**found)


def finish(request: HttpRequest, provider: Provider, begun: Begun, now: datetime) -> Person:
    """Return whom the provider recognised, checked. Raises SignOnError."""
    if request.GET.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise SignOnError(Reason.WRONG, "iss of the answer")
    if "error" in request.GET:
        raise SignOnError(Reason.DECLINED, request.GET["error"][:40])
    code = request.GET.get("code", "")
    if not code:
        raise SignOnError(Reason.WRONG, "no code")
    answer = _exchange(request, provider, begun, code)
    id_token, access = answer.get("id_token"), answer.get("access_token")
    if not isinstance(id_token, str):
        raise SignOnError(Reason.WRONG, "no id_token")
    claims = tokens.signed_claims(id_token, lambda again: published_keys(provider, again=again))
    tokens.check_id_token(
        claims, issuer=provider.issuer, client=provider.client, nonce=begun.nonce, now=now
    )
    return Person(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=_email(provider, claims, access),
        two_factors=tokens.has_two_factors(claims, provider.acr),
        asked=tokens.asked_since(claims, begun.at),
        id_token=id_token,
    )


def _exchange(request: HttpRequest, provider: Provider, begun: Begun, code: str) -> dict:
    """Return what the provider gives for the code."""
    described = metadata(provider)
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(request),
    }
    if provider.preset.pkce:
        data["code_verifier"] = begun.verifier
    methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_post" in methods:
        data |= {"client_id": provider.client, "client_secret": provider.secret}
        answer = call("POST", described["token_endpoint"], data=data)
    else:
        # Form-encoded before they are joined (RFC 6749, 2.3.1).
        pair = (quote_plus(provider.client), quote_plus(provider.secret))
        answer = call("POST", described["token_endpoint"], data=data, auth=pair)
    return http.json_object(answer)


def _email(provider: Provider, claims: dict, access: object) -> str:
    """Return the person's address: from the token, else from the provider's answer about them."""
    address = metadata(provider).get("userinfo_endpoint")
    if not claims.get("email") and address and isinstance(access, str):
        answer = call("GET", address, headers={"Authorization": f"Bearer {access}"})
        if answer.headers.get("content-type", "").startswith("application/jwt"):
            told = tokens.signed_claims(
                answer.text, lambda again: published_keys(provider, again=again)
            )
            tokens.check_userinfo(told, issuer=provider.issuer, client=provider.client)
        else:
            told = http.json_object(answer)
        if told.get("sub") != claims["sub"]:
            raise SignOnError(Reason.WRONG, "userinfo of another person")
        claims = told
    email = claims.get("email")
    return email.strip().lower() if isinstance(email, str) else ""


def end_address(request: HttpRequest, provider: Provider, id_token: str) -> str:
    """Return the address that ends the session at the provider too; "" where it has none."""
    address = metadata(provider).get("end_session_endpoint")
    if not isinstance(address, str):
        return ""
    back = request.build_absolute_uri(reverse("account_login"))
    told = {
        "id_token_hint": id_token,
        "post_logout_redirect_uri": back,
        "state": secrets.token_hex(32),
    }
    return address + ("&" if "?" in address else "?") + urlencode(told)


def redirect_uri(request: HttpRequest) -> str:
    """Return the address that the provider sends browsers back to, as it is registered there."""
    return request.build_absolute_uri(reverse("signon_callback"))


def challenge(verifier: str) -> str:
    """Return the PKCE challenge of a verifier (S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
