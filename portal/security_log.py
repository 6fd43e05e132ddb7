"""Log what happens to accounts: who logged in or out and how, refusals, changed ways in.

Accounts are named by their number, never by an address; who tried in vain is not named at all.
``PortalConfig.ready`` imports this module, which connects the receivers.
"""

import logging
from typing import Any

from allauth.account.signals import (
    email_changed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from portal.models import User

log = logging.getLogger(__name__)
CHANGES = {
    password_changed: "password changed",
    password_reset: "password reset",
    password_set: "password set",
    email_changed: "e-mail address changed",
    authenticator_added: "second factor or passkey added",
    authenticator_removed: "second factor or passkey removed",
    authenticator_reset: "recovery codes made anew",
}


@receiver(user_logged_in)
def logged_in(user: User, **_more: Any) -> None:
    log.info("account %s: logged in", user.pk)


@receiver(user_logged_out)
def logged_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        log.info("account %s: logged out", user.pk)


@receiver(user_login_failed)
def refused(**_more: Any) -> None:
    log.warning("a login was refused")


def changed(signal: Any, user: User, **_more: Any) -> None:
    log.info("account %s: %s", user.pk, CHANGES[signal])


for signal in CHANGES:
    signal.connect(changed)
