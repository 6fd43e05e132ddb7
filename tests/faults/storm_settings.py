"""Settings of the processes in the storm: daytime, so that texts leave, and no limit on clients."""

import os
from datetime import timedelta

from django.utils import timezone

import portal.clock
from portal.settings.dev import *  # noqa: F403
from portal.settings.dev import REST_FRAMEWORK

AHEAD = timedelta(seconds=float(os.environ["PALIER_TEST_AHEAD"]))
PALIER_LIMITS = {"*": (10**9, 3600)}
PALIER_HOOK_KEY = os.environ["PALIER_HOOK_KEY"]
PALIER_SMS_TO_STRANGERS = 10**9
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}


def daytime():
    """The instant these processes believe it is."""
    return timezone.now() + AHEAD


# Before any module takes the function by its name.
portal.clock.now = daytime
