"""A small OpenID Connect provider, run as a process: ``python -m tests.portal.signon.oidc``.

It keeps to the standard (authorization code, PKCE, client secret, codes good once, signed userinfo)
and recognises one person at once. ``/control`` takes a JSON object that changes what it does, so
that a test can make it lie: ``claims`` replaces claims of the token, ``sign`` the way it is signed.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "palier", "a secret: +%/"
KNOWN = {
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt"),
    *("acr_values", "claims", "max_age", "code_challenge", "code_challenge_method"),
}


class Provider:
    """What the provider knows: its keys, the person at its door, and the codes it gave."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.number = 1
        self.key, self.stranger = self.new_key(), None
        self.codes: dict[str, dict] = {}
        self.asked: dict[str, str] = {}
        self.fetched = 0
        self.wishes: dict = {"now": 0, "strict": False, "userinfo": "json", "auth": "basic"}
        self.person = {"sub": "u-1", "email": "sonia@example.test"}

    def new_key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": f"k{self.number}", "use": "sig", "alg": "RS256"})

    def description(self) -> dict:
        at = self.issuer
        return {
            "issuer": self.wishes.get("issuer", at),
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/keys",
            "end_session_endpoint": f"{at}/logout",
            "token_endpoint_auth_methods_supported": [f"client_secret_{self.wishes['auth']}"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Recognise the person; return where the browser goes."""
        unknown = asked.keys() - KNOWN
        if self.wishes["strict"]:  # as ProConnect
            unknown |= asked.keys() & {"code_challenge", "code_challenge_method", "max_age"}
            assert len(asked["state"]) >= 32
            assert len(asked["nonce"]) >= 32
            assert asked["nonce"].isalnum()
        assert not unknown, unknown
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        self.asked = asked
        back = {"state": asked["state"], "iss": self.wishes.get("iss", self.issuer)}
        if error := self.wishes.get("error"):
            return asked["redirect_uri"] + "?" + urlencode({**back, "error": error})
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({**back, "code": code})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict]:
        if self.wishes["auth"] == "basic":
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            client, secret = map(unquote_plus, pair)
        else:
            client, secret = form.get("client_id"), form.get("client_secret")
        if (client, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        good = asked and asked["redirect_uri"] == form["redirect_uri"]
        if good and "code_challenge" in asked:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            right = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = right == asked["code_challenge"]
        if not good:
            return 400, {"error": "invalid_grant"}
        now = int(self.wishes["now"])
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "auth_time": now,
            "nonce": asked["nonce"],
            "sub": self.person["sub"],
        }
        claims |= self.wishes.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict) -> str:
        way = self.wishes.get("sign", "")
        if way == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
            return ".".join(_b64(part.encode()) for part in parts) + "."
        if way == "secret":  # signed with the public key as a shared secret
            return _by_hmac(claims, self.key)
        key = self.key
        if way == "swapped":  # another's key under the published name
            self.stranger = self.stranger or self.new_key()
            key = self.stranger
        return jwt.encode({"alg": "RS256", "kid": f"k{self.number}"}, claims, key)

    def userinfo(self) -> tuple[str, bytes]:
        if self.wishes["userinfo"] == "json":
            return "application/json", json.dumps(self.person).encode()
        told = {**self.person, "iss": self.issuer, "aud": self.wishes.get("aud", CLIENT)}
        return "application/jwt", self.signed(told).encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _by_hmac(claims: dict, key: RSAKey) -> str:
    head = _b64(json.dumps({"alg": "HS256", "kid": key.kid}).encode())
    text = f"{head}.{_b64(json.dumps(claims).encode())}"
    return f"{text}.{_b64(hmac.digest(key.as_pem(private=False), text.encode(), 'sha256'))}"


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address, provider = urlsplit(self.path), self.provider
        if address.path == "/.well-known/openid-configuration":
            return self.answer_json(200, provider.description())
        if address.path == "/keys":
            provider.fetched += 1
            keys = [provider.key.as_dict(private=False), {"kty": "new", "kid": "of tomorrow"}]
            return self.answer_json(200, {"keys": keys})
        if address.path == "/authorize":
            there = provider.authorize(dict(parse_qsl(address.query, strict_parsing=True)))
            self.send_response(302)
            self.send_header("Location", there)
            return self.end_headers()
        if address.path == "/userinfo" and self.headers["Authorization"] == "Bearer a":
            return self.answer(200, *provider.userinfo())
        if address.path == "/asked":
            return self.answer_json(200, {**provider.asked, "fetched": provider.fetched})
        return self.answer_json(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        provider = self.provider
        if self.path == "/control":
            wishes = json.loads(body)
            provider.person |= wishes.pop("person", {})
            if wishes.pop("rotate", False):
                provider.number += 1
                provider.key = provider.new_key()
            provider.wishes |= wishes
            return self.answer_json(200, {})
        form = {name: values[0] for name, values in parse_qs(body).items()}
        return self.answer_json(*provider.token(form, self.headers["Authorization"] or ""))

    def answer_json(self, status: int, body: dict) -> None:
        self.answer(status, "application/json", json.dumps(body).encode())

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Keep the tests' output clean."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    sys.stdout.write(Handler.provider.issuer + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
