"""The provider through which staff sign on: from the environment, never from a settings page.

Whoever names the issuer decides who is whom; an administrator of the portal must not.
"""

import os
from urllib.parse import urlsplit

# Exactly as the provider writes it in its tokens. Empty: nobody signs on through a provider.
PALIER_SIGNON_ISSUER = os.environ.get("PALIER_SIGNON_ISSUER", "").strip()
PALIER_SIGNON_CLIENT = os.environ.get("PALIER_SIGNON_CLIENT", "").strip()
PALIER_SIGNON_SECRET = os.environ.get("PALIER_SIGNON_SECRET", "").strip()
# "proconnect", or nothing for any other provider (portal/signon/provider.py).
PALIER_SIGNON_PRESET = os.environ.get("PALIER_SIGNON_PRESET", "").strip()
# How people call it: "Log in with …".
PALIER_SIGNON_NAME = os.environ.get("PALIER_SIGNON_NAME", "").strip()
# Levels (acr) at which the provider has asked two factors; they are also asked for.
PALIER_SIGNON_ACR = os.environ.get("PALIER_SIGNON_ACR", "").split()
# Hosts of its endpoints that are not the issuer's, and whether they are in the landlord's network.
PALIER_SIGNON_HOSTS = os.environ.get("PALIER_SIGNON_HOSTS", "").split()
PALIER_SIGNON_PRIVATE = os.environ.get("PALIER_SIGNON_PRIVATE", "") == "1"
# Staff sign in there and nowhere else, except these accounts for the day it is out of order.
PALIER_SIGNON_ONLY = os.environ.get("PALIER_SIGNON_ONLY", "") == "1"
PALIER_SIGNON_EMERGENCY = os.environ.get("PALIER_SIGNON_EMERGENCY", "").lower().split()

SIGNON_HOSTS = [urlsplit(PALIER_SIGNON_ISSUER).netloc, *PALIER_SIGNON_HOSTS]
SIGNON_HOSTS = [host for host in SIGNON_HOSTS if host]
