# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong bodies and media types: refused with the place of the mistake, never a defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem
from tests.api.live_data import named_id, point

MERGE = "application/merge-patch+json"
FORM = "application/x-www-form-urlencoded"

# --- bodies


def body(**changed: Any) -> bytes:
    return json.dumps(point() | changed).encode()


def properties(**changed: Any) -> bytes:
    return json.dumps(point(**changed)).encode()


DEEP = b'{"type":"Feature","geometry":null,"properties":{"x":' + b"[" * 800 + b"]" * 800 + b"}}"
BAD_BODIES = [
    ("empty", b"", 400, ""),
    ("blank", b" \n ", 400, ""),
    ("broken", b'{"type": "Feature",', 400, ""),
    ("nan", b'{"type": NaN}', 400, ""),
    ("infinite", b'{"type":"Feature","geometry":null,"properties":{"accuracy_m":1e999}}', 400, ""),
    ("latin1", b'{"type": "\xe9"}', 400, ""),
    ("utf16", body().decode().encode("utf-16"), 400, ""),
    ("bom", b"\xef\xbb\xbf" + body(), 400, ""),
    ("half character", b'{"type": "\\ud800"}', 400, ""),
    ("bottomless", b"[" * 100_000, 400, ""),
    ("deep", DEEP, 422, None),
    ("list", b"[]", 422, ""),
    ("null", b"null", 422, ""),
    ("text", b'"Feature"', 422, ""),
    ("number", b"1", 422, ""),
    ("nothing", b"{}", 422, "/properties"),
    ("collection", b'{"type":"FeatureCollection","features":[]}', 422, "/type"),
    ("bare geometry", b'{"type":"Point","coordinates":[99.8,20.1]}', 422, "/properties"),
    (
        "no geometry",
        b'{"type":"Feature","properties":{"name_th":"ab","category":"hospital"}}',
        422,
        "/geometry",
    ),
    (
        "swapped",
        body(geometry={"type": "Point", "coordinates": [20.1, 99.8]}),
        422,
        "/geometry/coordinates",
    ),
    (
        "off the globe",
        body(geometry={"type": "Point", "coordinates": [665000, 1515000]}),
        422,
        None,
    ),
    ("polygon", body(geometry={"type": "Polygon", "coordinates": []}), 422, None),
    ("text geometry", body(geometry="POINT(99 20)"), 422, None),
    ("one coordinate", body(geometry={"type": "Point", "coordinates": [99.8]}), 422, None),
    ("text coordinates", body(geometry={"type": "Point", "coordinates": ["a", "b"]}), 422, None),
    ("true coordinates", body(geometry={"type": "Point", "coordinates": [True, False]}), 422, None),
    ("null coordinates", body(geometry={"type": "Point", "coordinates": None}), 422, None),
    ("list properties", body(properties=[]), 422, "/properties"),
    ("null properties", body(properties=None), 422, "/properties"),
    ("old crs", body(crs={"type": "name", "properties": {"name": "EPSG:32647"}}), 422, "/crs"),
    ("odd crs", body(crs={"properties": []}), 422, "/crs"),
    ("text crs", body(crs="EPSG:4326"), 422, "/crs"),
    ("list crs", body(crs=[1]), 422, "/crs"),
    ("id no uuid", body(id="x"), 422, "/id"),
    ("id a number", body(id=5), 422, "/id"),
    ("id a list", body(id=[]), 422, "/id"),
    ("short name", properties(name_th="ก"), 422, "/properties/name_th"),
    ("long name", properties(name_th="ก" * 251), 422, "/properties/name_th"),
    ("number name", properties(name_th=5), 422, "/properties/name_th"),
    ("null name", properties(name_th=None), 422, "/properties/name_th"),
    ("no category", properties(category="castle"), 422, "/properties/category"),
    ("list category", properties(category=["hospital"]), 422, "/properties/category"),
    ("dict category", properties(category={}), 422, "/properties/category"),
    ("unknown agency", properties(agency_id=named_id("no such")), 422, "/properties/agency_id"),
    ("unknown parent", properties(parent_id=named_id("no such")), 422, "/properties/parent_id"),
    ("areas", properties(province_code="50"), 422, "/properties/subdistrict_code"),
    ("area code", properties(subdistrict_code="57070"), 422, "/properties/subdistrict_code"),
    ("phone", properties(phones=[{"number": "053-777777"}]), 422, "/properties/phones/0/number"),
    ("phones", properties(phones=[{"number": "1669"}] * 21), 422, "/properties/phones"),
    ("phone null", properties(phones=None), 422, "/properties/phones"),
    (
        "two truths",
        properties(phones=[{"number": "1669"}], no_phone=True),
        422,
        "/properties/phones",
    ),
    ("website", properties(website="javascript:alert(1)"), 422, "/properties/website"),
    ("email", properties(email="nobody"), 422, "/properties/email"),
    ("accuracy", properties(accuracy_m=-1), 422, "/properties/accuracy_m"),
    ("huge number", properties(accuracy_m=10**60), 422, "/properties/accuracy_m"),
    ("huge unknown", properties(x_unknown=10**60), 201, None),
    ("nul", properties(name_en="a\0b"), 422, "/properties/name_en"),
    ("nul name", properties(**{"x\0": 1}), 422, None),
    (
        "date",
        properties(card_readers={"planned_on": "2026-02-30"}),
        422,
        "/properties/card_readers/planned_on",
    ),
    ("read only", properties(state="verified"), 422, "/properties/state"),
]


