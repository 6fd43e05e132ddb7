"""What pages may load and use, as data: content security and permissions policies."""

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC

# Scripts run by nonce only, so that a file uploaded to our own address never runs.
POLICY = {
    "default-src": [NONE],
    "script-src": [NONCE, STRICT_DYNAMIC],
    "style-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
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

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
