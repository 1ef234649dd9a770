# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps of a point's life over HTTP: bodies, refusals, and what the public hears of an end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from geoapi.workflow import TRANSITIONS
from tests.api.conftest import ITEMS, Live, assert_problem, create, publish
from tests.api.live_data import named_id

GIS = "gis_officer_in"
WHY = "เป็นจุดเดียวกัน"


def step(
    live: Live, client: httpx.Client, item: httpx.Response, who: str = GIS, **body: Any
) -> httpx.Response:
    """Take a step, whatever the revision."""
    address = f"{ITEMS}/{item.json()['id']}/transitions"
    return client.post(address, json=body, headers=live.auth(who, if_match="*"))


def public(live: Live, client: httpx.Client, **properties: Any) -> httpx.Response:
    item = create(live, client, **properties)
    publish(live, client, item.json()["id"])
    return item


def id_of(item: httpx.Response) -> str:
    return str(item.json()["id"])


def test_a_merged_item_answers_404_with_its_successor(live: Live, client: httpx.Client) -> None:
    item, left = public(live, client), public(live, client, name_th="ที่เหลืออยู่")
    done = step(live, client, item, action="merge", reason=WHY, successor_id=id_of(left).upper())
    assert done.status_code == 200, done.text
    assert done.json()["properties"]["successor_id"] == id_of(left)
    problem = assert_problem(client.get(f"{ITEMS}/{id_of(item)}"), 404)
    assert problem["successor"]["id"] == id_of(left)
    assert "ที่เหลืออยู่" in problem["detail_th"]
    followed = client.get(problem["successor"]["href"])
    assert followed.status_code == 200
    inside = client.get(f"{ITEMS}/{id_of(item)}", headers=live.auth(GIS))
    assert inside.json()["properties"]["state"] == "merged"
    patch = client.patch(
        f"{ITEMS}/{id_of(item)}",
        json={"properties": {"name_th": "ร่างเก่า"}},
        headers=live.auth(
            GIS, content_type="application/merge-patch+json", if_match='"an older one"'
        ),
    )
    problem = assert_problem(patch, 409)
    assert problem["successor"]["id"] == id_of(left)
    allowed = client.options(f"{ITEMS}/{id_of(item)}", headers=live.auth(GIS)).headers["allow"]
    assert "PATCH" not in allowed
    assert "PUT" not in allowed


def test_posters_of_a_merged_point_lead_to_the_last_successor(
    live: Live, client: httpx.Client
) -> None:
    item, middle, left = (public(live, client) for _ in range(3))
    for one, into in ((item, middle), (middle, left)):
        answer = step(live, client, one, action="merge", reason=WHY, successor_id=id_of(into))
        assert answer.status_code == 200
    wanted = f"/p/{left.json()['properties']['short_code']}"
    for one in (item, middle):
        code = one.json()["properties"]["short_code"]
        for address in (f"/p/{code}", f"/p/{code.lower()}", f"/p/{id_of(one)}"):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["location"]) == (302, wanted)
    answer = client.get(f"/p/{item.json()['properties']['short_code']}?lang=en")
    assert answer.headers["location"] == f"{wanted}?lang=en"
    step(live, client, left, action="withdraw", reason="เลิกใช้")
    assert client.get(f"/p/{item.json()['properties']['short_code']}").status_code == 404
    assert "successor" not in assert_problem(client.get(f"{ITEMS}/{id_of(item)}"), 404)


