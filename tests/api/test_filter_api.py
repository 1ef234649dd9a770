# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters over HTTP: both languages, beside every other parameter, for who may see what."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from geoapi.ogc.cql2 import parse
from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create, publish
from tests.api.live_data import OFFICE, named_id
from tests.live import ROOT

ASSIGNMENTS = "/ogc/collections/assignments/items"
MERGE = "application/merge-patch+json"
# The seeded points, whatever other tests add.
SEEDED = {"bbox": "99.6,20.0,99.95,20.17", "q": "สถานบริการ verified", "limit": "1000"}
HOSPITALS = "category = 'hospital' AND S_INTERSECTS(geometry, BBOX(99.6, 20, 99.95, 20.17))"


def found(client: httpx.Client, params: dict[str, str], **headers: Any) -> list[str]:
    answer = client.get(ITEMS, params=params, **headers)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["numberMatched"] >= document["numberReturned"] == len(document["features"])
    return [feature["id"] for feature in document["features"]]


@pytest.fixture
def hospitals(client: httpx.Client) -> list[str]:
    """The ids of the seeded hospitals, sorted out here."""
    document = client.get(ITEMS, params=SEEDED).json()
    wanted = [f["id"] for f in document["features"] if f["properties"]["category"] == "hospital"]
    assert 5 < len(wanted) < document["numberMatched"]
    return wanted


def test_filter_adds_to_every_other_parameter(client: httpx.Client, hospitals: list[str]) -> None:
    assert found(client, SEEDED | {"filter": HOSPITALS}) == hospitals
    as_json = json.dumps(parse(HOSPITALS, "cql2-text"))
    both = SEEDED | {"filter": as_json, "filter-lang": "cql2-json"}
    assert found(client, both) == hospitals
    swapped = "S_INTERSECTS(geometry, BBOX(20, 99.6, 20.17, 99.95)) AND category = 'hospital'"
    epsg = "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert found(client, SEEDED | {"filter": swapped, "filter-crs": epsg}) == hospitals
    for spelled in ("EPSG:4326", "[EPSG:4326]", "urn:ogc:def:crs:EPSG::4326"):
        assert found(client, SEEDED | {"filter": swapped, "filter-crs": spelled}) == hospitals
    sub = found(client, SEEDED | {"filter": HOSPITALS, "datetime": "2020-01-01/2021-01-01"})
    assert sub == []
    assert found(client, SEEDED | {"filter": HOSPITALS, "category": "post_office"}) == []


def test_pages_of_a_filter_follow_each_other(client: httpx.Client, hospitals: list[str]) -> None:
    params = SEEDED | {"filter": HOSPITALS, "sortby": "-name_th", "limit": "3"}
    whole = found(client, params | {"limit": "1000"})
    assert sorted(whole) == sorted(hospitals)
    walked: list[str] = []
    answer = client.get(ITEMS, params=params)
    while True:
        document = answer.json()
        walked += [feature["id"] for feature in document["features"]]
        following = [link["href"] for link in document["links"] if link["rel"] == "next"]
        if not following:
            break
        answer = client.get(following[0])
    assert walked == whole
    assert found(client, params | {"offset": "4"}) == whole[4:7]


def test_cursor_counts_for_its_own_filter_only(client: httpx.Client) -> None:
    params = {"filter": HOSPITALS, "limit": "2"}
    links = client.get(ITEMS, params=params).json()["links"]
    following = httpx.URL(next(link["href"] for link in links if link["rel"] == "next"))
    other = following.copy_set_param("filter", "category = 'post_office'")
    assert_problem(client.get(other), 400, "after")


def test_filter_counts_for_pages_and_csv_too(client: httpx.Client, hospitals: list[str]) -> None:
    params = SEEDED | {"filter": HOSPITALS}
    text = client.get(ITEMS, params=params | {"f": "csv"}).content.decode("utf-8-sig")
    assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == hospitals
    page = client.get(ITEMS, params=params | {"f": "html", "limit": "2"})
    assert page.status_code == 200
    assert "filter=" in page.text  # the links of the page keep it
    empty = client.get(ITEMS, params={"filter": "FALSE", "f": "html"})
    assert empty.status_code == 200


BAD = [
    ({"filter": ""}, "filter"),
    ({"filter": "colour = 'red'"}, "filter"),
    ({"filter": "category = 5"}, "filter"),
    ({"filter": "category = 'a\0b'"}, "filter"),
    ({"filter": "return_reason IS NULL"}, "filter"),
    ({"filter": "x" * 20_000}, "filter"),
    ({"filter": "{}", "filter-lang": "cql2-json"}, "filter"),
    ({"filter": "TRUE", "filter-lang": "ecql"}, "filter-lang"),
    ({"filter": "TRUE", "filter-crs": "EPSG:4327"}, "filter-crs"),
    ({"accuracy_m": "x"}, "accuracy_m"),
    ({"accuracy_m": "nan"}, "accuracy_m"),
    ({"verified_at": "yesterday"}, "verified_at"),
    ({"no_phone": "1"}, "no_phone"),
    ({"copy_badge": "castle"}, "copy_badge"),
    ({"photos": "a\0"}, "photos"),
]


