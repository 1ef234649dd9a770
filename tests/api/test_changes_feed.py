# SPDX-License-Identifier: GPL-2.0-or-later
"""The feed of changes over HTTP: what the public hears of, and what insiders hear of."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from geoapi.store import changes
from tests.api.conftest import ITEMS, Live, act, assert_problem, create, publish

FEED = "/ogc/collections/service-points/changes"
MERGE = "application/merge-patch+json"


def newest(live: Live, client: httpx.Client) -> int:
    """Return the number of the newest change."""
    return live.site.store.read(changes.last_seq)


def feed(live: Live, client: httpx.Client, who: str = "", **params: int | str) -> dict[str, Any]:
    every: dict[str, int | str] = {"limit": 10_000}
    answer = client.get(FEED, params=every | params, headers=live.auth(who))
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def of(document: dict[str, Any], item: httpx.Response) -> list[dict[str, Any]]:
    return [entry for entry in document["changes"] if entry["id"] == item.json()["id"]]


def test_public_hears_of_public_revisions_only(live: Live, client: httpx.Client) -> None:
    since = newest(live, client)
    item = create(live, client)
    assert of(feed(live, client, since=since), item) == []
    publish(live, client, item.json()["id"])
    (entry,) = of(feed(live, client, since=since), item)
    assert (entry["type"], entry["revision"]) == ("upsert", 3)
    assert {"operation", "actor_id", "reason"}.isdisjoint(entry)
    public = client.get(item.headers["location"]).json()
    assert entry["feature"]["properties"] == public["properties"]
    assert "updated_by" not in entry["feature"]["properties"]
    headers = live.auth(content_type=MERGE, if_match="*")
    patch = {"properties": {"name_en": "Not public yet"}}
    client.patch(item.headers["location"], json=patch, headers=headers)
    assert len(of(feed(live, client, since=since), item)) == 1


def test_insider_hears_of_every_revision(live: Live, client: httpx.Client) -> None:
    since = newest(live, client)
    item = create(live, client)
    publish(live, client, item.json()["id"])
    entries = of(feed(live, client, "planner_in", since=since), item)
    assert [entry["operation"] for entry in entries] == ["create", "submit", "verify"]
    assert [entry["revision"] for entry in entries] == [1, 2, 3]
    assert entries[0]["actor_id"] == live.user_ids["gis_officer_in"]
    assert entries[2]["reason"] == "ตรวจแล้ว"
    outside = of(feed(live, client, "planner_out", since=since), item)
    assert [entry["revision"] for entry in outside] == [3]
    assert "operation" not in outside[0]


@pytest.mark.parametrize("published", [False, True])
def test_deletion_leaves_a_tombstone_for_who_saw_the_item(
    live: Live, client: httpx.Client, published: bool
) -> None:
    item = create(live, client)
    if published:
        publish(live, client, item.json()["id"])
    since = newest(live, client)
    answer = client.delete(item.headers["location"], headers=live.auth(if_match="*"))
    assert answer.status_code == 204
    (inside,) = of(feed(live, client, "gis_officer_in", since=since), item)
    assert (inside["type"], inside["operation"]) == ("delete", "delete")
    assert "feature" not in inside
    outside = of(feed(live, client, since=since), item)
    assert [entry["type"] for entry in outside] == (["delete"] if published else [])


def test_history_of_a_deleted_public_item_stays(live: Live, client: httpx.Client) -> None:
    item = create(live, client)
    publish(live, client, item.json()["id"])
    client.delete(item.headers["location"], headers=live.auth(if_match="*"))
    public = client.get(f"{item.headers['location']}/history").json()["revisions"]
    assert [entry["type"] for entry in public] == ["upsert", "delete"]
    inside = client.get(f"{item.headers['location']}/history", headers=live.auth()).json()
    assert [entry["type"] for entry in inside["revisions"]] == ["upsert"] * 3 + ["delete"]


def test_walk_through_the_feed_meets_every_change_once(live: Live, client: httpx.Client) -> None:
    whole = feed(live, client, "admin", since=0)
    numbers, since = [], "0"
    for _ in range(2000):
        part = feed(live, client, "admin", since=since, limit=50)
        numbers += [entry["seq"] for entry in part["changes"]]
        since = part["next"]
        if not part["hasMore"]:
            break
    assert numbers == sorted(set(numbers))
    assert numbers[: len(whole["changes"])] == [entry["seq"] for entry in whole["changes"]]


def test_feed_rebuilds_the_public_collection(live: Live, client: httpx.Client) -> None:
    held: dict[str, Any] = {}
    for entry in feed(live, client)["changes"]:
        if entry["type"] == "delete":
            held.pop(entry["id"], None)
        else:
            held[entry["id"]] = entry["feature"]
    features = client.get(ITEMS, params={"limit": "10000"}).json()["features"]
    assert held == {feature["id"]: feature for feature in features}


@pytest.mark.parametrize("since", ["9007199254740992", "999999999"])
def test_number_beyond_the_end_is_of_another_feed(client: httpx.Client, since: str) -> None:
    assert_problem(client.get(FEED, params={"since": since}), 410)


def test_at_the_end_there_is_nothing_yet(live: Live, client: httpx.Client) -> None:
    end = feed(live, client, since="now")["next"]
    again = feed(live, client, since=end)
    assert (again["changes"], again["next"], again["hasMore"]) == ([], end, False)


@pytest.mark.parametrize(
    "since",
    ["x", "-1", "1.5", "", "9007199254740993", "1e3", "²", "0x1", "c1.1", "c1.1.ff.public.", "Now",
     "c1.9007199254740993.ff.public", "c1.-1.ff.public", "c1.1.FF.public", "c2.1.ff.public"],
)  # fmt: skip
def test_garbage_since_is_refused(client: httpx.Client, since: str) -> None:
    assert_problem(client.get(FEED, params={"since": since}), 400, "since")


def test_unchanged_feed_is_not_sent_again(live: Live, client: httpx.Client) -> None:
    params = {"since": feed(live, client, since="now")["next"]}
    first = client.get(FEED, params=params)
    again = client.get(FEED, params=params, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("collection", ["provinces", "agencies"])
def test_reference_data_have_a_feed_too(client: httpx.Client, collection: str) -> None:
    document = client.get(f"/ogc/collections/{collection}/changes").json()
    assert {entry["type"] for entry in document["changes"]} == {"upsert"}
    assert document["changes"][0]["feature"]["type"] == "Feature"


def test_returned_point_says_why_to_insiders_only(live: Live, client: httpx.Client) -> None:
    item = create(live, client)
    since = newest(live, client)
    act(live, client, item.json()["id"], "submit", "gis_officer_in")
    assert act(live, client, item.json()["id"], "return", "supervisor_in").is_success
    assert of(feed(live, client, since=since), item) == []
    entries = of(feed(live, client, "officer_in", since=since), item)
    assert entries[-1]["feature"]["properties"]["return_reason"] == "ตรวจแล้ว"
