# SPDX-License-Identifier: GPL-2.0-or-later
"""Following the feed over HTTP: cursors, full synchronisation, waiting, compressed pages."""

from __future__ import annotations

import gzip
import threading
import time
from typing import Any

import httpx
import orjson
import pytest
import zstandard

from tests.api.conftest import ITEMS, Live, act, assert_problem, create, publish
from tests.api.live_data import OFFICE

FEED = "/ogc/collections/service-points/changes"
MERGE = "application/merge-patch+json"


def read(live: Live, client: httpx.Client, since: str, who: str = "", **more: Any) -> Any:
    answer = client.get(FEED, params={"since": since} | more, headers=live.auth(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


def all_items(client: httpx.Client, address: str, headers: dict[str, str]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    while address:
        page = client.get(address, headers=headers).json()
        held |= {feature["id"]: feature for feature in page["features"]}
        address = next((li["href"] for li in page["links"] if li["rel"] == "next"), "")
    return held


def replay(client: httpx.Client, held: dict[str, Any], since: str, headers: dict[str, str]) -> str:
    while True:
        page = client.get(FEED, params={"since": since, "limit": 3}, headers=headers).json()
        for entry in page["changes"]:
            if entry["type"] == "delete":
                held.pop(entry["id"], None)
            else:
                held[entry["id"]] = entry["feature"]
        since = page["next"]
        if not page["hasMore"]:
            return since


@pytest.mark.parametrize("who", ["", "officer_in", "gis_officer_out", "supervisor_in"])
def test_full_synchronisation_by_the_410_misses_nothing_written_meanwhile(
    live: Live, client: httpx.Client, who: str
) -> None:
    headers = live.auth(who)
    gone = client.get(FEED, params={"since": "c1.1.00.public"}, headers=headers)
    problem = assert_problem(gone, 410)
    links = {link["rel"]: link["href"] for link in problem["links"]}
    item = create(live, client)
    moving = create(live, client)
    publish(live, client, moving.json()["id"])
    held = all_items(client, links["items"].replace("limit=1000", "limit=40"), headers)
    change = {"properties": {"subdistrict_code": "570101", "district_code": "5701"}}
    sent = live.auth(content_type=MERGE, if_match="*")
    assert client.patch(moving.headers["location"], json=change, headers=sent).is_success
    assert client.delete(item.headers["location"], headers=live.auth(if_match="*")).is_success
    replay(client, held, problem["next"], headers)
    assert held == all_items(client, f"{ITEMS}?limit=1000", headers)
    assert links["next"].endswith(f"changes?since={problem['next']}")


def test_an_item_that_leaves_the_district_is_told_as_a_delete(
    live: Live, client: httpx.Client
) -> None:
    item = create(live, client)
    since = read(live, client, "now", "officer_in")["next"]
    patch = {"properties": {"subdistrict_code": "570101", "district_code": "5701"}}
    sent = live.auth(content_type=MERGE, if_match="*")
    moved = client.patch(item.headers["location"], json=patch, headers=sent)
    assert moved.is_success, moved.text
    (entry,) = read(live, client, since, "officer_in")["changes"]
    assert (entry["type"], entry["id"]) == ("delete", item.json()["id"])
    assert entry.keys() == {"seq", "at", "type", "id", "revision"}
    answer = client.get(item.headers["location"], headers=live.auth("officer_in"))
    assert answer.status_code == 404


def test_cursor_of_another_reader_is_gone(live: Live, client: httpx.Client) -> None:
    create(live, client)
    cursor = read(live, client, "now", "officer_in")["next"]
    problem = assert_problem(client.get(FEED, params={"since": cursor}), 410)
    assert problem["code"] == "Gone"
    assert read(live, client, problem["next"])["changes"] == []


def test_now_reads_nothing_and_gives_the_end(live: Live, client: httpx.Client) -> None:
    publish(live, client, create(live, client).json()["id"])
    now = read(live, client, "now")
    assert (now["changes"], now["hasMore"], now["since"]) == ([], False, "now")
    item = create(live, client)
    publish(live, client, item.json()["id"])
    assert [e["id"] for e in read(live, client, now["next"])["changes"]] == [item.json()["id"]]


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_pages_are_compressed(live: Live, client: httpx.Client, coding: str) -> None:
    plain = client.get(FEED)
    with client.stream("GET", FEED, headers={"accept-encoding": coding}) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == coding
    if coding == "gzip":
        unpacked = gzip.decompress(body)
    else:
        unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    assert unpacked == plain.content
    assert len(body) < len(unpacked) / 3
    assert packed.headers["etag"] == f'{plain.headers["etag"][:-1]}-{coding}"'


def test_waiting_ends_with_the_change(live: Live, client: httpx.Client) -> None:
    item = create(live, client)
    since = read(live, client, "now", "gis_officer_in")["next"]
    answers: list[Any] = []

    def wait() -> None:
        with live.client() as own:
            answers.append(read(live, own, since, "gis_officer_in", wait=25))

    waiting = threading.Thread(target=wait)
    waiting.start()
    watch = live.app.state.feed_watch
    ends = time.monotonic() + 10
    while not watch.waiting and time.monotonic() < ends:
        time.sleep(0.01)
    assert watch.waiting == 1
    assert act(live, client, item.json()["id"], "submit", "gis_officer_in").is_success
    waiting.join(20)
    assert [entry["operation"] for entry in answers[0]["changes"]] == ["submit"]
    assert watch.waiting == 0


def test_waiting_for_nothing_ends(live: Live, client: httpx.Client) -> None:
    since = read(live, client, "now")["next"]
    document = read(live, client, since, wait=1)
    assert (document["changes"], document["next"]) == ([], since)


@pytest.mark.parametrize("wait", ["31", "-1", "x", ""])
def test_garbage_wait_is_refused(client: httpx.Client, wait: str) -> None:
    assert_problem(client.get(FEED, params={"wait": wait}), 400, "wait")


def test_an_owner_follows_the_own_assignments(live: Live, client: httpx.Client) -> None:
    path = "/ogc/collections/assignments"
    place = {"name_th": "ที่ทำการไปรษณีย์", "category": "post_office", "district_code": "5707"}
    owner = {"owner_id": live.user_ids["officer_in"], "agency_id": OFFICE, "state": "assigned"}
    body = {
        "type": "Feature",
        "geometry": None,
        "properties": place | owner | {"state": "assigned"},
    }
    sent = live.auth("supervisor_in", content_type="application/geo+json")
    made = client.post(f"{path}/items", content=orjson.dumps(body), headers=sent)
    assert made.status_code == 201, made.text
    item_id = made.json()["id"]

    def told(who: str) -> list[str]:
        page = client.get(f"{path}/changes", headers=live.auth(who)).json()
        return [entry["id"] for entry in page["changes"]]

    assert item_id in told("officer_in")
    assert item_id not in told("officer_out")
    assert_problem(client.get(f"{path}/changes"), 401)
    history = client.get(f"{path}/items/{item_id}/history", headers=live.auth("officer_in"))
    assert [entry["operation"] for entry in history.json()["revisions"]] == ["create"]
    hidden = client.get(f"{path}/items/{item_id}/history", headers=live.auth("officer_out"))
    assert hidden.status_code == 404
    for who, expected in (("officer_in", 200), ("officer_out", 404)):
        then = {"datetime": "2100-01-01T00:00:00Z"}
        past = client.get(f"{path}/items/{item_id}", params=then, headers=live.auth(who))
        assert past.status_code == expected, past.text
        if expected == 200:
            assert past.json()["properties"]["name_th"] == place["name_th"]


def test_bare_number_works_and_is_told_to_be_deprecated(live: Live, client: httpx.Client) -> None:
    first = read(live, client, "0", limit=1)["changes"][0]["seq"]
    answer = client.get(FEED, params={"since": str(first), "limit": 1})
    assert answer.json()["changes"][0]["seq"] > first
    assert answer.headers["deprecation"].startswith("@")
    assert 'rel="deprecation"' in answer.headers["link"]
    following = client.get(FEED, params={"since": answer.json()["next"]})
    assert "deprecation" not in following.headers
