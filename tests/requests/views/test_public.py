"""Filing and following by plain pages, without account or script."""

from requests.models import Claim


def file(client, **changes):
    client.post("/file/", {"tile": "water"})
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/where/", {"address": "1 rue du Lin", "place": "cuisine"})
    client.post("/file/words/", {"words": "Ça coule"})
    client.post("/file/reach/", {"name": "Awa", "email": "awa@example.test", **changes})
    return client.post("/file/check/")


def test_five_steps_file_one_claim(client, landlord):
    answer = file(client)
    claim = Claim.objects.system("test").get()
    assert answer.url == f"/s/{claim.token}/"
    page = client.get(answer.url).content.decode()
    assert claim.spoken_reference in page
    assert "Awa" not in page
    assert (
        client.post("/file/check/").url == "/file/what/"
        or Claim.objects.system("test").count() == 1
    )


def test_what_was_typed_comes_back_with_the_error(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    answer = client.post("/file/reach/", {"name": "Awa"})
    assert answer.status_code == 422
    assert 'value="Awa"' in answer.content.decode()


def test_danger_comes_before_any_form(client, landlord):
    answer = client.post("/file/fault/water/", {"category": "GAZ-01"}, follow=True)
    assert "tel:112" in answer.content.decode()


def test_the_tenant_closes_and_a_get_never_acts(client, landlord):
    file(client)
    claim = Claim.objects.system("test").get()
    Claim.objects.system("test").update(state="done")
    assert client.get(f"/s/{claim.token}/do/say_fixed/").status_code == 405
    client.post(f"/s/{claim.token}/do/say_fixed/")
    assert Claim.objects.system("test").get().state == "closed"


def test_a_guessed_reference_opens_nothing(client, landlord):
    file(client)
    assert client.get(f"/s/{Claim.objects.system('test').get().reference}/").status_code == 404