@pytest.mark.parametrize(("params", "where"), BAD)
def test_wrong_filter_is_named(client: httpx.Client, params: dict[str, str], where: str) -> None:
    assert_problem(client.get(ITEMS, params=params), 400, where)


def test_unknown_property_names_the_known_ones(client: httpx.Client) -> None:
    answer = client.get(ITEMS, params={"filter": "colour = 1", "lang": "en"})
    assert "accuracy_m" in answer.json()["errors"][0]["detail"]


def test_new_queryables_are_parameters_as_well(live: Live, client: httpx.Client) -> None:
    number = f"+6653{uuid.uuid4().int % 10**6:06d}"
    made = create(
        live, client, phones=[{"number": number}, {"number": "1567"}], accuracy_m=4.25,
        card_readers={"installed": 3, "working": 1}, opening_hours=None,
    )  # fmt: skip
    item_id = made.json()["id"]
    publish(live, client, item_id)
    today = datetime.now(UTC).isoformat()
    own = {"phone_numbers": number}
    assert found(client, own) == [item_id]
    for more, is_found in (
        ({"accuracy_m": "4.25"}, True), ({"accuracy_m": "4"}, False),
        ({"card_readers_installed": "3"}, True), ({"verified_at": today}, False),
        ({"filter": "card_readers_working < card_readers_installed"}, True),
        ({"filter": "T_AFTER(verified_at, DATE('2026-01-01'))"}, True),
        ({"filter": "opening_hours IS NULL"}, True), ({"no_phone": "true"}, False),
    ):  # fmt: skip
        assert found(client, own | more) == ([item_id] if is_found else []), more


def test_nobody_finds_by_what_is_hidden_from_them(live: Live, client: httpx.Client) -> None:
    """A working revision's values are found by who sees it; the public finds the published ones."""
    secret = f"{uuid.uuid4().int % 90_000 + 1000}.5"
    name = f"ที่ว่าการ {uuid.uuid4().hex[:8]}"
    item_id = create(live, client, name_th=name, accuracy_m=7.5).json()["id"]
    publish(live, client, item_id)
    patch = {"properties": {"accuracy_m": float(secret), "address_th": name}}
    headers = live.auth(content_type=MERGE, if_match="*")
    assert client.patch(f"{ITEMS}/{item_id}", json=patch, headers=headers).status_code == 204
    hidden = (
        f"accuracy_m = {secret}",
        f"name_th = '{name}' AND NOT accuracy_m = 7.5",
        f"name_th = address_th AND name_th = '{name}'",
        f"name_th = '{name}' AND state <> 'verified'",
        f"name_th = '{name}' AND (accuracy_m + 0) > 8",
    )
    outside = live.auth("officer_out")
    inside = live.auth("gis_officer_in")
    for text in hidden:
        assert found(client, {"filter": text}) == [], text
        assert found(client, {"filter": text}, headers=outside) == [], text
        assert found(client, {"filter": text}, headers=inside) == [item_id], text
    assert found(client, {"accuracy_m": secret}) == []
    public = {"filter": f"name_th = '{name}' AND accuracy_m = 7.5"}
    assert found(client, public) == [item_id]
    assert found(client, public, headers=inside) == []


