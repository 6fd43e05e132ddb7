"""Walk the filing pages the way a browser without script does."""

from datetime import UTC, datetime

from portal.actor import Actor
from requests.filing.actions import Filing, file_claim

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after_where(client, *, words="Ça coule", send=True, **reach):
    client.post("/file/words/", {"words": words})
    client.post("/file/reach/", {"name": "Awa", "email": "awa@example.test", **reach})
    return client.post("/file/check/") if send else client.get("/file/check/")


def after_fault(client, *, address="1 place Neuve", **rest):
    client.post("/file/where/", {"address": address, "home": "other"})
    return after_where(client, **rest)


def file(client, **reach):
    client.post("/file/", {"tile": "water"})
    client.post("/file/fault/water/", {"category": "PLO-03"})
    return after_fault(client, **reach)


def report_lift(landlord, key: str, at):
    return file_claim(
        Filing(
            channel="phone",
            key=key,
            category="ASC-02",
            words="SECRET du voisin",
            contact_name="Monsieur Voisin",
            contact_phone="0611111111",
            place_note="porte 42",
            staircase=landlord["dwelling"].staircase_id,
        ),
        actor=Actor.TENANT,
        now=at,
    )
