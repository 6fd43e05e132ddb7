"""What pages may load and use, as data: content security and permissions policies."""

from wsgiref.headers import Headers

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC

# Scripts run by nonce only, so that a file uploaded to our own address never runs.
POLICY = {
    "default-src": [NONE],
    "object-src": [NONE],
    "script-src": [NONCE, STRICT_DYNAMIC],
    "style-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "media-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "worker-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

# The admin site's templates are Django's: external files without nonces, nothing inline.
ADMIN_POLICY = {**POLICY, "script-src": [SELF]}

# What is no page of ours loads nothing and stands in nobody's frame.
SEALED = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


def seal_static(headers: Headers, path: str, url: str) -> None:
    """Set the policy of a static file, which WhiteNoise serves outside our middleware."""
    headers["Content-Security-Policy"] = SEALED