@pytest.mark.parametrize(
    ("content", "status", "where"),
    [pytest.param(*row[1:], id=row[0]) for row in BAD_BODIES],
)
def test_bad_body_is_refused_with_its_place(
    live: Live, client: httpx.Client, content: bytes, status: int, where: str | None
) -> None:
    answer = client.post(ITEMS, content=content, headers=live.auth(content_type=GEOJSON))
    if status == 201:
        assert answer.status_code == 201
        return
    document = assert_problem(answer, status, where or "")
    assert document["errors"]


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_bad_body_is_refused_by_put_and_patch(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    kind = MERGE if verb == "PATCH" else GEOJSON
    headers = live.auth(content_type=kind, if_match="*")
    for name, content, _status, _where in BAD_BODIES:
        answer = client.request(verb, item.headers["location"], content=content, headers=headers)
        assert answer.status_code < 500, (name, answer.text)
        if answer.status_code >= 400:
            assert_problem(answer, answer.status_code)


def test_broken_json_is_located_by_line_and_column(live: Live, client: httpx.Client) -> None:
    content = '{"type": "Feature",\n "ชื่อ": oops}'.encode()
    headers = live.auth(content_type=GEOJSON, accept_language="en")
    document = assert_problem(client.post(ITEMS, content=content, headers=headers), 400)
    assert "line 2, column 10" in document["detail"]


def test_existing_id_is_a_conflict(live: Live, client: httpx.Client, item: httpx.Response) -> None:
    twin = point() | {"id": item.json()["id"]}
    headers = live.auth(content_type=GEOJSON)
    assert_problem(client.post(ITEMS, json=twin, headers=headers), 409)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 400),
        ("text/plain", 415),
        ("text/csv", 415),
        ("application/xml", 415),
        ("application/gml+xml;version=3.2", 415),
        (FORM, 415),
        ("multipart/form-data", 415),
        ("application/geo+json; charset=windows-874", 415),
        ("application/geo+json; charset=tis-620; profile=x", 415),
        ("application/geo+json;charset=UTF-8", 201),
        ('application/json ; charset="utf-8"', 201),
        ("APPLICATION/GEO+JSON", 201),
        ("application/geo+json; profile=rfc7946", 201),
        (";", 415),
        ("\\", 415),
    ],
)
def test_media_type(live: Live, client: httpx.Client, content_type: str, status: int) -> None:
    headers = live.auth() | ({"content-type": content_type} if content_type else {})
    answer = client.post(ITEMS, content=body(), headers=headers)
    if status == 201:
        assert answer.status_code == 201, answer.text
    else:
        document = assert_problem(answer, status, "Content-Type")
        assert GEOJSON in document["detail_en"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [(ITEMS, GEOJSON), (f"{ITEMS}/x/transitions", "application/json"), ("/auth/login", FORM)],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_oversize_body_is_refused(live: Live, path: str, kind: str, chunked: bool) -> None:
    most = live.site.settings.max_body_bytes

    def parts() -> Iterator[bytes]:
        yield b'{"a": "'
        for _ in range(most // 10_000 + 2):
            yield b"x" * 10_000

    content = parts() if chunked else b"x" * (most + 1)
    with live.client("gis_officer_in") as own:
        answer = own.post(path, content=content, headers={"content-type": kind})
    assert_problem(answer, 413)
    assert f"{most:,}" in answer.json()["detail_en"] or str(most) in answer.json()["detail_en"]


def test_largest_body_is_taken(live: Live, client: httpx.Client) -> None:
    most = live.site.settings.max_body_bytes
    content = body().ljust(most, b" ")
    answer = client.post(ITEMS, content=content, headers=live.auth(content_type=GEOJSON))
    assert answer.status_code == 201
