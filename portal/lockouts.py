"""Limit tries of passwords and requests of codes, so that no stranger can shut somebody out.

Tries are counted per account and place: the browser where the account signed in before, else the
client address. What a stranger uses up is theirs alone. Wrong passwords from everywhere together
shut nothing either: past their limit, the right one needs a code as well.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.http import HttpRequest

from portal import devices, throttle
from portal.clock import now
from portal.models import User
from portal.phones import to_e164

PASSWORDS, PASSWORDS_WINDOW = 5, timedelta(minutes=5)
# Of all accounts together from one address, in browsers that none of them knows.
ADDRESS, ADDRESS_WINDOW = 10, timedelta(minutes=1)
# Of one account from everywhere, in browsers that it does not know.
EVERYWHERE, EVERYWHERE_WINDOW = 50, timedelta(hours=1)
MAILS, MAILS_OF_ADDRESS, MAILS_WINDOW = 3, 20, timedelta(minutes=1)


@dataclass(frozen=True)
class Account:
    """Who is being signed in, by what was typed: known or not, they are counted in the same way.

    Counted together, two names of one account would tell that they are one person's.
    """

    typed: str
    user: User | None

    @property
    def key(self) -> str:
        """Return the account itself, for counts that no answer shows."""
        return str(self.user.pk) if self.user else self.typed

    def place(self, request: HttpRequest) -> str:
        """Return where the account's tries of this request are counted."""
        number = devices.number_for(request, self.user)
        return f"device:{number}" if number else throttle.client(request)

    def is_at_home(self, request: HttpRequest) -> bool:
        """Return whether the account signed in in this browser before."""
        return bool(devices.number_for(request, self.user))


def account(email: str | None = "", phone: str | None = "") -> Account:
    """Return the account that somebody typed, by either of its names."""
    if email:
        found = filter_users_by_email(email, is_active=True, prefer_verified=True)
        user, typed = (found[0] if found else None), email.strip().lower()
    else:
        typed = to_e164(phone or "") or (phone or "")
        user = get_adapter().get_user_by_phone(typed)
    return Account(typed, user)


def names(user: User) -> list[Account]:
    """Return the account under each name that can be typed."""
    mails = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    typed = {user.email.lower(), *(mail.lower() for mail in mails), user.phone} - {""}
    return [Account(name, user) for name in typed]


def may_guess(request: HttpRequest, of: Account) -> bool:
    """Count a try of a password; False when it must not even be compared."""
    if not of.is_at_home(request):
        who = throttle.client(request)
        if throttle.is_spent("password:address", who, ADDRESS, ADDRESS_WINDOW, now()):
            return False
    return throttle.hit("password", _key(request, of), PASSWORDS, PASSWORDS_WINDOW, now())


def note_wrong(request: HttpRequest, of: Account) -> None:
    """Count a wrong password against its address, and against the account from everywhere."""
    if of.is_at_home(request):
        return
    who = throttle.client(request)
    throttle.hit("password:address", who, ADDRESS, ADDRESS_WINDOW, now())
    throttle.hit("password:everywhere", of.key, EVERYWHERE, EVERYWHERE_WINDOW, now())


def forgive(request: HttpRequest, of: Account) -> None:
    """Forget the tries from here: the person has shown who they are."""
    throttle.forgive("password", _key(request, of))


def needs_code(request: HttpRequest, user: User) -> bool:
    """Return whether so many guess the account's password that it alone proves nothing."""
    of = Account("", user)
    return not of.is_at_home(request) and throttle.is_spent(
        "password:everywhere", of.key, EVERYWHERE, EVERYWHERE_WINDOW, now()
    )


def may_mail(request: HttpRequest, scope: str, of: Account) -> bool:
    """Count a request of a code, or of a new password; what was sent before stays good."""
    if not of.is_at_home(request):
        who = throttle.client(request)
        if not throttle.hit(f"{scope}:address", who, MAILS_OF_ADDRESS, MAILS_WINDOW, now()):
            return False
    return throttle.hit(scope, _key(request, of), MAILS, MAILS_WINDOW, now())


def _key(request: HttpRequest, of: Account) -> str:
    return f"{of.typed} {of.place(request)}"
