# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API - Features Part 4, second half: locking, representation, handling, CRS and schema."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem
from tests.api.live_data import named_id, point

MERGE = "application/merge-patch+json"
MISSING = f"{ITEMS}/{named_id('never made')}"
OLD_DATE = "Sun, 01 Jan 2023 00:00:00 GMT"


def path_of(item: httpx.Response) -> str:
    """Return the path of the item that was asked for or made."""
    return str(item.headers.get("location", item.request.url))


def patched(
    live: Live, client: httpx.Client, item: httpx.Response, patch: object
) -> httpx.Response:
    """Send a merge patch with the tag of the item."""
    sent = live.auth(content_type=MERGE, if_match=item.headers["etag"])
    return client.patch(path_of(item), json=patch, headers=sent)


def replaced(
    live: Live, client: httpx.Client, item: httpx.Response, body: object
) -> httpx.Response:
    """Send a replacement with the tag of the item."""
    sent = live.auth(content_type=GEOJSON, if_match=item.headers["etag"])
    return client.put(path_of(item), json=body, headers=sent)


def seen(live: Live, client: httpx.Client, item: httpx.Response) -> httpx.Response:
    return client.get(path_of(item), headers=live.auth())


# --- optimistic locking


def test_29_last_modified_comes_with_get_put_and_patch(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    assert seen(live, client, item).headers["last-modified"]
    again = replaced(live, client, item, point("เปลี่ยนครั้งที่หนึ่ง"))
    assert again.headers["last-modified"]
    assert patched(live, client, again, {"properties": {}}).headers["last-modified"]


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
def test_30_an_old_if_unmodified_since_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    kind = MERGE if verb == "PATCH" else GEOJSON
    headers = live.auth(content_type=kind, if_unmodified_since=OLD_DATE)
    body = None if verb == "DELETE" else point("ไม่ควรเก็บ")
    answer = client.request(verb, path_of(item), json=body, headers=headers)
    assert assert_problem(answer, 412)["current"]["id"] == item.json()["id"]


def test_31_a_present_if_unmodified_since_is_accepted(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    date = seen(live, client, item).headers["last-modified"]
    headers = live.auth(content_type=GEOJSON, if_unmodified_since=date)
    assert client.put(path_of(item), json=point("ใช้วันที่"), headers=headers).is_success


def test_32_a_strong_etag_comes_with_get_put_and_patch(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    tags = [seen(live, client, item).headers["etag"]]
    tags.append(replaced(live, client, item, point("แท็กที่สอง")).headers["etag"])
    again = seen(live, client, item)
    tags.append(patched(live, client, again, {"properties": {"name_en": "3"}}).headers["etag"])
    assert not any(tag.startswith("W/") for tag in tags)
    assert len(set(tags)) == 3
    assert seen(live, client, item).headers["etag"] == tags[-1]


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
def test_33_a_wrong_if_match_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    kind = MERGE if verb == "PATCH" else GEOJSON
    headers = live.auth(content_type=kind, if_match='"wrong"')
    body = None if verb == "DELETE" else point("ไม่ควรเก็บ")
    answer = client.request(verb, path_of(item), json=body, headers=headers)
    assert assert_problem(answer, 412)["etag"] == item.headers["etag"]
    assert seen(live, client, item).headers["etag"] == item.headers["etag"]


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
def test_34_an_unconditional_write_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    headers = live.auth(content_type=MERGE if verb == "PATCH" else GEOJSON)
    body = None if verb == "DELETE" else point("ไม่ควรเก็บ")
    assert_problem(client.request(verb, path_of(item), json=body, headers=headers), 428)


# --- representation of the resource in the answer


@pytest.mark.parametrize(("wish", "has_body"), [("minimal", False), ("representation", True)])
def test_35_prefer_return_is_honoured_and_said(
    live: Live, client: httpx.Client, wish: str, has_body: bool
) -> None:
    prefer = {"prefer": f"return={wish}"}
    headers = live.auth(content_type=GEOJSON) | prefer
    made = client.post(ITEMS, json=point(), headers=headers)
    path = made.headers["location"]
    put_headers = headers | {"if-match": made.headers["etag"]}
    put = client.put(path, json=point("แทนที่"), headers=put_headers)
    patch_headers = headers | {"content-type": MERGE, "if-match": put.headers["etag"]}
    patch = client.patch(path, json={"properties": {"name_en": "x"}}, headers=patch_headers)
    assert (made.status_code, put.status_code) == (201, 200 if has_body else 204)
    for answer in (made, put, patch):
        assert answer.headers["preference-applied"] == f"return={wish}"
        assert bool(answer.content) is has_body
        if has_body:
            assert answer.headers["content-type"] == GEOJSON
            assert answer.json()["type"] == "Feature"


# --- handling


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_36_strict_handling_refuses_what_would_be_mended(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    name = f"เข้มงวด {verb} {item.json()['id']}"
    kind = MERGE if verb == "PATCH" else GEOJSON
    headers = live.auth(content_type=kind, prefer="handling=strict", if_match="*")
    body = point(name, never_heard_of_it=1)
    path = ITEMS if verb == "POST" else path_of(item)
    answer = client.request(verb, path, json=body, headers=headers)
    assert_problem(answer, 422, "/properties/never_heard_of_it")
    assert answer.headers["preference-applied"] == "handling=strict"
    found = client.get(ITEMS, params={"name_th": name}, headers=live.auth())
    assert found.json()["numberMatched"] == 0


def test_37_lenient_handling_takes_what_strict_refuses(live: Live, client: httpx.Client) -> None:
    headers = live.auth(content_type=GEOJSON, prefer="handling=lenient")
    answer = client.post(ITEMS, json=point(never_heard_of_it=1), headers=headers)
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "handling=lenient"


# --- coordinates and schema


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_38_content_crs_is_honoured_or_refused(
    live: Live, client: httpx.Client, item: httpx.Response, verb: str
) -> None:
    kind = MERGE if verb == "PATCH" else GEOJSON
    indian = "<http://www.opengis.net/def/crs/EPSG/0/24047>"
    own = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    path = ITEMS if verb == "POST" else path_of(item)
    for crs, is_taken in ((indian, False), (own, True)):
        headers = live.auth(content_type=kind, content_crs=crs, if_match="*")
        answer = client.request(verb, path, json=point("พิกัด"), headers=headers)
        assert answer.is_success is is_taken
        if not is_taken:
            assert_problem(answer, 400, "Content-Crs")


@pytest.mark.parametrize("name", ["state", "short_code", "revision", "updated_by", "photos"])
def test_39_a_read_only_property_cannot_be_set(
    live: Live, client: httpx.Client, item: httpx.Response, name: str
) -> None:
    value = {"revision": 99, "photos": ["x"], "state": "verified"}.get(name, "x")
    schema = client.get("/ogc/collections/service-points/schema").json()
    assert schema["properties"][name]["readOnly"] is True
    for answer in (
        client.post(ITEMS, json=point(**{name: value}), headers=live.auth(content_type=GEOJSON)),
        replaced(live, client, item, point(**{name: value})),
        patched(live, client, item, {"properties": {name: value}}),
    ):
        assert_problem(answer, 422, f"/properties/{name}")


def test_what_was_read_can_be_sent_back_unchanged(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    read = seen(live, client, item)
    assert replaced(live, client, item, read.json()).is_success
    after = seen(live, client, item).json()
    changed = {n for n, v in after["properties"].items() if read.json()["properties"].get(n) != v}
    assert changed <= {"revision", "updated_at"}
