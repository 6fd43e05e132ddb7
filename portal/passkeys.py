"""allauth's forms of passkeys, which break on what no browser sends (``MFA_FORMS``)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from django.forms import HiddenInput, JSONField
from django.forms.fields import InvalidJSONInput

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)


@contextmanager
def readable() -> Iterator[None]:
    """Take a credential that cannot be read for a wrong one. Raises ValidationError."""
    try:
        yield
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class CredentialField(JSONField):
    """JSON that cannot be read, for its digits or its depth, is a wrong credential like another."""

    def __init__(self) -> None:
        super().__init__(required=True, widget=HiddenInput)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise get_adapter().validation_error("incorrect_code") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)


class AddForm(forms.AddWebAuthnForm):
    credential = CredentialField()

    def clean(self) -> dict:
        with readable():
            return super().clean()


class LoginForm(forms.LoginWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()


class AuthenticateForm(forms.AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()


class ReauthenticateForm(forms.ReauthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        with readable():
            return super().clean_credential()


def number_of(user: Any) -> int:
    """Return how many passkeys an account has."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()
