"""Settings of workers that tell a receiver on this machine, over plain HTTP."""

from portal.settings.dev import *  # noqa: F403

PALIER_HTTP_HOSTS, PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