def test_overdue_assignments_are_found(live: Live, client: httpx.Client) -> None:
    campaign = uuid.uuid4().hex
    headers = live.auth("agency_admin_in", content_type=GEOJSON)
    for due in ("2026-01-31", "2026-02-28", "2099-01-01", None):
        properties = {
            "state": "assigned", "name_th": f"ศูนย์ {due}", "district_code": "5707",
            "agency_id": OFFICE, "owner_id": named_id("officer_in"), "due_on": due,
            "campaign": campaign,
        }  # fmt: skip
        body = {"type": "Feature", "geometry": None, "properties": properties}
        answer = client.post(ASSIGNMENTS, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    own = f"campaign = '{campaign}' AND "
    for text, wanted in (
        ("due_on < DATE('2026-02-28')", ["2026-01-31"]),
        ("due_on <= DATE('2026-02-28') AND state <> 'verified'", ["2026-01-31", "2026-02-28"]),
        ("T_AFTER(due_on, TIMESTAMP('2026-02-28T18:00:00Z'))", ["2099-01-01"]),
        ("due_on IS NULL", [None]),
        ("NOT due_on < DATE('2026-02-28')", ["2026-02-28", "2099-01-01"]),
    ):
        answer = client.get(
            ASSIGNMENTS, params={"filter": own + text}, headers=live.auth("officer_in")
        )
        assert answer.status_code == 200, answer.text
        features = answer.json()["features"]
        assert [f["properties"].get("due_on") for f in features] == wanted, text
    other = live.auth("officer_out")
    answer = client.get(ASSIGNMENTS, params={"filter": own + "TRUE"}, headers=other)
    assert answer.json()["features"] == []
    tasks = "/ogc/collections/tasks/items"
    late = {"filter": "due_on < DATE('2026-02-28') AND kind = 'pin_place'", "limit": "1000"}
    answer = client.get(tasks, params=late, headers=live.auth("officer_in"))
    assert answer.status_code == 200
    dues = {task["properties"]["due_on"] for task in answer.json()["features"]}
    assert dues
    assert max(dues) < "2026-02-28"


def test_documents_say_what_can_be_asked(client: httpx.Client) -> None:
    base = "/ogc/collections/service-points"
    document = client.get(f"{base}/queryables?lang=en").json()
    assert document["additionalProperties"] is False
    accuracy = document["properties"]["accuracy_m"]
    assert (accuracy["type"], accuracy["x-ogc-unit"]) == ("number", "m")
    assert document["properties"]["verified_at"]["format"] == "date-time"
    assert document["properties"]["phone_numbers"]["items"] == {"type": "string"}
    assert document["properties"]["geometry"]["format"] == "geometry-point"
    thai = client.get(f"{base}/queryables?lang=th").json()["properties"]["phone_numbers"]
    assert thai["title"] == "หมายเลขโทรศัพท์"
    assert "เช่น" in thai["description"]
    audience = client.get("/ogc/collections/services/queryables?lang=en").json()
    described = audience["properties"]["audience"]
    assert described["items"]["oneOf"][0]["title"]
    schema = client.get(f"{base}/schema?lang=en").json()["properties"]
    assert schema["agency_id"]["x-ogc-role"] == "reference"
    assert schema["agency_id"]["x-ogc-collectionId"] == "agencies"
    assert schema["updated_at"]["x-ogc-role"] == "primary-instant"
    assert schema["geometry"]["x-ogc-role"] == "primary-geometry"
    assert schema["revision"]["readOnly"] is True
    assert "phone_numbers" not in schema
    areas = client.get("/ogc/collections/provinces/schema?lang=en").json()["properties"]
    assert areas["name_th"]["readOnly"] is True
    assert "updated_at" not in areas


DOCUMENTED = [
    (collection, "cql2-text" if language == "cql2" else "cql2-json", text)
    for language, collection, block in re.findall(
        r"^```(cql2|json) (\S+)\n(.*?)^```$",
        (ROOT / "docs" / "filtering.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    for text in ([block] if language == "json" else block.splitlines())
]


def test_the_page_on_filters_has_examples() -> None:
    assert len(DOCUMENTED) > 15


@pytest.mark.parametrize(("collection", "language", "text"), DOCUMENTED)
def test_documented_filter_is_answered(
    live: Live, client: httpx.Client, collection: str, language: str, text: str
) -> None:
    answer = client.get(
        f"/ogc/collections/{collection}/items",
        params={"filter": text, "filter-lang": language},
        headers=live.auth("agency_admin_in"),
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "filter_text",
    [
        "S_INTERSECTS(geometry, POINT(99999999 5))",
        "S_INTERSECTS(geometry, BBOX(90000000, 5, 99999999, 9))",
        "S_WITHIN(geometry, POLYGON((600000 2200000, 9999999 2200000, 9999999 2300000,"
        " 600000 2200000)))",
    ],
)
def test_geometry_where_its_system_has_no_place_is_refused(
    client: httpx.Client, filter_text: str
) -> None:
    utm = "http://www.opengis.net/def/crs/EPSG/0/32647"
    assert_problem(client.get(ITEMS, params={"filter": filter_text, "filter-crs": utm}), 400)


@pytest.mark.parametrize(
    ("code", "box"),
    [
        ("EPSG/0/32647", "560000,2150000,640000,2250000"),
        ("EPSG/0/3857", "11050000,2250000,11150000,2300000"),
        ("EPSG/0/4326", "19.6,99.5,20.3,100.1"),
    ],
)
def test_box_in_a_filter_is_the_box_of_bbox(client: httpx.Client, code: str, box: str) -> None:
    crs = f"http://www.opengis.net/def/crs/{code}"
    by_box = {"bbox": box, "bbox-crs": crs, "limit": "1000"}
    by_filter = {
        "filter": f"S_INTERSECTS(geometry, BBOX({box}))",
        "filter-crs": crs,
        "limit": "1000",
    }
    answers = [
        client.get(ITEMS, params=params).json()["features"] for params in (by_box, by_filter)
    ]
    assert answers[0] == answers[1] != []
