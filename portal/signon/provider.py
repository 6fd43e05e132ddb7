"""The provider: what the installation says of it, and what it publishes about itself.

Its description and keys are kept for an hour in each process. A token signed by an unknown key
fetches the keys again, at most once a minute: providers change keys without notice.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.core.cache import caches

from portal import http, network
from portal.signon.errors import Reason, SignOnError

HOUR = 3600
REFETCH = 60  # seconds between two looks for a key that we do not know
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Preset:
    """How providers of one kind differ from the standard.

    ``claims`` asks for acr, amr and auth_time by name; ``pkce`` False where a parameter that the
    provider does not know is an error.
    """

    name: str = ""
    scope: str = "openid email profile"
    acr: tuple[str, ...] = ()
    claims: bool = False
    pkce: bool = True


PROCONNECT = "https://proconnect.gouv.fr/assurance"
PRESETS = {
    "": Preset(),
    "proconnect": Preset(
        name="ProConnect",
        scope="openid given_name usual_name email",
        acr=(
            "eidas2",
            "eidas3",
            f"{PROCONNECT}/self-asserted-2fa",
            f"{PROCONNECT}/consistency-checked-2fa",
        ),
        claims=True,
        pkce=False,
    ),
}


@dataclass(frozen=True)
class Provider:
    """The provider as the installation describes it."""

    issuer: str
    client: str
    secret: str
    name: str
    acr: tuple[str, ...]
    asks_acr: bool
    preset: Preset


def current() -> Provider | None:
    """Return the installation's provider; None where staff sign in here."""
    if not settings.PALIER_SIGNON_ISSUER:
        return None
    preset = PRESETS[settings.PALIER_SIGNON_PRESET]
    return Provider(
        issuer=settings.PALIER_SIGNON_ISSUER,
        client=settings.PALIER_SIGNON_CLIENT,
        secret=settings.PALIER_SIGNON_SECRET,
        name=settings.PALIER_SIGNON_NAME
        or preset.name
        or urlsplit(settings.PALIER_SIGNON_ISSUER).hostname
        or "",
        acr=(*settings.PALIER_SIGNON_ACR, *preset.acr),
        asks_acr=bool(settings.PALIER_SIGNON_ACR),
        preset=preset,
    )


def call(method: str, address: str, **kwargs) -> httpx2.Response:
    """Send one request to the provider. Raises SignOnError where it does not answer well."""
    try:
        answer = http.request(method, address, **kwargs)
    except (httpx2.HTTPError, network.Refused) as error:
        raise SignOnError(Reason.UNREACHABLE, f"{address}: {error}") from error
    if answer.status_code != 200:
        code = str(http.json_object(answer).get("error", ""))[:40]
        raise SignOnError(Reason.UNREACHABLE, f"{address}: {answer.status_code} {code}")
    return answer


def metadata(provider: Provider) -> dict:
    """Return what the provider publishes of itself. Raises SignOnError.

    Another issuer's description is refused: its endpoints would then say who is whom.
    """
    kept = caches["process"].get(f"signon:{provider.issuer}")
    if kept:
        return kept
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    found = http.json_object(call("GET", address))
    if found.get("issuer") != provider.issuer:
        raise SignOnError(Reason.WRONG, f"the description is of {found.get('issuer')!r:.80}")
    missing = [name for name in NEEDED if not isinstance(found.get(name), str)]
    if missing:
        raise SignOnError(Reason.UNREACHABLE, f"the description has no {', '.join(missing)}")
    caches["process"].set(f"signon:{provider.issuer}", found, HOUR)
    return found


def published_keys(provider: Provider, *, again: bool = False) -> list[dict]:
    """Return the keys that sign the provider's tokens; ``again`` asks for them anew."""
    address = metadata(provider)["jwks_uri"]
    cache, name = caches["process"], f"signon:keys:{provider.issuer}"
    kept = cache.get(name)
    if kept is not None and not (again and cache.add(f"{name}:again", True, REFETCH)):
        return kept
    found = http.json_object(call("GET", address)).get("keys")
    keys = [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []
    cache.set(name, keys, HOUR)
    return keys
