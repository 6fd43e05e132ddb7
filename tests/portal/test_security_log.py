"""What happens to an account is logged, without an address."""

import logging

import pytest
from django.urls import reverse

from portal.models import User

ADDRESS, PASSWORD = "awa@example.test", "un mot de passe très long"


@pytest.fixture
def person(db) -> User:
    made = User.objects.create_user(ADDRESS, password=PASSWORD)
    made.emailaddress_set.create(email=ADDRESS, verified=True, primary=True)
    return made


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, "portal.security_log")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "portal.security_log"]


def log_in(client, password: str) -> None:
    client.post(reverse("account_login"), {"login": ADDRESS, "password": password})


def test_logins_and_refusals(client, person, said):
    log_in(client, "un autre mot")
    assert said() == ["a login was refused"]
    log_in(client, PASSWORD)
    client.post(reverse("account_logout"))
    assert said()[1:] == [f"account {person.pk}: logged in", f"account {person.pk}: logged out"]
    assert ADDRESS not in "".join(said())


def test_a_changed_password(client, person, said):
    log_in(client, PASSWORD)
    new = "encore un mot de passe long"
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert f"account {person.pk}: password changed" in said()
