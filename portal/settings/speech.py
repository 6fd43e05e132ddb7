"""A speech model in the landlord's own network, which writes down voice messages."""

import os
from urllib.parse import urlsplit

# Its address without "/v1/…"; empty: voice messages are listened to, and not written down.
PALIER_TRANSCRIBER_URL = os.environ.get("PALIER_TRANSCRIBER_URL", "").strip().rstrip("/")
PALIER_TRANSCRIBER_MODEL = os.environ.get("PALIER_TRANSCRIBER_MODEL", "whisper-1")

_found = urlsplit(PALIER_TRANSCRIBER_URL)
_port = _found.port or (80 if _found.scheme == "http" else 443)
SPEECH_HOSTS = [f"{_found.hostname}:{_port}"] if _found.hostname else []
# It stands beside the portal: the only host that may be asked without TLS.
PALIER_HTTP_PLAIN_HOSTS = SPEECH_HOSTS if _found.scheme == "http" else []
