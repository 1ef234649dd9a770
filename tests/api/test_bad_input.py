# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wrong is refused as a problem that says where and what to do; nothing is ever a 5xx."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create
from tests.api.live_data import point

BASE = "/ogc/collections/service-points"
MERGE = "application/merge-patch+json"
LONG = "9" * 4000


# --- query parameters

BAD_QUERIES = [
    (ITEMS, {"foo": "1"}, "foo"),
    (ITEMS, {"limit": "1", "Limit": "1"}, "Limit"),
    (ITEMS, {"phones": "1"}, "phones"),
    (ITEMS, {"category": "castle"}, "category"),
    (ITEMS, {"state": "drafty"}, "state"),
    (ITEMS, {"is_branch": "yes"}, "is_branch"),
    (ITEMS, {"name_th": "a\0b"}, "name_th"),
    (ITEMS, {"agency_id": "\0"}, "agency_id"),
    (ITEMS, {"crs": "http://www.opengis.net/def/crs/EPSG/0/24047"}, "crs"),
    (ITEMS, {"crs": ""}, "crs"),
    (ITEMS, {"bbox-crs": "EPSG:24047", "bbox": "99,19,100,20"}, "bbox-crs"),
    (ITEMS, {"bbox": "19.9,99.8,20.1,99.9"}, "bbox"),
    (ITEMS, {"bbox": "99,19,100"}, "bbox"),
    (ITEMS, {"bbox": ""}, "bbox"),
    (ITEMS, {"bbox": "99,19,100,x"}, "bbox"),
    (ITEMS, {"bbox": "nan,19,100,20"}, "bbox"),
    (ITEMS, {"bbox": "-inf,-inf,inf,inf"}, "bbox"),
    (ITEMS, {"bbox": "1e999,19,100,20"}, "bbox"),
    (ITEMS, {"bbox": "99,20,100,19"}, "bbox"),
    (ITEMS, {"bbox": "181,19,182,20"}, "bbox"),
    (ITEMS, {"bbox": "1,2,3,4,5,6,7"}, "bbox"),
    (ITEMS, {"datetime": "yesterday"}, "datetime"),
    (ITEMS, {"datetime": ""}, "datetime"),
    (ITEMS, {"datetime": "2026-13-01T00:00:00Z"}, "datetime"),
    (ITEMS, {"datetime": "2026-11-22T00:00:00Z/2026-11-21T00:00:00Z"}, "datetime"),
    (ITEMS, {"datetime": "a/b/c"}, "datetime"),
    (ITEMS, {"datetime": "0001-01-01T00:00:00+14:00"}, "datetime"),
    (ITEMS, {"datetime": "9999-12-31T23:59:59-14:00"}, "datetime"),
    (ITEMS, {"limit": "0"}, "limit"),
    (ITEMS, {"limit": "-1"}, "limit"),
    (ITEMS, {"limit": "ten"}, "limit"),
    (ITEMS, {"limit": ""}, "limit"),
    (ITEMS, {"limit": "1.5"}, "limit"),
    (ITEMS, {"limit": "²"}, "limit"),
    (ITEMS, {"offset": "-1"}, "offset"),
    (ITEMS, {"offset": LONG}, "offset"),
    (ITEMS, {"sortby": "phones"}, "sortby"),
    (ITEMS, {"sortby": ""}, "sortby"),
    (ITEMS, {"sortby": "name_th,name_en,category,state"}, "sortby"),
    (ITEMS, {"sortby": "name_th; DROP TABLE change"}, "sortby"),
    (ITEMS, {"q": "x" * 201}, "q"),
    (ITEMS, {"q": "\0"}, "q"),
    (ITEMS, {"f": "shapefile"}, "f"),
    (ITEMS, {"f": ""}, "f"),
    (ITEMS, {"after": "garbage"}, "after"),
    (ITEMS, {"after": ""}, "after"),
    (ITEMS, {"after": "ก.ข"}, "after"),
    (ITEMS, {"after": "WzFd.\udcff".encode("utf-8", "surrogateescape").decode("latin-1")}, "after"),
    (ITEMS, {"after": "." * 500}, "after"),
    (f"{ITEMS}/x", {"foo": "1"}, "foo"),
    (f"{ITEMS}/x", {"f": "csv"}, "f"),
    (f"{BASE}/changes", {"since": "x"}, "since"),
    (f"{BASE}/changes", {"since": "-1"}, "since"),
    (f"{BASE}/changes", {"since": LONG}, "since"),
    (f"{BASE}/changes", {"limit": "0"}, "limit"),
    (f"{BASE}/changes", {"limit": "10001"}, "limit"),
    (f"{BASE}/changes", {"bbox": "1,2,3,4"}, "bbox"),
    (BASE, {"foo": "1"}, "foo"),
    (BASE, {"f": "xml"}, "f"),
    (f"{BASE}/queryables", {"x": "1"}, "x"),
    (f"{BASE}/schema", {"x": "1"}, "x"),
    ("/ogc/collections", {"x": "1"}, "x"),
    ("/ogc/conformance", {"x": "1"}, "x"),
    ("/ogc/", {"x": "1"}, "x"),
]


