"""Roles at the door of each audience: 302 for strangers, 403 without the right."""

import pytest

from tests.factories import member


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (None, "/agency/", 302),
        (None, "/head-office/", 302),
        ("agent", "/agency/", 200),
        ("agent", "/head-office/", 403),
        ("head_office", "/head-office/", 200),
        ("caretaker", "/agency/", 403),
        ("tenant_representative", "/agency/", 403),
        ("dpo", "/agency/", 403),
    ],
)
def test_url_by_role(client, landlord, role, path, status):
    if role:
        client.force_login(member(landlord["north"], role).user)
    assert client.get(path).status_code == status
