"""Headers, cookies, nonces and limits: what a browser is told, and what guessing meets."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from portal.checks import sign_on_is_whole
from portal.models import User
from portal.settings.base import mail_relay_from_url
from tests.factories import member

pytestmark = pytest.mark.long

TEMPLATES = sorted((Path(django_settings.BASE_DIR) / "templates").rglob("*.html"))


def test_scripts_run_by_nonce_only(client, landlord):
    client.force_login(member(landlord["north"], "agent").user)
    first, second = client.get("/agency/"), client.get("/agency/")
    policy = first["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic'", policy)[1]
    scripts = re.findall(r"<script[^>]*>", first.content.decode())
    assert scripts
    assert all(f'nonce="{nonce}"' in tag for tag in scripts)
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert nonce not in second["Content-Security-Policy"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(p.parents[2])))
def test_no_template_needs_an_unsafe_policy(path):
    text = path.read_text()
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert 'nonce="{{ request.csp_nonce }}"' in tag
        assert "src=" in tag or "application/json" in tag
    # Printed by us, or a file in an archive: the portal never sends it to a browser as a page.
    if not path.name.endswith(("_pdf.html", "_file.html")):
        assert not re.search(r"<[^>]+\sstyle=|<style\b|\son[a-z]+=[\"']", text)


def test_the_settings_have_their_own_policy(client, db):
    client.force_login(User.objects.create_superuser("admin@example.test"))
    answer = client.get("/settings/")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_every_answer_carries_the_safety_headers(client, db):
    answer = client.get("/talk/")
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    assert client.get("/nowhere/")["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/talk/", "/nowhere/", "/healthz", "/static/js/palier.js"])
def test_no_answer_is_framed_or_loads_a_plug_in(client, db, path):
    answer = client.get(path)
    for directive in ("object-src", "base-uri", "frame-ancestors"):
        assert f"{directive} 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_every_text_says_how_it_is_written(client, db):
    assert client.get("/healthz")["Content-Type"] == "text/plain; charset=utf-8"
    silent = [
        (path.name, answer)
        for room in ("portal", "agencies", "tenants", "requests")
        for path in (Path(django_settings.BASE_DIR) / room).rglob("*.py")
        for answer in re.findall(r'content_type="text/[^"]*"', path.read_text())
        if "charset=utf-8" not in answer
    ]
    assert silent == []


def test_no_cookie_travels_from_another_site_or_is_read_by_a_script(client, db):
    user = User.objects.create_user("awa@example.test", "un mot de passe long")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.get("/accounts/login/")
    client.post("/i18n/setlang/", {"language": "en"})
    client.post("/accounts/login/", {"login": user.email, "password": "un mot de passe long"})
    names = {"sessionid", "csrftoken", "django_language", "device"}
    assert set(client.cookies) == names
    for name in names:
        assert client.cookies[name]["samesite"] == "Lax", name
        assert client.cookies[name]["httponly"], name


def test_personal_pages_are_never_stored(client, landlord):
    assert "no-store" not in client.get("/accessibility/").get("Cache-Control", "")
    assert "no-store" in client.get("/s/a-wrong-token/")["Cache-Control"]
    client.post("/file/fault/water/", {"category": "PLO-03"})
    assert "no-store" in client.get("/file/where/")["Cache-Control"], "a draft is personal"
    client.force_login(member(landlord["north"], "agent").user)
    assert "no-store" in client.get("/accessibility/")["Cache-Control"]


def test_failed_sign_ins_are_counted_in_the_database(client, db):
    data = {"login": "awa@example.test", "password": "wrong wrong wrong"}
    pages = [client.post("/accounts/login/", data).content.decode() for _ in range(7)]
    errors = [re.search(r"<ul>\s*<li>(.*?)</li>", page, re.S)[1] for page in pages]
    assert errors[0] == errors[3] != errors[-1]
    assert django_settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")


def test_the_settings_have_no_sign_in_page_of_their_own(client, db):
    answer = client.get("/settings/login/?next=/settings/")
    assert answer.url == "/accounts/login/?next=%2Fsettings%2F"


PRODUCTION = """
import django; django.setup()
from django.conf import settings as s
assert s.SESSION_COOKIE_NAME.startswith("__Host-") and s.CSRF_COOKIE_NAME.startswith("__Host-")
assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SESSION_COOKIE_HTTPONLY
assert s.LANGUAGE_COOKIE_NAME.startswith("__Host-") and s.LANGUAGE_COOKIE_SECURE
assert s.PALIER_DEVICE_COOKIE.startswith("__Host-") and s.CSRF_COOKIE_HTTPONLY
assert s.SESSION_COOKIE_PATH == "/" and not s.SESSION_COOKIE_DOMAIN
assert s.SECURE_HSTS_SECONDS >= 31536000 and s.SECURE_SSL_REDIRECT
assert s.SECURE_REDIRECT_EXEMPT == s.PALIER_MACHINES
assert s.PALIER_STAFF_MFA and s.PALIER_PROXIES == 1
assert "phone" not in s.ACCOUNT_LOGIN_METHODS
from django.core.management import call_command
from django.urls import Resolver404, resolve
call_command("check", deploy=True, fail_level="WARNING")
assert resolve("/agency/")
try:
    resolve("/demo/doors/")
