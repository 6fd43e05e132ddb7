"""`/.well-known/security.txt`: what RFC 9116 asks for, and nothing without a contact."""

from datetime import datetime, timedelta

import pytest

from portal.checks import security_contacts_are_addresses
from portal.clock import now

PATH = "/.well-known/security.txt"


def fields(answer) -> dict[str, list[str]]:
    """The values of each field, in their order."""
    found: dict[str, list[str]] = {}
    for line in answer.content.decode().splitlines():
        name, _, value = line.partition(": ")
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.django_db
def test_it_says_where_to_write(client, settings):
    settings.PALIER_SECURITY_CONTACT = ["https://palier.example/report", "mailto:a@palier.example"]
    settings.PALIER_SECURITY_POLICY = "https://palier.example/security"
    settings.PALIER_URL = "https://portal.example"
    answer = client.get(PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    said = fields(answer)
    assert said.pop("Contact") == settings.PALIER_SECURITY_CONTACT, "the preferred one first"
    (expires,) = said.pop("Expires")
    left = datetime.fromisoformat(expires) - now()
    assert timedelta(days=90) < left < timedelta(days=365)
    assert said == {
        "Preferred-Languages": ["fr, en"],
        "Canonical": [f"https://portal.example{PATH}"],
        "Policy": ["https://palier.example/security"],
    }


@pytest.mark.django_db
def test_no_policy_no_line(client, settings):
    settings.PALIER_SECURITY_CONTACT, settings.PALIER_SECURITY_POLICY = ["tel:+33240000000"], ""
    assert "Policy" not in fields(client.get(PATH))


@pytest.mark.django_db
def test_without_a_contact_there_is_no_file(client, settings):
    settings.PALIER_SECURITY_CONTACT = []
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("contacts", "policy", "wrong"),
    [
        ([], "", []),
        (["mailto:a@palier.example", "https://palier.example/"], "https://palier.example/p", []),
        (["a@palier.example"], "", ["portal.E005"]),
        (["http://palier.example/"], "", ["portal.E005"]),
        (["mailto:a@palier.example"], "our page", ["portal.E006"]),
        (["mailto:a@palier.example"], "https://palier.example/p\nContact:", ["portal.E006"]),
    ],
)
def test_a_contact_is_an_address(settings, contacts, policy, wrong):
    settings.PALIER_SECURITY_CONTACT, settings.PALIER_SECURITY_POLICY = contacts, policy
    assert [error.id for error in security_contacts_are_addresses(None)] == wrong
