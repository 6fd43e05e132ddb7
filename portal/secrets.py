"""Secrets that a setting names: kept in the environment, read here and nowhere else by name.

A setting holds only the name. Free text would name any variable of the process, ``SECRET_KEY``
too, and whoever may write the setting could have its value sent to a server of theirs.
"""

import os
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Not only PALIER_MAIL_: PALIER_MAIL_HOST is no secret.
PREFIX = "PALIER_MAIL_SECRET_"
NAME = re.compile(rf"{PREFIX}[A-Z0-9_]{{1,40}}")


def check_name(name: str) -> None:
    """Validate the name that a setting gives. Raises ValidationError."""
    if not NAME.fullmatch(name):
        raise ValidationError(
            _("Name a variable that begins with %(prefix)s, in capitals, digits and underscores."),
            code="secret_name",
            params={"prefix": PREFIX},
        )


def secret(name: str) -> str:
    """Return the secret of that name; "" when it is not set, or when no setting may name it."""
    return os.environ.get(name, "") if NAME.fullmatch(name or "") else ""
