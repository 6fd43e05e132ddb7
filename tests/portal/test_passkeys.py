"""What the server believes of a passkey; the ceremony itself is in tests/e2e/test_passkeys.py."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.factories import member, tenant

NO_CREDENTIALS = [
    *("", "{", "null", "[]", '"x"', "1", "{}", '{"response": []}', '{"response": null}'),
    '{"id": "a", "rawId": "b", "type": "public-key", "response": {}}',
    '{"id": 1, "rawId": [], "response": {"userHandle": {}}, "type": "public-key"}',
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "userHandle": "AAAA",
                "attestationObject": "AAAA",
            },
        }
    ),
]


@pytest.mark.parametrize("sent", NO_CREDENTIALS)
def test_what_is_no_credential_opens_nothing_and_breaks_nothing(client, landlord, sent):
    headers = {"Accept": "application/json"}
    options = client.get("/accounts/2fa/webauthn/login/", headers=headers).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": sent})
    assert answer.status_code in (302, 400, 422)
    assert not client.get("/accessibility/").context["user"].is_authenticated
    client.force_login(member(landlord["north"], "agent").user)
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200
    sent = {"credential": sent, "name": "x", "passwordless": "on"}
    assert client.post("/accounts/2fa/webauthn/add/", sent).status_code in (400, 422)
    assert not Authenticator.objects.exists()


def test_tenants_may_add_one_too(client, landlord):
    client.force_login(tenant(landlord["dwelling"], email="awa@example.test").user)
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_staff_keep_one_factor_of_any_kind(client, landlord, settings):
    settings.PALIER_STAFF_MFA = True
    user = member(landlord["north"], "agent").user
    TOTP.activate(user, generate_totp_secret())
    client.force_login(user)
    assert client.post("/accounts/2fa/totp/deactivate/").url == "/accounts/2fa/"
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "x"})
    assert client.post("/accounts/2fa/totp/deactivate/").url != "/accounts/2fa/"
    Authenticator.objects.filter(type="totp").delete()
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").url == "/accounts/2fa/"


def test_a_passkey_is_its_own_accounts(client, landlord):
    owner, other = (member(landlord[unit], "agent").user for unit in ("north", "south"))
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "x"})
    client.force_login(other)
    for page in ("edit", "remove"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{page}/").status_code == 404
        assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{page}/").status_code == 404