@pytest.mark.parametrize(("path", "params", "where"), BAD_QUERIES)
def test_wrong_parameter_is_named(
    client: httpx.Client, path: str, params: dict[str, str], where: str
) -> None:
    assert_problem(client.get(path, params=params), 400, where)


def test_every_wrong_parameter_is_named_at_once(client: httpx.Client) -> None:
    answer = client.get(ITEMS, params={"bbox": "x", "limit": "x", "sortby": "x", "category": "x"})
    document = assert_problem(answer, 400)
    assert {e["parameter"] for e in document["errors"]} == {"bbox", "limit", "sortby", "category"}


def test_repeated_parameter_is_refused(client: httpx.Client) -> None:
    assert_problem(client.get(f"{ITEMS}?limit=1&limit=2"), 400, "limit")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"bbox": "19.9,99.8,20.1,99.9"}, "Longitude comes first"),
        ({"foo": "1"}, "bbox"),
        ({"category": "castle"}, "hospital"),
        ({"sortby": "x"}, "name_th"),
        ({"f": "x"}, "csv"),
        ({"crs": "EPSG:24047"}, "EPSG/0/32647"),
    ],
)
def test_refusal_says_what_to_do(client: httpx.Client, params: dict[str, str], said: str) -> None:
    document = assert_problem(client.get(ITEMS, params=params | {"lang": "en"}), 400)
    assert said in document["errors"][0]["detail"]


