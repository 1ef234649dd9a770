# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks through pages: by next links and by offset, in every order, the same on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.ogc.parameters import CRS84
from geoapi.store.query import COUNT_LIMIT, ItemQuery, count_items
from tests.api.conftest import ITEMS, Live, assert_problem, create
from tests.api.live_data import VERIFIED, seeded

# Only what was there from the beginning, whatever other tests add: the seeded points of Mae Chan.
SEEDED = {"bbox": "99.6,20.0,99.95,20.17", "q": "สถานบริการ verified"}
WALKS = [
    *(f"{sign}{name}" for name in sorted(SERVICE_POINTS.sortables) for sign in ("", "-")),
    "category,-name_th",
    "-name_en,official_id,name_th",
    "+subdistrict_code,-short_code",
]


def walk(client: httpx.Client, path: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Follow the next links to the end."""
    answer = client.get(path, params=params)
    for _ in range(200):
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert document["numberReturned"] == len(document["features"])
        yield document
        following = [link["href"] for link in document["links"] if link["rel"] == "next"]
        if not following:
            return
        answer = client.get(following[0])
    pytest.fail("the walk has no end")


def ids(documents: Iterator[dict[str, Any]]) -> list[str]:
    return [feature["id"] for document in documents for feature in document["features"]]


@pytest.mark.parametrize("sortby", ["", *WALKS])
def test_walk_meets_every_item_once(client: httpx.Client, sortby: str) -> None:
    params = SEEDED | {"limit": "7"} | ({"sortby": sortby} if sortby else {})
    found = ids(walk(client, ITEMS, params))
    assert len(found) == len(set(found))
    assert set(found) == {seeded(n)["id"] for n in range(VERIFIED)}
    whole = ids(walk(client, ITEMS, params | {"limit": "1000"}))
    assert whole == found


@pytest.mark.parametrize("sortby", ["name_th", "-official_id", "category,-name_en"])
def test_offset_walks_the_same_way(client: httpx.Client, sortby: str) -> None:
    params = SEEDED | {"sortby": sortby}
    by_cursor = ids(walk(client, ITEMS, params | {"limit": "100"}))
    by_offset = ids(walk(client, ITEMS, params | {"limit": "13", "offset": "0"}))
    assert by_offset == by_cursor


@pytest.mark.parametrize("name", ["name_th", "name_en", "official_id", "category", "short_code"])
def test_descending_is_ascending_turned_round(client: httpx.Client, name: str) -> None:
    up = ids(walk(client, ITEMS, SEEDED | {"limit": "1000", "sortby": name}))
    down = ids(walk(client, ITEMS, SEEDED | {"limit": "1000", "sortby": f"-{name}"}))
    assert down == up[::-1]


def test_page_in_the_middle_is_the_same_again(client: httpx.Client) -> None:
    pages = list(walk(client, ITEMS, SEEDED | {"limit": "9", "sortby": "name_th"}))
    self_link = next(link["href"] for link in pages[2]["links"] if link["rel"] == "self")
    assert client.get(self_link).json()["features"] == pages[2]["features"]


def test_new_item_before_the_cursor_shifts_nothing(live: Live, client: httpx.Client) -> None:
    params = {"limit": "2", "sortby": "name_th", "name_en": "Shifting"}
    made = [create(live, client, name_th=f"เลื่อน {n}", name_en="Shifting") for n in "3579"]
    headers = live.auth()
    first = client.get(ITEMS, params=params, headers=headers).json()
    early = create(live, client, name_th="เลื่อน 1", name_en="Shifting")
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = client.get(following, headers=headers).json()
    found = [feature["id"] for feature in first["features"] + second["features"]]
    assert found == [answer.json()["id"] for answer in made]
    assert early.json()["id"] not in found
    for answer in (*made, early):
        client.delete(answer.headers["location"], headers=live.auth(if_match="*"))


@pytest.mark.parametrize(
    ("params", "matched"),
    [
        (SEEDED, VERIFIED),
        (SEEDED | {"limit": "1"}, VERIFIED),
        (SEEDED | {"category": "hospital"}, VERIFIED // 3),
        (SEEDED | {"subdistrict_code": "570701"}, VERIFIED // 2),
        (SEEDED | {"offset": "55"}, VERIFIED),
        (SEEDED | {"q": "สถานบริการ verified 116"}, 3),
        (SEEDED | {"official_id": "verified-001"}, 1),
        (SEEDED | {"bbox": "99.849,20.049,99.8501,20.0501"}, 1),
        ({"q": "no such words at all"}, 0),
    ],
)
def test_number_matched_is_exact(
    client: httpx.Client, params: dict[str, str], matched: int
) -> None:
    assert client.get(ITEMS, params=params).json()["numberMatched"] == matched


def test_count_gives_up_beyond_its_limit(live: Live) -> None:
    source = COLLECTIONS["provinces"].source
    assert count_items(live.site.store, ItemQuery(source), 2) == 2
    assert count_items(live.site.store, ItemQuery(source), 1) is None
    assert COUNT_LIMIT == 10_001


def test_large_limit_is_cut_and_said_by_the_links(client: httpx.Client) -> None:
    document = client.get(ITEMS, params=SEEDED | {"limit": "10000000"}).json()
    assert document["numberReturned"] == VERIFIED


def test_cursor_of_another_filter_or_order_is_refused(client: httpx.Client) -> None:
    first = client.get(ITEMS, params=SEEDED | {"limit": "3"}).json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    after = httpx.URL(following).params["after"]
    assert client.get(ITEMS, params=SEEDED | {"after": after, "limit": "4"}).status_code == 200
    for other in (
        {"after": after},
        SEEDED | {"after": after, "category": "hospital"},
        SEEDED | {"after": after, "sortby": "name_th"},
        SEEDED | {"after": after[:-1] + ("A" if after[-1] != "A" else "B")},
        SEEDED | {"after": "x" + after},
        SEEDED | {"after": after + "="},
        SEEDED | {"after": after.replace(".", "")},
    ):
        assert_problem(client.get(ITEMS, params=other), 400, "after")
    assert_problem(
        client.get(ITEMS, params=SEEDED | {"after": after, "offset": "3"}), 400, "offset"
    )


def test_cursor_of_another_collection_is_refused(client: httpx.Client) -> None:
    first = client.get("/ogc/collections/districts/items", params={"limit": "1"}).json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    after = httpx.URL(following).params["after"]
    answer = client.get("/ogc/collections/subdistricts/items", params={"after": after})
    assert_problem(answer, 400, "after")


@pytest.mark.parametrize("collection", ["provinces", "districts", "subdistricts", "agencies"])
@pytest.mark.parametrize("sortby", ["name_th", "-name_en", "updated_at"])
def test_other_collections_are_walked_too(
    client: httpx.Client, collection: str, sortby: str
) -> None:
    path = f"/ogc/collections/{collection}/items"
    one_by_one = ids(walk(client, path, {"limit": "1", "sortby": sortby}))
    whole = client.get(path, params={"limit": "1000", "sortby": sortby}).json()
    assert one_by_one == [feature["id"] for feature in whole["features"]]
    assert len(one_by_one) == whole["numberMatched"] > 1


def test_search_finds_words_in_any_order_and_thai_digits(client: httpx.Client) -> None:
    wanted = client.get(ITEMS, params=SEEDED | {"q": "สถานบริการ verified 111"}).json()
    assert wanted["numberMatched"] > 0
    for words in ("111 verified", "verified ๑๑๑", "VERIFIED 111", "สถานบริการ   111 verified"):
        found = client.get(ITEMS, params=SEEDED | {"q": words}).json()
        assert found["features"] == wanted["features"], words


def test_datetime_filters_by_the_last_change(live: Live, client: httpx.Client) -> None:
    item = create(live, client, name_en="By datetime")
    instant = item.json()["properties"]["updated_at"]
    params = {"name_en": "By datetime"}
    for datetime, matched in (
        (instant, 1), (f"{instant}/..", 1), (f"../{instant}", 1), (f"{instant}/{instant}", 1),
        (f"../{instant[:-5]}Z", 0 if instant[-4:-1] != "000" else 1),
        ("2100-01-01T00:00:00Z/..", 0),
        (instant.replace("Z", "+00:00"), 1),
    ):  # fmt: skip
        answer = client.get(ITEMS, params=params | {"datetime": datetime}, headers=live.auth())
        assert answer.json()["numberMatched"] == matched, datetime
    client.delete(item.headers["location"], headers=live.auth(if_match="*"))


@pytest.fixture(scope="session")
def pages_seen() -> dict[str, dict[str, list[str]]]:
    """{order: {store: ids}}, filled by the test below on each store in turn."""
    return {}


@pytest.mark.postgis
@pytest.mark.parametrize("sortby", ["name_th", "-name_en", "official_id,-category", "-short_code"])
def test_both_stores_give_the_same_pages(
    live: Live,
    client: httpx.Client,
    pages_seen: dict[str, dict[str, list[str]]],
    sortby: str,
) -> None:
    params = SEEDED | {"limit": "8", "sortby": sortby}
    seen = pages_seen.setdefault(sortby, {})
    seen[live.backend] = ids(walk(client, ITEMS, params))
    first = next(iter(seen.values()))
    assert seen[live.backend] == first
    assert len(first) == VERIFIED


def test_demonstration_is_walked_whole(demo_live: Live) -> None:
    with demo_live.client() as own:
        first = own.get(ITEMS, params={"limit": "1"}).json()
        found = ids(walk(own, ITEMS, {"limit": "97", "sortby": "-name_th"}))
        assert len(found) == len(set(found)) == first["numberMatched"] > 100
        assert own.get("/ogc/collections/service-points").json()["crs"][0] == CRS84