def test_a_moved_point_keeps_its_page_with_a_link(live: Live, client: httpx.Client) -> None:
    item, new = public(live, client), public(live, client, name_th="ที่ทำการแห่งใหม่")
    answer = step(live, client, item, action="move", reason="ย้าย", successor_id=id_of(new))
    assert answer.status_code == 200
    page = client.get(f"/p/{item.json()['properties']['short_code']}").text
    assert "ที่ทำการแห่งใหม่" in page
    assert f"/p/{new.json()['properties']['short_code']}" in page
    assert client.get(f"{ITEMS}/{id_of(item)}").json()["properties"]["status"] == "moved"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"action": "merge", "reason": "x"}, "/successor_id"),
        ({"action": "merge", "reason": "x", "successor_id": "not an id"}, "/successor_id"),
        ({"action": "merge", "reason": "x", "successor_id": 7}, "/successor_id"),
        ({"action": "merge", "reason": "x", "successor_id": "a" * 81}, "/successor_id"),
        ({"action": "merge", "successor_id": named_id("verified0")}, "/reason"),
        ({"action": "withdraw", "reason": "\0"}, "/reason"),
        ({"action": "withdraw", "reason": "x", "revision": 1}, "/revision"),
        ({"action": "restore"}, "/revision"),
        *(({"action": "restore", "revision": n}, "/revision") for n in (0, -1, 1.5, "1", True)),
        ({"action": "restore", "revision": 2**31}, "/revision"),
        ({"action": "restore", "revision": 999}, "/revision"),
        ({"action": "submit", "successor": "x"}, "/successor"),
        ({"action": ["submit"]}, "/action"),
        *(({"action": "submit", "reason": wrong}, "/reason") for wrong in ([], {}, 0, False)),
        *(({"action": "submit", "successor_id": w}, "/successor_id") for w in ([], {}, 0, False)),
    ],
)
def test_bad_bodies_are_named_and_change_nothing(
    live: Live, client: httpx.Client, item: httpx.Response, body: dict[str, Any], where: str
) -> None:
    assert_problem(step(live, client, item, **body), 422, where)
    now = client.get(f"{ITEMS}/{id_of(item)}", headers=live.auth(GIS)).json()
    assert now["properties"]["revision"] == 1


def test_the_document_of_the_api_names_each_action_and_what_it_needs(client: httpx.Client) -> None:
    document = client.get("/ogc/openapi?f=json").json()
    schema = document["components"]["schemas"]["Transition"]
    assert schema["properties"]["action"]["enum"] == list(TRANSITIONS)
    assert "move, merge" in schema["properties"]["successor_id"]["description"]
    assert "restore" in schema["properties"]["revision"]["description"]


def test_history_tells_insiders_where_a_point_was_and_how_far_it_went(
    live: Live, client: httpx.Client
) -> None:
    item = public(live, client)
    lon, lat = item.json()["geometry"]["coordinates"]
    patch = {
        "geometry": {"type": "Point", "coordinates": [lon, lat + 0.001]},
        "properties": {"move_reason": "ย้ายอาคาร"},
    }
    headers = live.auth(GIS, content_type="application/merge-patch+json", if_match="*")
    assert client.patch(f"{ITEMS}/{id_of(item)}", json=patch, headers=headers).status_code == 204
    address = f"{ITEMS}/{id_of(item)}/history"
    inside = client.get(address, headers=live.auth("planner_in")).json()["revisions"]
    assert [entry["position"] for entry in inside] == [[lon, lat]] * 3 + [[lon, lat + 0.001]]
    assert [entry["distance_m"] for entry in inside] == [None, None, None, 111.2]
    (outside,) = client.get(address).json()["revisions"]
    assert {"position", "distance_m", "actor_id"}.isdisjoint(outside)


def test_a_repeated_merge_with_its_key_is_answered_once(live: Live, client: httpx.Client) -> None:
    item, left = public(live, client), public(live, client)
    body = {"action": "merge", "reason": WHY, "successor_id": id_of(left)}
    headers = live.auth(GIS, if_match="*", idempotency_key=f"merge-{id_of(item)}")
    answers = [
        client.post(f"{ITEMS}/{id_of(item)}/transitions", json=body, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["etag"] == answers[1].headers["etag"]


def test_f2_duplicates_over_the_api_until_one_is_left(live: Live, client: httpx.Client) -> None:
    same = {"name_th": "สำนักทะเบียนซ้ำกัน"}
    items = [public(live, client, **same) for _ in range(3)]
    for item in items[1:]:
        for who in ("officer_in", "supervisor_in"):
            refused = step(
                live, client, item, who, action="merge", reason=WHY, successor_id=id_of(items[0])
            )
            assert_problem(refused, 403)
        body = {"action": "merge", "reason": WHY, "successor_id": id_of(items[0])}
        assert step(live, client, item, "agency_admin_in", **body).status_code == 200
    found = client.get(ITEMS, params={"q": same["name_th"]}).json()["features"]
    assert [feature["id"] for feature in found] == [id_of(items[0])]
    for item in items[1:]:
        history = client.get(f"{ITEMS}/{id_of(item)}/history", headers=live.auth(GIS)).json()
        done = [entry["operation"] for entry in history["revisions"]]
        assert done == ["create", "submit", "verify", "merge"]
