"""allauth's forms of passkeys, which break on what no browser sends (``MFA_FORMS``)."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)


@contextmanager
def readable() -> Iterator[None]:
    """Take a credential that cannot be read for a wrong one. Raises ValidationError."""
    try:
        yield
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AddForm(forms.AddWebAuthnForm):
    def clean(self) -> dict:
        with readable():
            return super().clean()


class LoginForm(forms.LoginWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()


class AuthenticateForm(forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()


class ReauthenticateForm(forms.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()