GOOD_QUERIES = [
    {"limit": "1000000000"},
    {"limit": "99999999999999999999"},
    {"limit": "๑๐"},
    {"bbox": "179,-20,-179,20"},
    {"bbox": "99,19,0,100,20,9000"},
    {"bbox": "99.85,20.1,99.85,20.1"},
    {"datetime": "2020-01-01T00:00:00Z"},
    {"datetime": "2020-01-01T00:00:00+07:00/.."},
    {"datetime": "../2100-01-01T00:00:00Z"},
    {"datetime": "/2100-01-01T00:00:00Z"},
    {"datetime": "2020-01-01"},
    {"datetime": "../.."},
    {"q": "%"},
    {"q": "_ \\ ' \" * ( ) AND OR NEAR"},
    {"q": '""""'},
    {"q": "😀 \u200e\u202e"},
    {"q": "ก " * 100},
    {"q": ""},
    {"name_th": ""},
    {"name_th": "' OR 1=1 --"},
    {"subdistrict_code": "999999"},
    {"offset": "1000000"},
    {"crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
    {"lang": "xx"},
]


@pytest.mark.parametrize("params", GOOD_QUERIES)
def test_unusual_query_is_answered(client: httpx.Client, params: dict[str, str]) -> None:
    answer = client.get(ITEMS, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberReturned"] == len(answer.json()["features"])


def test_empty_result_is_an_empty_collection(client: httpx.Client) -> None:
    document = client.get(ITEMS, params={"subdistrict_code": "999999"}).json()
    assert document["features"] == []
    assert (document["numberMatched"], document["numberReturned"]) == (0, 0)
    assert "next" not in {link["rel"] for link in document["links"]}


def test_injection_in_a_filter_finds_nothing(client: httpx.Client) -> None:
    found = client.get(ITEMS, params={"name_th": "' OR '1'='1"}).json()
    assert found["numberMatched"] == 0


# --- ids and addresses

STRANGE_IDS = [
    "%00", "a%00b", "a%2Fb", "%", "%ff%fe", "%F0%9F%98%80", "x" * 3000,
    "%E0%B8%AB%E0%B8%A1%E0%B8%B8%E0%B8%94", "'", "%22", "null", "1%3B2", "%0A", "%7B%7D", "-1",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip


@pytest.mark.parametrize("item_id", STRANGE_IDS, ids=[i[:12] for i in STRANGE_IDS])
def test_strange_id_is_not_found_by_any_verb(
    live: Live, client: httpx.Client, item_id: str
) -> None:
    headers = live.auth(if_match="*")
    path = f"{ITEMS}/{item_id}"
    patch = headers | {"content-type": MERGE}
    put = headers | {"content-type": GEOJSON}
    for answer in (
        client.get(path),
        client.get(path, headers=live.auth()),
        client.get(path, params={"f": "html"}),
        client.delete(path, headers=headers),
        client.patch(path, json={"properties": {}}, headers=patch),
        client.put(path, json=point(), headers=put),
        client.get(f"{path}/history"),
        client.post(f"{path}/transitions", json={"action": "submit"}, headers=headers),
    ):
        assert_problem(answer, 404)
    assert_problem(client.options(path, headers=headers), 404)
    assert client.head(path).status_code == 404


@pytest.mark.parametrize("collection", ["nothing", "%00", "x" * 3000, "x%2Fy"])
def test_unknown_collection_is_not_found(client: httpx.Client, collection: str) -> None:
    for rest in (
        "",
        "/items",
        "/items/x",
        "/schema",
        "/queryables",
        "/changes",
        "/items/x/history",
    ):
        assert_problem(client.get(f"/ogc/collections/{collection}{rest}"), 404)


@pytest.mark.parametrize(
    "line",
    [
        "GET /ogc/collections/service-points/items/../../../../etc/passwd HTTP/1.1",
        "GET /static/../../../../etc/passwd HTTP/1.1",
        "GET /static/%2e%2e/%2e%2e/app.py HTTP/1.1",
        "GET /vendor/..%2f..%2f/etc HTTP/1.1",
        "GET /ogc/collections/service-points/items?bbox=%ff%fe&%00=1 HTTP/1.1",
        "GET /ogc/collections/service-points/items?bbox=a=b&&&==;# HTTP/1.1",
        "BREW /ogc/collections HTTP/1.1",
        "PROPFIND /ogc/collections HTTP/1.1",
        "TRACE / HTTP/1.1",
        "GET * HTTP/1.1",
        "GET /" + "a" * 70_000 + " HTTP/1.1",
    ],
    ids=lambda line: line[:48],
)
def test_raw_request_is_refused_without_a_defect(live: Live, line: str) -> None:
    assert 400 <= _raw_status(live, line.encode() + b"\r\nHost: x\r\n\r\n") < 500


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: abc\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"Authorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"Cookie: pakmud_session=\xff\xfe; lang=\xe0\r\nContent-Length: 0\r\n\r\n",
        b"Content-Type: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_broken_headers_are_refused_without_a_defect(live: Live, headers: bytes) -> None:
    head = f"POST {ITEMS} HTTP/1.1\r\nHost: x\r\n".encode()
    assert 400 <= _raw_status(live, head + headers) < 500


def _raw_status(live: Live, request: bytes) -> int:
    """Send bytes and return the status of the answer."""
    with socket.create_connection(("127.0.0.1", live.site.settings.port), timeout=20) as connection:
        connection.sendall(request)
        return int(connection.recv(4096).split(b" ", 2)[1])


# --- methods

WRONG_METHODS = [
    ("/ogc/", "POST"), ("/ogc/", "DELETE"), ("/ogc/conformance", "PUT"),
    ("/ogc/collections", "POST"), (BASE, "PUT"), (BASE, "DELETE"), (ITEMS, "PUT"),
    (ITEMS, "PATCH"), (ITEMS, "DELETE"), (f"{ITEMS}/x", "POST"), (f"{ITEMS}/x/history", "POST"),
    (f"{ITEMS}/x/transitions", "GET"), (f"{BASE}/changes", "POST"), (f"{BASE}/schema", "POST"),
    (f"{BASE}/queryables", "POST"), ("/ogc/openapi", "POST"), ("/ogc/collections", "PROPFIND"),
    ("/ogc/collections/provinces/items", "POST"),
    ("/ogc/collections/provinces/items/57", "PUT"),
    ("/ogc/collections/provinces/items/57", "PATCH"),
    ("/ogc/collections/agencies/items/x", "DELETE"),
    ("/auth/me", "POST"), ("/auth/logout", "GET"), ("/healthz", "POST"), ("/my", "POST"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "verb"), WRONG_METHODS)
def test_wrong_method_names_the_right_ones(
    live: Live, client: httpx.Client, path: str, verb: str
) -> None:
    headers = live.auth(content_type=GEOJSON)
    answer = client.request(verb, path, json=point(), headers=headers)
    assert_problem(answer, 405)
    allowed = answer.headers["allow"].replace(" ", "").split(",")
    assert verb not in allowed
    assert allowed
    for other in {"GET", "HEAD", "OPTIONS"} & set(allowed):
        answer = client.request(other, path, headers=headers)
        assert answer.status_code != 405, (other, allowed)


# --- workflow


@pytest.mark.parametrize(
    ("sent", "status", "where"),
    [
        ({}, 422, "/action"),
        ({"action": None}, 422, "/action"),
        ({"action": 5}, 422, "/action"),
        ({"action": "explode"}, 422, "/action"),
        ({"action": "submit", "force": True}, 422, "/force"),
        ({"action": "submit", "a/b~c": True}, 422, "/a~1b~0c"),
        ({"action": "submit", "reason": 5}, 422, "/reason"),
        ({"action": "submit", "reason": "x" * 501}, 422, "/reason"),
        ({"action": "submit", "reason": "\0"}, 422, "/reason"),
        ({"action": "verify"}, 403, ""),
    ],
)
def test_wrong_step(
    live: Live,
    client: httpx.Client,
    item: httpx.Response,
    sent: dict[str, Any],
    status: int,
    where: str,
) -> None:
    path = f"{ITEMS}/{item.json()['id']}/transitions"
    answer = client.post(path, json=sent, headers=live.auth(if_match="*"))
    assert_problem(answer, status, where)


def test_step_from_the_wrong_state_is_a_conflict(live: Live, client: httpx.Client) -> None:
    item = create(live, client)
    path = f"{ITEMS}/{item.json()['id']}/transitions"
    headers = live.auth("supervisor_in", if_match="*")
    answer = client.post(path, json={"action": "verify"}, headers=headers)
    assert_problem(answer, 409)


def test_parent_circle_is_refused(live: Live, client: httpx.Client) -> None:
    main = create(live, client)
    branch = create(live, client, parent_id=main.json()["id"])
    for child in (main, branch):
        headers = live.auth(content_type=MERGE, if_match="*")
        patch = {"properties": {"parent_id": branch.json()["id"]}}
        answer = client.patch(child.headers["location"], json=patch, headers=headers)
        assert_problem(answer, 422, "/properties/parent_id")
    answer = client.delete(main.headers["location"], headers=live.auth(if_match="*"))
    assert_problem(answer, 409)


@pytest.mark.parametrize(
    "header",
    [
        {"accept": "image/png"}, {"accept": ";;;q=x"}, {"accept": "text/html;q=1.5.5"},
        {"accept": "*/*;q=0"}, {"accept": "a" * 5000},
        {"accept-encoding": "gzip;q=nan, zstd;q=inf"},
        {"accept-encoding": ";q=;,,"},
        {"accept-language": "xx-YY;q=๙, *;q=-1".encode().decode("latin-1")},
        {"prefer": 'return=";;', "if-none-match": '"'}, {"if-none-match": "W/,\"\"\"\""},
        {"range": "bytes=0-1"}, {"expect": "x"}, {"x-request-id": "../../etc/passwd"},
        {"x-forwarded-for": "not an address"}, {"cookie": "lang=xx; pakmud_session="},
        {"host": "evil.example"}, {"origin": "null"},
    ],
    ids=str,
)  # fmt: skip
def test_strange_header_never_breaks_an_answer(
    client: httpx.Client, header: dict[str, str]
) -> None:
    sent = [(name, value.encode("latin-1")) for name, value in header.items()]
    for path in (ITEMS, f"{ITEMS}?f=html&limit=1", "/ogc/", "/", "/ogc/nowhere"):
        answer = client.get(path, headers=sent)
        assert answer.status_code < 500, answer.text
        assert "evil.example" not in answer.text
