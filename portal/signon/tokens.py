"""Check what a provider signed (OpenID Connect Core 1.0, 3.1.3.7). Pure: the moment is given."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from portal.signon.errors import Reason, SignOnError

# Signatures by a published key only: "none" and those by a shared secret are nobody's.
ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
]
SKEW = 60  # seconds by which two clocks may differ
# What a person has, is or is sent, beside what they know (RFC 8176).
SECOND = frozenset({"otp", "totp", "hwk", "swk", "pop", "fpt", "face", "iris", "sc", "fido"})


def signed_claims(text: str, keys: Callable[[bool], list[dict]]) -> dict:
    """Return what a token says once its signature is found good. Raises SignOnError.

    ``keys(again)`` returns the published keys; asked again for one that is not among them.
    """
    try:
        header = jws.extract_compact(text.encode()).headers()
        kid = header.get("kid")
        found = _candidates(keys(False), kid) or _candidates(keys(True), kid)
        return _verified(text, found)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignOnError(Reason.WRONG, f"token: {type(error).__name__}") from error


def _candidates(published: Iterable[dict], kid: object) -> list[Key]:
    """Return the keys for signatures that the header means; all of them where it names none."""
    found = []
    for data in published:
        if data.get("use", "sig") != "sig" or data.get("kty") == "oct":
            continue
        if kid is not None and data.get("kid") != kid:
            continue
        try:
            found.append(JWKRegistry.import_key(data))
        except (JoseError, ValueError):
            continue  # a kind of key that we do not know
    return found


def _verified(text: str, keys: list[Key]) -> dict:
    failure: Exception = ValueError("unknown key")
    for key in keys:
        try:
            claims = json.loads(jws.deserialize_compact(text, key, algorithms=ALGORITHMS).payload)
        except (JoseError, ValueError) as error:
            failure = error
            continue
        if not isinstance(claims, dict):
            raise ValueError("no object")
        return claims
    raise failure


def check_id_token(claims: dict, *, issuer: str, client: str, nonce: str, now: datetime) -> None:
    """Check that a token was made for us, for this sign-on, and is in force. Raises SignOnError."""
    moment = now.timestamp()
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    wrong = {
        "iss": claims.get("iss") != issuer,
        "aud": client not in audience,
        "azp": claims.get("azp", client) != client or (len(audience) > 1 and "azp" not in claims),
        "sub": not is_subject(claims.get("sub")),
        "nonce": claims.get("nonce") != nonce,
        "exp": _seconds(claims, "exp", default=0) <= moment - SKEW,
        "iat": _seconds(claims, "iat", default=moment * 2) > moment + SKEW,
        "nbf": _seconds(claims, "nbf", default=0) > moment + SKEW,
    }
    if found := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise SignOnError(Reason.WRONG, f"claims: {', '.join(found)}")


def check_userinfo(claims: dict, *, issuer: str, client: str) -> None:
    """Check whom a signed answer about the person is from and for. Raises SignOnError."""
    audience = claims.get("aud")
    if claims.get("iss") != issuer or client not in (
        audience if isinstance(audience, list) else [audience]
    ):
        raise SignOnError(Reason.WRONG, "userinfo: iss, aud")


def is_subject(value: object) -> bool:
    """Return whether a value can be a person's number at the provider."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()


def asked_since(claims: dict, since: float) -> bool:
    """Return whether the provider asked the person who they are after ``since``."""
    return _seconds(claims, "auth_time", default=0) >= since - SKEW


def has_two_factors(claims: dict, levels: Iterable[str]) -> bool:
    """Return whether the provider says that it asked two factors: by its level, or its methods."""
    if claims.get("acr") in set(levels):
        return True
    methods = claims.get("amr")
    methods = {m for m in methods if isinstance(m, str)} if isinstance(methods, list) else set()
    knows = bool(methods & {"pwd", "pin"})
    return "mfa" in methods or (knows and bool(methods & SECOND))


def _seconds(claims: dict, name: str, *, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignOnError(Reason.WRONG, f"claims: {name}")
    return value
