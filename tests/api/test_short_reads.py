# SPDX-License-Identifier: GPL-2.0-or-later
"""The short way of plain reads answers what the long way answers, byte for byte, to everybody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from geoapi.operation.metrics import metrics_of
from geoapi.store.async_reading import AsyncReader, NotAnsweredError, numbered
from geoapi.web.client_limits import ClientLimits
from tests.api.conftest import ITEMS, PROBLEM, Live, create, publish
from tests.api.live_data import USERS, seeded

# A preference that means nothing here: it sends a request the long way.
LONG = {"prefer": "long-way"}
AREAS = "/ogc/collections/districts/items"
PAGES = (
    f"{ITEMS}?limit=10",
    f"{ITEMS}",
    f"{ITEMS}?limit=3&f=json&lang=en",
    f"{ITEMS}?limit=5&sortby=-name_th",
    f"{ITEMS}?limit=4&sortby=-updated_at,name_en",
    f"{ITEMS}?category=court&limit=2",
    f"{ITEMS}?district_code=5703&limit=1000",
    f"{ITEMS}?limit=3&datetime=2020-01-01/..",
    f"{ITEMS}?limit=2&is_branch=false",
    f"{AREAS}?limit=2",
    "/ogc/collections/agencies/items?limit=2",
    "/ogc/collections/services/items",
)
SERVER_PAGES = (
    f"{ITEMS}?bbox=99.6,20.0,99.95,20.17&limit=7",
    f"{ITEMS}?q=สถานบริการ&limit=7",
    f"{ITEMS}?limit=5&offset=5",
)


def short_reads(live: Live) -> float:
    return metrics_of(live.app).short_reads._value.get()


def said(answer: httpx.Response) -> tuple:
    own = {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}
    return answer.status_code, own, answer.content


def remembered(client: httpx.Client) -> httpx.Client:
    """Let the server remember who the client is: the first request of two seconds goes long."""
    for _ in range(2):
        client.get(f"{ITEMS}?limit=1", headers=LONG)
    return client


def long_way(
    live: Live, client: httpx.Client, path: str, headers: dict[str, str]
) -> httpx.Response:
    """Ask for what is not for the short way, and see that it was not taken."""
    before = short_reads(live)
    answer = client.get(path, headers=headers)
    assert short_reads(live) == before
    return answer


def both_ways(live: Live, client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    """Ask both ways and compare; the short one must have been taken."""
    before = short_reads(live)
    short = client.get(path, headers=headers)
    assert short_reads(live) == before + 1, "the short way was not taken"
    long = client.get(path, headers=headers | LONG)
    assert short_reads(live) == before + 1, "the long way was not taken"
    differing = set(said(short)[1].items()) ^ set(said(long)[1].items())
    assert not differing, f"headers differ: {sorted(differing)}"
    assert said(short) == said(long)
    return short


@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_same_both_ways(live: Live, client: httpx.Client, path: str) -> None:
    answer = both_ways(live, client, path)
    assert answer.status_code == 200
    following = [link["href"] for link in answer.json()["links"] if link["rel"] == "next"]
    for href in following:
        both_ways(live, client, href)


@pytest.mark.parametrize("path", SERVER_PAGES)
def test_what_a_file_answers_slowly_goes_the_long_way(live: Live, path: str) -> None:
    with live.client() as client:
        if live.backend == "postgis":
            both_ways(live, client, path)
            return
        before = short_reads(live)
        assert client.get(path).status_code == 200
        assert short_reads(live) == before


@pytest.mark.parametrize("who", [*USERS])
def test_everybody_sees_the_same_both_ways(live: Live, item: httpx.Response, who: str) -> None:
    if who in ("disabled", "must_change"):
        pytest.skip("may not read at all")
    with live.client(who) as client:
        both_ways(live, remembered(client), f"{ITEMS}?limit=1000")
        path = item.headers["location"]
        status = client.get(path, headers=LONG).status_code
        if status == 200:
            both_ways(live, client, path)
        else:
            assert client.get(path).status_code == status


def test_session_sees_the_same_both_ways(live: Live, item: httpx.Response) -> None:
    with live.session_client("gis_officer_in") as client:
        client.headers["accept-encoding"] = "identity"
        answer = both_ways(live, remembered(client), item.headers["location"])
        assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize("coding", ["gzip", "zstd", "gzip, zstd", "br", "*"])
def test_codings_and_conditions_are_the_same_both_ways(
    live: Live, client: httpx.Client, coding: str
) -> None:
    for path in (f"{ITEMS}?limit=50", f"{ITEMS}/{seeded(0)['id']}"):
        answer = both_ways(live, client, path, **{"accept-encoding": coding})
        for known in (answer.headers["etag"], f'W/{answer.headers["etag"]}, "x"', "*", '"other"'):
            again = both_ways(
                live, client, path, **{"accept-encoding": coding, "if-none-match": known}
            )
            assert again.status_code == (200 if known == '"other"' else 304)


@pytest.mark.parametrize("days", ["Sun, 22 Nov 2015 05:06:07 GMT", "Sun, 22 Nov 2099 05:06:07 GMT"])
def test_dates_are_the_same_both_ways(live: Live, client: httpx.Client, days: str) -> None:
    for path in (ITEMS, f"{ITEMS}/{seeded(0)['id']}"):
        both_ways(live, client, path, **{"if-modified-since": days})


def test_another_origin_is_told_the_same_both_ways(live: Live, client: httpx.Client) -> None:
    answer = both_ways(live, client, ITEMS, origin="https://maps.example")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"{ITEMS}?f=html", {}),
        (f"{ITEMS}?f=csv", {}),
        (f"{ITEMS}?limit=none", {}),
        (f"{ITEMS}?nonsense=1", {}),
        (f"{ITEMS}/none", {}),
        (f"{ITEMS}/{'0' * 80}", {}),
        (ITEMS, {"accept": "text/html"}),
        (ITEMS, {"accept": "text/csv;q=0.5"}),
        ("/ogc/collections/none/items", {}),
        ("/ogc/collections/drafts/items", {}),
        ("/ogc/collections", {}),
    ],
)
def test_what_is_unusual_goes_the_long_way(
    live: Live, client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    long_way(live, client, path, headers)


def test_write_is_seen_at_once(live: Live, client: httpx.Client) -> None:
    made = create(live, client, name_th="อ่านทันที")
    with live.client("gis_officer_in") as inside:
        total = inside.get(f"{ITEMS}?limit=1").json()["numberMatched"]
        path = made.headers["location"]
        etag = both_ways(live, remembered(inside), path).headers["etag"]
        publish(live, client, made.json()["id"])
        assert both_ways(live, remembered(inside), path).headers["etag"] != etag
        create(live, client, name_th="อีกแห่ง")
        assert inside.get(f"{ITEMS}?limit=1").json()["numberMatched"] == total + 1
    assert both_ways(live, client, path).json()["properties"]["name_th"] == "อ่านทันที"


def test_ended_session_counts_here_neither(live: Live, item: httpx.Response) -> None:
    path = item.headers["location"]
    with live.session_client("old_session") as client:
        assert client.get(path).status_code == 404
    with live.client("expired_token") as client:
        assert client.get(path).status_code == 401


def test_reader_that_can_not_answer_says_so(live: Live) -> None:
    async def ask() -> None:
        reader = AsyncReader(live.site.store)
        with pytest.raises(NotAnsweredError):
            await reader.rows("SELECT nonsense FROM nowhere", {})
        assert (await reader.rows("SELECT 1", {}))[0][0] == 1
        await reader.close()
        with pytest.raises(NotAnsweredError):
            await reader.rows("SELECT 1", {})

    asyncio.run(ask())


def test_defect_on_the_short_way_is_answered_as_a_problem(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(AsyncReader, "rows", broken)
    with live.client() as client:
        answer = client.get(ITEMS)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "RuntimeError" not in answer.text


def test_parameters_are_numbered_as_they_are_named() -> None:
    assert (
        numbered("a = %(p1)s AND b = %(p0)s AND c LIKE '%%'") == "a = $2 AND b = $1 AND c LIKE '%'"
    )


def test_short_reads_count_for_the_limit_of_a_client(live: Live) -> None:
    limits = ClientLimits(replace(live.site.settings, reads_per_minute=2))
    scope = {"type": "http", "client": ("203.0.113.9", 1)}
    passed = [limits.admits_read(dict(scope), "") for _ in range(4)]
    assert passed == [True, True, False, False]
    assert limits.admits_read(dict(scope), "somebody"), "a user has a share of the own"
    nearby = {"type": "http", "client": ("127.0.0.1", 1)}
    assert all(limits.admits_read(dict(nearby), "") for _ in range(9))


def test_filters_are_left_to_the_gate_of_heavy_reads(live: Live, client: httpx.Client) -> None:
    before = short_reads(live)
    assert client.get(ITEMS, params={"filter": "is_branch = TRUE"}).status_code == 200
    assert short_reads(live) == before


TILES = "/ogc/collections/service-points/tiles/WebMercatorQuad"


@pytest.mark.parametrize(
    "path", [f"{TILES}/7/56/99", f"{TILES}/6/28/49", "/ogc/tiles/WebMercatorQuad/8/113/198"]
)
@pytest.mark.parametrize("coding", ["gzip", "gzip, zstd", "identity"])
def test_finished_tile_is_the_same_both_ways(
    live: Live, client: httpx.Client, path: str, coding: str
) -> None:
    headers = {"accept-encoding": coding}
    built = client.get(path, headers=headers | LONG)
    assert built.status_code in (200, 204)
    answer = both_ways(live, client, path, **headers)
    assert answer.content == built.content
    for known in (answer.headers["etag"], "*", '"other"'):
        again = both_ways(live, client, path, **headers, **{"if-none-match": known})
        assert again.status_code == (built.status_code if known == '"other"' else 304)
    both_ways(live, client, path, origin="https://maps.example", **headers)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"{TILES}/40/57/99", {}),
        (f"{TILES}/2/57/99", {}),
        (f"{TILES}/7/56/99?f=png", {}),
        (f"{TILES}/7/57/x", {}),
        ("/ogc/collections/agencies/tiles/WebMercatorQuad/7/57/99", {}),
        ("/ogc/collections/none/tiles/WebMercatorQuad/7/57/99", {}),
        (f"{TILES}/7/56/99", {"accept-encoding": "zstd"}),
        (f"{TILES}/7/56/99", {"authorization": "Bearer nonsense"}),
    ],
)
def test_other_tiles_go_the_long_way(
    live: Live, client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    client.get(f"{TILES}/7/56/99", headers=LONG)
    short = long_way(live, client, path, headers)
    assert said(short)[0] == said(client.get(path, headers=headers | LONG))[0]


def test_tag_of_a_province_says_nothing_of_districts(live: Live, client: httpx.Client) -> None:
    province = client.get("/ogc/collections/provinces/items?limit=1").json()["features"][0]["id"]
    known = client.get(f"/ogc/collections/provinces/items/{province}")
    assert known.status_code == 200
    tag = {"if-none-match": known.headers["etag"]}
    assert (
        client.get(f"/ogc/collections/provinces/items/{province}", headers=tag).status_code == 304
    )
    assert client.get(f"{AREAS}/{province}", headers=tag).status_code == 404


def test_changed_item_is_never_called_current(live: Live, client: httpx.Client) -> None:
    path = f"{ITEMS}/{seeded(0)['id']}"
    first = client.get(path)
    tag = {"if-none-match": first.headers["etag"]}
    for _ in range(3):
        assert both_ways(live, client, path, **tag).status_code == 304
    with live.client("gis_officer_in") as officer:
        current = officer.get(path)
        patch = {"properties": {"note_th": "ย้ายเคาน์เตอร์ไปชั้นสอง"}}
        condition = {"if-match": current.headers["etag"]}
        answer = officer.patch(path, json=patch, headers=condition)
        assert answer.status_code in (200, 204), answer.text
    assert client.get(path, headers=tag).status_code == 304, "the public sees the verified revision"
    publish(live, client, seeded(0)["id"])
    again = client.get(path, headers=tag)
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]
