"""Labels of the landlord's list: on one request, on several, found again, and kept from tenants."""

import json

import pytest
from django.urls import reverse

from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.closing import dossier
from requests.labels.models import ClaimLabel, Label
from requests.notifications.models import Delivery
from tests.requests.fixtures.desk import make_claim, make_unit, place, url

__all__ = ["place"]
pytestmark = pytest.mark.django_db
INBOX = "/agency/"


@pytest.fixture
def labels():
    return [
        Label.objects.create(code="expert", label_fr="Expert attendu", label_en="Expert expected"),
        Label.objects.create(code="key", label_fr="Clé à la loge", label_en="Key at the lodge"),
        Label.objects.create(code="old", label_fr="Ancienne", label_en="Old", active=False),
    ]


def borne(claim) -> list[str]:
    rows = ClaimLabel.objects.filter(claim=claim).order_by("label__code")
    return list(rows.values_list("label__code", flat=True))


def found(client, **query) -> list:
    return [c.pk for c in client.get(INBOX, query).context["page_obj"].object_list]


def put(client, claim, *codes, version=None):
    given = {"version": version or claim.version, "labels": codes}
    answer = client.post(url("labels", claim), given)
    claim.refresh_from_db()
    return answer


def test_ticked_labels_are_put_on_taken_off_and_undone(client, place, labels):
    claim = make_claim(place[1], place[2])
    page = client.get(url("claim", claim)).content.decode()
    assert "Expert" in page
    assert 'value="old"' not in page
    assert put(client, claim, "expert", "key").status_code == 302
    assert borne(claim) == ["expert", "key"]
    assert put(client, claim, "key").status_code == 302
    assert borne(claim) == ["key"]
    page = client.get(url("claim", claim))
    history = page.content.decode()
    assert "+ Clé à la loge, Expert attendu" in history
    assert "− Expert attendu" in history
    client.post(reverse("agency:undo"), {"events": page.context["toasts"][-1]["undo"]})
    assert borne(claim) == ["expert", "key"]
    # Just what stands already is no event.
    claim.refresh_from_db()
    number = ClaimEvent.unscoped.count()
    assert put(client, claim, "expert", "key").status_code == 302
    assert ClaimEvent.unscoped.count() == number


def test_the_history_names_a_label_that_is_offered_no_more(client, place, labels):
    claim = make_claim(place[1], place[2])
    put(client, claim, "expert", "key")
    put(client, claim, "key")
    Label.objects.filter(code="expert").update(active=False)
    page = client.get(url("claim", claim)).content.decode()
    assert "− Expert attendu" in page
    assert 'value="key"' in page
    assert 'value="expert"' not in page


def test_words_of_ones_own_are_no_labels_and_a_stale_page_changes_nothing(client, place, labels):
    claim = make_claim(place[1], place[2])
    for wrong in ("drôle de voisin", "old"):
        answer = put(client, claim, "expert", wrong)
        assert answer.status_code == 422
    put(client, claim, "expert")
    stale = put(client, claim, "key", version=1)
    assert stale.status_code == 409
    # What was ticked stays ticked.
    assert '<input type="checkbox" name="labels" value="key" checked>' in stale.content.decode()
    assert borne(claim) == ["expert"]


def test_a_label_finds_its_requests_by_filter_by_word_and_in_the_search(client, place, labels):
    claims = [make_claim(place[1], place[2], number + 1) for number in range(3)]
    put(client, claims[1], "expert")
    key = labels[0].pk
    assert found(client, label=key) == [claims[1].pk]
    assert len(found(client, label="x")) == 3  # what is no key is dropped
    page = client.get(INBOX, {"q": "expert"})
    assert f"?view=all&amp;label={key}" in page.content.decode()
    hits = client.get(reverse("search:page"), {"q": "expert"}).content.decode()
    assert f"label={key}" in hits
    row = client.get(INBOX, {"view": "all"}).content.decode()
    assert row.count("Expert attendu</span>") == 1


def test_several_get_one_label_and_lose_it(client, place, labels):
    claims = [make_claim(place[1], place[2], number + 1) for number in range(3)]
    put(client, claims[0], "expert")

    def bulk(how):
        picks = [f"{claim.pk}:{claim.version}" for claim in claims]
        given = {"what": "label", "pick": picks, "go": "1", "label": labels[0].pk, "how": how}
        answer = client.post(reverse("agency:bulk"), given)
        for claim in claims:
            claim.refresh_from_db()
        return answer

    done = bulk("put")
    assert [borne(claim) for claim in claims] == [["expert"]] * 3
    assert done.context["picked"] == {claims[0].pk}  # had it already, and is said to
    undo = done.context["toasts"][-1]["undo"]
    bulk("take")
    assert [borne(claim) for claim in claims] == [[]] * 3
    assert len(undo.split(",")) == 2
    asked = client.post(reverse("agency:bulk"), {"what": "label", "pick": [f"{claims[0].pk}:1"]})
    offered = list(asked.context["bulk"].fields["label"].queryset)
    assert labels[2] not in offered


def test_no_tenant_is_told_and_no_paper_of_theirs_says_it(client, place, labels):
    claim = make_claim(place[1], place[2], contact_email="a@example.test")
    put(client, claim, "expert")
    event = ClaimEvent.unscoped.get(name=Event.LABELLED)
    assert event.facts == {"labels_put": ["expert"], "labels_taken": []}
    assert not Delivery.objects.system("test").exists()
    page = client.__class__().get(f"/s/{claim.token}/").content.decode()
    assert "Expert" not in page
    assert "labelled" not in json.dumps(dossier.build(claim, now=now()))


def test_another_unit_puts_no_label(client, place, labels):
    far = make_unit("sud")
    claim = make_claim(far[1], far[2])
    assert client.post(url("labels", claim), {"version": 1, "labels": "key"}).status_code == 404
