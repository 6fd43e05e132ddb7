"""How people sign in: by e-mail or phone, with a code or a password (allauth's adapter).

An account is for tenants; staff accounts are made by an administrator.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import RequestLoginCodeForm as BaseRequestLoginCodeForm
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from portal import not_me, sms, throttle
from portal.clock import now
from portal.models import User
from portal.phones import national_format, takes_sms, to_e164
from portal.sessions import SIGNED_AT


class PhoneField(forms.CharField):
    """A phone number as people write it; cleaned to E.164."""

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault("label", gettext_lazy("Mobile phone"))
        kwargs.setdefault("max_length", 30)
        attributes = {"type": "tel", "autocomplete": "tel"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **kwargs)

    def clean(self, value) -> str:
        value = super().clean(value)
        if not value:
            return ""
        number = to_e164(value)
        if not number:
            raise forms.ValidationError(gettext("Write a phone number, like 06 12 34 56 78."))
        if not takes_sms(number):
            raise forms.ValidationError(gettext("We cannot send text messages to this number."))
        return number


class LoginForm(BaseLoginForm):
    """allauth's form, with a label that says what to type."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if settings.PALIER_SMS:
            self.fields["login"].label = gettext("E-mail or mobile phone")


class RequestLoginCodeForm(BaseRequestLoginCodeForm):
    """allauth's form, which fails where neither of its two fields was filled."""

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not data.get("email") and not data.get("phone"):
            raise forms.ValidationError(gettext("Write your e-mail address or your phone number."))
        return data


class AccountAdapter(DefaultAccountAdapter):
    """Answers to allauth about our accounts: phones, and the address that a request comes from."""

    def get_client_ip(self, request) -> str:
        return throttle.client(request).partition("/")[0]

    def phone_form_field(self, **kwargs) -> PhoneField:
        return PhoneField(**kwargs)

    def get_phone(self, user) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user, phone: str, verified: bool) -> None:
        """Keep a number; only a verified one is the account's alone (a database constraint)."""
        before = user.phone if user.phone_verified else ""
        user.phone, user.phone_verified = phone or "", bool(phone) and verified
        user.save(update_fields=["phone", "phone_verified"])
        # Not at sign-up, where nobody has signed in yet.
        if self.request and user.last_login and verified and before != user.phone:
            self.tell_of_new_phone(user, before)

    def tell_of_new_phone(self, user, before: str) -> None:
        """Tell the account's address and its former number that codes now go elsewhere."""
        shown = {"phone": national_format(user.phone)}
        self.send_notification_mail("account/email/phone_changed", user, shown)
        if before and sms.may_text(before, known=True, now=now()):
            text = gettext("Palier: the phone number of your account was changed. Not you? %(url)s")
            link = settings.PALIER_URL + not_me.address(user, user.email)
            sms.send(before, text % {"url": link})

    def set_phone_verified(self, user, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the account that verified the number; an unverified number identifies nobody."""
        number = to_e164(phone)
        if not number:
            return None
        return User.objects.filter(phone=number, phone_verified=True, is_active=True).first()

    def send_verification_code_sms(self, user, phone: str, code: str, **kwargs) -> None:
        if not sms.may_text(phone, known=user.phone_verified and user.phone == phone, now=now()):
            return
        text = gettext("Palier: your code is %(code)s. We never ask for it by phone.")
        sms.send(phone, text % {"code": code})

    def login(self, request, user) -> None:
        """Note in the session when its person proved who they are."""
        super().login(request, user)
        request.session[SIGNED_AT] = now().timestamp()

    def confirm_email(self, request, email_address) -> bool:
        """Confirm an address that was added, and tell the account's own one."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            not_me.tell_of_another_address(email_address)
        return confirmed

    def get_reauthentication_methods(self, user) -> list[dict]:
        """Offer a code beside the password; alone where there is neither password nor factor."""
        found = super().get_reauthentication_methods(user)
        if user.is_authenticated and not any(m["id"].startswith("mfa") for m in found):
            url = reverse("confirm_code")
            found.append({"id": "code", "description": gettext("Receive a code"), "url": url})
        return found

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """Add the link that gives the account back to whoever is told of the change."""
        to = email or EmailAddress.objects.get_primary_email(user) or user.email
        link = settings.PALIER_URL + not_me.address(user, to)
        super().send_notification_mail(
            template_prefix, user, {**(context or {}), "not_me": link}, email
        )

    def send_unknown_account_sms(self, phone: str, **kwargs) -> None:
        """Send nothing to a number that nobody registered: a text costs, and could be abused."""