except Resolver404:
    pass
else:
    raise SystemExit("the pages of the demonstration are there")
"""


STRONG = "f1d2c3b4a5968778695a4b3c2d1e0f1029384756"


FOUND_THEN_SERVED = """
import django
django.setup()
from portal.checks import production_is_strict
print(len(production_is_strict(None)))
import portal.wsgi
"""


def production(code: str, **more: str) -> subprocess.CompletedProcess:
    """Run ``code`` under production's settings."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PALIER_")},
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": STRONG,
        "ALLOWED_HOSTS": "palier.example",
        "DATABASE_URL": "postgres://x@127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1/0",
        **more,
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_production_is_strict_by_default():
    """Also for `check --deploy`, which asks for a longer key; and it has no pages for trying."""
    ran = production(PRODUCTION, SECRET_KEY=STRONG * 2)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"SECRET_KEY": "a"}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is too weak"),
        ({"ALLOWED_HOSTS": "palier.example,*"}, "accepts any host"),
        ({"PALIER_STAFF_MFA": "0"}, "without a second factor"),
        ({"PALIER_STAFF_MFA": "0", "PALIER_WITHOUT_STAFF_MFA": "accepted"}, ""),
        ({}, ""),
    ],
)
def test_a_weak_production_does_not_start(wrong, said):
    served = production(FOUND_THEN_SERVED, **wrong)
    assert (served.returncode != 0, said in served.stderr) == (bool(said), True)
    assert (served.stdout.strip() != "0") is bool(said)


@pytest.mark.parametrize("signal", ["worker_init", "beat_init"])
def test_neither_a_worker_nor_a_beat_runs_under_weak_settings(signal):
    code = f"import portal.celery; from celery.signals import {signal} as s; s.send(sender=None)"
    refused = production(code, SECRET_KEY="a")
    assert refused.returncode == 1
    assert "SECRET_KEY is too weak" in refused.stderr
    assert production(code).returncode == 0


@pytest.mark.parametrize(
    ("signon", "said"),
    [
        ({"ISSUER": "http://idp.example"}, "no https:// address"),
        ({"ISSUER": "https://idp.example", "SECRET": ""}, "PALIER_SIGNON_SECRET is missing"),
        ({"ISSUER": "", "ONLY": True}, "without PALIER_SIGNON_ISSUER"),
        ({"ONLY": True, "EMERGENCY": []}, "without PALIER_SIGNON_EMERGENCY"),
        ({"PRESET": "another"}, "not known"),
        ({"ONLY": True}, ""),
    ],
)
def test_a_half_configured_sign_on_does_not_start(signon, said, settings):
    whole = {
        **{"ISSUER": "https://idp.example", "CLIENT": "palier", "SECRET": "s", "PRESET": ""},
        **{"ONLY": False, "EMERGENCY": ["a@palier.example"]},
    }
    settings.PALIER_HTTP_PRIVATE = False
    for name, value in (whole | signon).items():
        setattr(settings, f"PALIER_SIGNON_{name}", value)
    found = [error.msg for error in sign_on_is_whole(None)]
    assert (len(found), said in " ".join(found)) == (1 if said else 0, True)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("relay:2525", ("relay", 2525, "", "", False, False)),
        ("relay", ("relay", 25, "", "", False, False)),
        ("smtp+tls://me:p%40ss@relay:587", ("relay", 587, "me", "p@ss", True, False)),
        ("smtp+ssl://me:x@relay:465", ("relay", 465, "me", "x", False, True)),
    ],
)
def test_the_mail_relay_is_one_address(text, want):
    found = mail_relay_from_url(text)
    assert want == (
        found["EMAIL_HOST"],
        found["EMAIL_PORT"],
        found["EMAIL_HOST_USER"],
        found["EMAIL_HOST_PASSWORD"],
        found.get("EMAIL_USE_TLS", False),
        found.get("EMAIL_USE_SSL", False),
    )


@pytest.mark.parametrize("text", ["", "relay:smtp", "http://relay", "smtp+tls://"])
def test_a_wrong_mail_relay_says_how_it_is_written(text):
    with pytest.raises(ImproperlyConfigured, match="host:port"):
        mail_relay_from_url(text)
