"""System checks that report a wrong configuration when Django starts."""

import os
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from portal.signon.provider import PRESETS

# Whoever runs production without second factors writes this, and answers for it.
ACCEPTED = "accepted"


@register()
def requests_app_is_ours(app_configs, **kwargs) -> list[Error]:
    """Check that the top-level app `requests` is this repository's, not the PyPI library."""
    path = Path(apps.get_app_config("requests").path)
    if path == settings.BASE_DIR / "requests":
        return []
    return [
        Error(
            f"The app 'requests' was loaded from {path}.",
            hint="Uninstall the PyPI package 'requests' and run through `python -m`.",
            id="portal.E001",
        )
    ]


@register()
def production_is_strict(app_configs, **kwargs) -> list[Error]:
    """Check that production has a real secret, names its hosts, and asks staff for two factors."""
    if settings.DEMO or not settings.SESSION_COOKIE_SECURE:
        return []
    key = settings.SECRET_KEY
    found = []
    if len(key) < 32 or len(set(key)) < 10 or key.startswith(("django-insecure", "development")):
        hint = "Use `openssl rand -hex 32`: links, sessions and codes are signed with it."
        found.append(Error("SECRET_KEY is too weak.", hint=hint, id="portal.E002"))
    if any("*" in host for host in settings.ALLOWED_HOSTS):
        hint = "Name the hosts: links in messages are built for them."
        found.append(Error("ALLOWED_HOSTS accepts any host.", hint=hint, id="portal.E003"))
    if not settings.PALIER_STAFF_MFA and os.environ.get("PALIER_WITHOUT_STAFF_MFA") != ACCEPTED:
        hint = f"Set PALIER_WITHOUT_STAFF_MFA={ACCEPTED} if another door asks for it."
        found.append(Error("Staff sign in without a second factor.", hint=hint, id="portal.E004"))
    return found


@register()
def sign_on_is_whole(app_configs, **kwargs) -> list[Error]:
    """Check that what the environment says of the sign-on provider can work, and shuts nobody out.

    Plain HTTP is for development: whoever reads or changes the answers is anybody's colleague.
    """
    issuer, only = settings.PALIER_SIGNON_ISSUER, settings.PALIER_SIGNON_ONLY
    wrong = {
        "PALIER_SIGNON_PRESET is not known.": settings.PALIER_SIGNON_PRESET not in PRESETS,
        "PALIER_SIGNON_ISSUER is no https:// address.": issuer
        and not issuer.startswith("https://")
        and not settings.PALIER_HTTP_PRIVATE,
        "PALIER_SIGNON_CLIENT or PALIER_SIGNON_SECRET is missing.": issuer
        and not (settings.PALIER_SIGNON_CLIENT and settings.PALIER_SIGNON_SECRET),
        "PALIER_SIGNON_ONLY without PALIER_SIGNON_ISSUER.": only and not issuer,
        "PALIER_SIGNON_ONLY without PALIER_SIGNON_EMERGENCY.": only
        and not settings.PALIER_SIGNON_EMERGENCY,
    }
    hint = "See “Staff log in through their organisation” in docs/operations.md."
    return [Error(text, hint=hint, id="portal.E007") for text, found in wrong.items() if found]


@register()
def replica_is_read_as_the_application(app_configs, **kwargs) -> list[Error]:
    """Check that the replica is asked as the same role: policies do not hold a superuser."""
    primary, replica = (settings.DATABASES.get(name, {}) for name in ("default", "replica"))
    if not replica or replica["USER"] == primary["USER"]:
        return []
    hint = "Roles come with the copy: write user and password of DATABASE_URL."
    said = "DATABASE_REPLICA_URL names another role than DATABASE_URL."
    return [Error(said, hint=hint, id="portal.E008")]


@register()
def security_contacts_are_addresses(app_configs, **kwargs) -> list[Error]:
    """Check that what `/.well-known/security.txt` names are addresses, as RFC 9116 wants them."""
    hint = "Write mailto:…, https://… or tel:…, the preferred one first."
    found = [
        Error(f"PALIER_SECURITY_CONTACT: {contact}", hint=hint, id="portal.E005")
        for contact in settings.PALIER_SECURITY_CONTACT
        if not contact.startswith(("mailto:", "https://", "tel:"))
    ]
    policy = settings.PALIER_SECURITY_POLICY
    if policy and (not policy.startswith("https://") or len(policy.split()) > 1):
        hint = "Write one https://… address."
        found.append(Error(f"PALIER_SECURITY_POLICY: {policy}", hint=hint, id="portal.E006"))
    return found


def refuse_weak_production() -> None:
    """Raise ImproperlyConfigured; for servers, which run no checks when they start."""
    if found := production_is_strict(None) + sign_on_is_whole(None):
        raise ImproperlyConfigured("; ".join(f"{error.msg} {error.hint}" for error in found))
