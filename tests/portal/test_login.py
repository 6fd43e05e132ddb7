"""Signing in by password: the page has its fields and sends staff to their own screen."""

from allauth.account.models import EmailAddress

from tests.factories import member


def test_staff_sign_in_and_land_on_their_inbox(client, landlord):
    user = member(landlord["north"], "agent").user
    user.set_password("un mot de passe long")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    data = {"login": user.email, "password": "un mot de passe long"}
    answer = client.post("/accounts/login/", data, follow=True)
    assert [url for url, _ in answer.redirect_chain] == ["/enter/", "/agency/"]
