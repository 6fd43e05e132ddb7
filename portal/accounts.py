"""How people sign in: by e-mail or phone, with a code or a password (allauth's adapter).

An account is for tenants; staff accounts are made by an administrator.
"""

from email.utils import formataddr, parseaddr

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import RequestLoginCodeForm as BaseRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as BaseResetPasswordForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress, Login
from allauth.core import context
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext, gettext_lazy

from portal import devices, lockouts, not_me, sms, throttle
from portal.clock import now
from portal.models import User
from portal.phones import national_format, takes_sms, to_e164
from portal.sessions import SIGNED_AT
from portal.signon import accounts as signon
from portal.signon.errors import SignOnError
from portal.signon.provider import current as signon_provider
from portal.signon.views import ENDED, HINT, failed


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
        if self.errors:
            return data
        if not data.get("email") and not data.get("phone"):
            raise forms.ValidationError(gettext("Write your e-mail address or your phone number."))
        asked = lockouts.account(data.get("email"), data.get("phone"))
        if not lockouts.may_mail(context.request, "code", asked):
            raise get_adapter().validation_error("rate_limited")
        return data


class ResetPasswordForm(BaseResetPasswordForm):
    """allauth's form, with our limit."""

    def clean_email(self) -> str:
        email = super().clean_email()
        if not lockouts.may_mail(context.request, "reset", lockouts.account(email)):
            raise get_adapter().validation_error("rate_limited")
        return email


def landlord_name() -> str:
    """Return the name of the landlord, whose accounts these are."""
    return import_string(settings.PALIER_LANDLORD)().name


class AccountAdapter(DefaultAccountAdapter):
    """Answers to allauth about our accounts: phones, limits, and where a request comes from."""

    def get_client_ip(self, request) -> str:
        return throttle.client(request).partition("/")[0]

    def get_from_email(self) -> str:
        """Return our address under the landlord's name: that is whose account it is."""
        _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return formataddr((landlord_name(), address))

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
            text = gettext("%(name)s: your account has a new phone number. Not you? %(url)s")
            link = settings.PALIER_URL + not_me.address(user, user.email)
            sms.send(before, text % {"name": landlord_name(), "url": link})

    def set_phone_verified(self, user, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the account that verified the number; an unverified number identifies nobody."""
        number = to_e164(phone)
        if not number:
            return None
        return User.objects.filter(phone=number, phone_verified=True, is_active=True).first()

    def send_verification_code_sms(self, user, phone: str, code: str, **kwargs) -> None:
        asked = lockouts.Account(phone, user)
        if not sms.may_text(
            phone,
            known=user.phone_verified and user.phone == phone,
            now=now(),
            asker=asked.place(context.request),
            trusted=asked.is_at_home(context.request),
        ):
            return
        text = gettext("%(name)s: your code is %(code)s. We never ask for it by phone.")
        sms.send(phone, text % {"name": landlord_name(), "code": code})

    def pre_authenticate(self, request, **credentials) -> None:
        """Refuse a password that comes too soon after others of the same account and place."""
        if not lockouts.may_guess(request, self.account_of(credentials)):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request, **credentials) -> User | None:
        user = super().authenticate(request, **credentials)
        if user:
            lockouts.forgive(request, self.account_of(credentials))
        return user

    def authentication_failed(self, request, **credentials) -> None:
        lockouts.note_wrong(request, self.account_of(credentials))

    @staticmethod
    def account_of(credentials: dict) -> lockouts.Account:
        return lockouts.account(credentials.get("email"), credentials.get("phone"))

    def set_password(self, user, password) -> None:
        """Keep a new password, and forget the wrong ones that came before it from here."""
        super().set_password(user, password)
        for name in lockouts.names(user) if self.request else []:
            lockouts.forgive(self.request, name)

    def is_login_by_code_required(self, login: Login) -> bool:
        """Ask for a code beside a password that many are guessing; a second factor does as well."""
        records = get_authentication_records(self.request, login.user)
        if login.user is None or (records and records[-1]["method"] in ("code", signon.METHOD)):
            return False
        return lockouts.needs_code(self.request, login.user) and not is_mfa_enabled(login.user)

    def get_login_stages(self) -> list[str]:
        """Leave our second factor out where the provider has asked two."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "portal.signon.accounts.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def pre_login(self, request, user, **kwargs) -> HttpResponse | None:
        """Refuse staff who must log in through their organisation."""
        try:
            signon.check_other_login(request, user)
        except SignOnError as error:
            return failed(request, error)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request, user, **kwargs) -> HttpResponse:
        """Remember the browser, in which nobody's tries count against the account any more."""
        response = super().post_login(request, user, **kwargs)
        devices.remember(request, response, user)
        return response

    def login(self, request, user) -> None:
        """Note in the session when its person proved who they are."""
        super().login(request, user)
        request.session[SIGNED_AT] = now().timestamp()

    def logout(self, request) -> None:
        """Keep what ends the session at the provider as well, if the person wants that."""
        hint = request.session.get(HINT)
        super().logout(request)
        if hint:
            request.session[ENDED] = hint

    def get_logout_redirect_url(self, request) -> str:
        if request.session.get(HINT) and signon_provider():
            return reverse("signon_ended")
        return super().get_logout_redirect_url(request)

    def confirm_email(self, request, email_address) -> bool:
        """Confirm an address that was added, and tell the account's own one."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            not_me.tell_of_another_address(email_address)
        return confirmed

    def get_reauthentication_methods(self, user) -> list[dict]:
        """Offer a code beside the password; alone where there is neither password nor factor.

        Who logs in through the organisation confirms there first.
        """
        found = super().get_reauthentication_methods(user)
        if user.is_authenticated and signon_provider() and signon.identity_of(user):
            through = gettext("Confirm through your organisation")
            where = {"id": "signon", "description": through, "url": reverse("signon_start")}
            found.insert(0 if settings.PALIER_SIGNON_ONLY else len(found), where)
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
