"""Send a code to somebody and take it once: it waits, as a digest, in the browser's session."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import sms, throttle
from portal.clock import now
from portal.models import User

HOUR = timedelta(hours=1)
AN_HOUR, TRIES = 5, 5
LASTS = 600  # seconds


class CodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "input--short"}),
    )

    def __init__(self, *args, request: HttpRequest, who: str, purpose: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.who, self.purpose = request, who, purpose

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().upper()
        if not is_right(self.request, self.who, code, purpose=self.purpose):
            raise forms.ValidationError(_("This code is wrong, or too old."))
        return code


def send(request: HttpRequest, user: User, *, purpose: str, by_text: bool = True) -> bool:
    """Send a code for ``purpose``; False when too many were sent within the hour.

    To the account's verified phone (unless ``by_text`` is False), else to its e-mail address.
    """
    phone = user.phone if by_text and user.phone_verified else ""
    # An address made up for people who sign in by phone receives nothing.
    return send_to(request, str(user.pk), purpose=purpose, phone=phone, email=user.email)


def send_to(
    request: HttpRequest, who: str, *, purpose: str, phone: str = "", email: str = ""
) -> bool:
    """Send a code to a known number or, where it gets no texts, to an address; see ``send``.

    ``who`` is whom the code is for: a key under which tries are counted, good for that one only.
    """
    if not throttle.hit(purpose, who, AN_HOUR, HOUR, now()):
        return False
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    words = {"name": import_string(settings.PALIER_LANDLORD)().name, "code": code}
    text = _("%(name)s: your code is %(code)s. We never ask for it by phone.") % words
    if phone and sms.may_text(phone, known=True, now=now()):
        sms.send(phone, text)
        keep(request, who, code, purpose=purpose, to=f"…{phone[-4:]}")
    elif email:
        send_mail(_("Your code"), text, adapter.get_from_email(), [email])
        keep(request, who, code, purpose=purpose, to=email)
    else:
        return False
    return True


def keep(request: HttpRequest, who: str, code: str, *, purpose: str, to: str) -> None:
    """Let a code wait in the session for whoever types it."""
    request.session[_key(purpose)] = {
        "digest": _digest(who, purpose, code),
        "until": now().timestamp() + LASTS,
        "tries": 0,
        "to": to,
    }


def sent_to(request: HttpRequest, purpose: str) -> str:
    """Return where the code that waits was sent; "" when none waits."""
    waiting = request.session.get(_key(purpose))
    return waiting["to"] if waiting else ""


def is_right(request: HttpRequest, who: str, code: str, *, purpose: str) -> bool:
    """Compare a code, and count the try."""
    waiting = request.session.get(_key(purpose))
    if not waiting or waiting["tries"] >= TRIES or now().timestamp() > waiting["until"]:
        return False
    waiting["tries"] += 1
    request.session[_key(purpose)] = waiting
    return constant_time_compare(waiting["digest"], _digest(who, purpose, code))


def forget(request: HttpRequest, purpose: str) -> None:
    """End the code that was used."""
    request.session.pop(_key(purpose), None)


def _key(purpose: str) -> str:
    return f"{purpose}_code"


def _digest(who: str, purpose: str, code: str) -> str:
    return salted_hmac(f"portal.codes.{purpose}", f"{who}:{code}", algorithm="sha256").hexdigest()
