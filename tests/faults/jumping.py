"""Settings of workers whose clock jumps: it is ahead by the seconds that a file holds."""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

import portal.clock
from portal.settings.dev import *  # noqa: F403
from portal.settings.dev import CELERY_BEAT_SCHEDULE

CELERY_BEAT_SCHEDULE["escalate"]["schedule"] = 1.0  # the default would only make the test wait
AHEAD = Path(os.environ["PALIER_TEST_AHEAD"])


def jumped():
    """The instant these workers believe it is."""
    return timezone.now() + timedelta(seconds=float(AHEAD.read_text() or 0))


# Before any module takes the function by its name.
portal.clock.now = jumped
