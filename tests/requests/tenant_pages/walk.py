"""Walk the filing pages the way a browser without script does."""

from datetime import UTC, datetime

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
