"""Check answers against GeoReport v2, written from wiki.open311.org/GeoReport_v2.

``check`` takes the raw bytes in either format and returns plain lists and dicts of texts.
"""

import json
import re
from xml.etree import ElementTree

# W3C date with time and zone ("Date/time format").
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
BOOLEAN = {"true", "false"}
DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
ITEMS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
}
REQUEST = {
    *("service_request_id", "status", "status_notes", "service_name", "service_code"),
    *("description", "agency_responsible", "service_notice", "requested_datetime"),
    *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long"),
    "media_url",
}


def read(raw: bytes, form: str):
    """Return the plain data of a body, after the checks of its encoding."""
    raw.decode("utf-8")
    if form == "json":
        return _texts(json.loads(raw))
    assert re.match(rb"<\?xml[^>]*encoding=['\"]utf-8['\"]", raw, re.IGNORECASE), "the declaration"
    root = ElementTree.fromstring(raw)
    assert "}" not in root.tag, "no namespace"
    return _plain(root)


def _texts(value):
    if isinstance(value, dict):
        return {name: _texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(element):
    if element.tag in ITEMS:
        assert {child.tag for child in element} <= {ITEMS[element.tag]}, element.tag
        return [_plain(child) for child in element]
    return {c.tag: _plain(c) for c in element} if len(element) else element.text or ""


def check_services(rows) -> None:
    for row in rows:
        assert row.keys() >= {"service_code", "service_name", "description", "metadata", "type"}
        assert row["service_code"]
        assert row["service_name"]
        assert row["metadata"] in BOOLEAN
        assert row["type"] in {"realtime", "batch", "blackbox"}
    assert len({row["service_code"] for row in rows}) == len(rows)


def check_definition(row, code: str) -> None:
    assert row["service_code"] == code
    for attribute in row["attributes"]:
        assert attribute["variable"] in BOOLEAN
        assert attribute["required"] in BOOLEAN
        assert attribute["datatype"] in DATATYPES
        assert attribute["order"].isdecimal()
        assert {"code", "description", "datatype_description"} <= attribute.keys()
        lists = attribute["datatype"].endswith("valuelist")
        assert bool(attribute.get("values")) is lists
        for value in attribute.get("values", []):
            assert value["key"]
            assert value["name"]
    orders = [attribute["order"] for attribute in row["attributes"]]
    assert len(set(orders)) == len(orders)


def check_post(rows, kind: str) -> str:
    """Return the token, or the number: which of both depends on the service's type."""
    [row] = rows
    wanted = {"batch": "token", "realtime": "service_request_id"}[kind]
    assert row[wanted], f"a service of type {kind} answers a {wanted}"
    assert {"service_notice", "account_id"} <= row.keys()
    return row[wanted]


def check_requests(rows) -> None:
    for row in rows:
        assert row.keys() >= REQUEST
        assert row["status"] in {"open", "closed"}
        for name in ("requested_datetime", "updated_datetime"):
            assert INSTANT.fullmatch(row[name]), name
        assert not row["expected_datetime"] or INSTANT.fullmatch(row["expected_datetime"])
        assert row["service_request_id"]
    times = [row["requested_datetime"] for row in rows]
    assert times == sorted(times, reverse=True), "the most recent first"


def check_updates(rows) -> None:
    """FixMyStreet's extension: the steps of requests."""
    for row in rows:
        assert row.keys() >= {"update_id", "service_request_id", "description", "media_url"}
        assert row["status"].lower() in {"open", "closed"}
        assert INSTANT.fullmatch(row["updated_datetime"])
    assert len({row["update_id"] for row in rows}) == len(rows)


def check_errors(rows, status: int) -> None:
    assert rows
    for row in rows:
        assert row["code"] == str(status), "the code is that of the answer"
        assert row["description"]
