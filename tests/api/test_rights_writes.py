# SPDX-License-Identifier: GPL-2.0-or-later
"""What roles really write, delete and see: inside their scope, and nothing outside of it."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import (
    GEOJSON,
    ITEMS,
    Live,
    act,
    assert_problem,
    create,
    publish,
)
from tests.api.live_data import OFFICE, USERS, named_id, point, seeded

MERGE = "application/merge-patch+json"
ANYBODY = "anonymous"
ROLES = (ANYBODY, *USERS)
EDITORS = frozenset({"officer_in", "gis_officer_in", "agency_admin_in"})
READERS = EDITORS | {"supervisor_in", "planner_in", "admin"}

# --- what is really written


@pytest.mark.parametrize("role", USERS)
def test_role_edits_inside_its_scope_only(live: Live, client: httpx.Client, role: str) -> None:
    item = create(live, client)
    headers = live.auth(role, content_type=MERGE, if_match="*")
    patch = {"properties": {"name_en": role}}
    answer = client.patch(item.headers["location"], json=patch, headers=headers)
    assert answer.is_success is (role in EDITORS)
    after = client.get(item.headers["location"], headers=live.auth()).json()
    assert (after["properties"].get("name_en") == role) is (role in EDITORS)


@pytest.mark.parametrize("role", USERS)
@pytest.mark.parametrize("published", [False, True])
def test_role_deletes_what_it_may(
    live: Live, client: httpx.Client, role: str, published: bool
) -> None:
    item = create(live, client)
    deleters = {"gis_officer_in", "agency_admin_in", "supervisor_in"}
    if published:
        publish(live, client, item.json()["id"])
    else:
        deleters.add("officer_in")
    headers = live.auth(role, if_match="*")
    answer = client.delete(item.headers["location"], headers=headers)
    assert (answer.status_code == 204) is (role in deleters), answer.text
    left = client.get(item.headers["location"], headers=live.auth()).status_code
    assert left == (404 if role in deleters else 200)


@pytest.mark.parametrize("role", USERS)
def test_role_creates_inside_its_scope_only(live: Live, client: httpx.Client, role: str) -> None:
    name = f"สร้างโดย {role}"
    headers = live.auth(role, content_type=GEOJSON)
    answer = client.post(ITEMS, json=point(name), headers=headers)
    assert (answer.status_code == 201) is (role in EDITORS)
    found = client.get(ITEMS, params={"name_th": name}, headers=live.auth()).json()
    assert (found["numberMatched"] > 0) is (role in EDITORS)


def test_nobody_moves_a_point_out_of_reach(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    headers = live.auth("officer_in", content_type=MERGE, if_match="*")
    for away in ({"subdistrict_code": "570101", "district_code": None, "province_code": None},
                 {"agency_id": None}):  # fmt: skip
        answer = client.patch(item.headers["location"], json={"properties": away}, headers=headers)
        assert_problem(answer, 403)
    kept = client.get(item.headers["location"], headers=live.auth()).json()["properties"]
    assert (kept["revision"], kept["agency_id"]) == (1, OFFICE)


def test_nobody_verifies_an_own_edit(live: Live, client: httpx.Client) -> None:
    item_id = create(live, client).json()["id"]
    assert act(live, client, item_id, "submit", "gis_officer_in").is_success
    assert_problem(act(live, client, item_id, "verify", "gis_officer_in"), 403)
    assert_problem(act(live, client, item_id, "verify", "supervisor_out"), 404)
    assert act(live, client, item_id, "verify", "supervisor_in").is_success


@pytest.mark.parametrize("role", ROLES)
def test_list_shows_working_revisions_inside_the_scope_only(
    live: Live, client: httpx.Client, role: str
) -> None:
    headers = {} if role == ANYBODY else live.auth(role)
    answer = client.get(ITEMS, params={"state": "draft", "limit": "1000"}, headers=headers)
    if role == "disabled":
        assert_problem(answer, 401)
        return
    ids = {feature["id"] for feature in answer.json()["features"]}
    inside = {seeded(n, "draft")["id"] for n in range(4)}
    seen_by_officer = {i for n, i in enumerate(sorted(inside))}
    if role in READERS:
        assert inside & ids == seen_by_officer
    else:
        assert inside & ids == set()
    outside = {named_id(f"outside{n}") for n in (2, 3)}
    sees_outside = {"officer_out", "gis_officer_out", "agency_admin_out", "supervisor_out",
                    "planner_out", "admin"}  # fmt: skip
    assert outside & ids == (outside if role in sees_outside else set())


def test_public_never_sees_restricted_members(live: Live, client: httpx.Client) -> None:
    restricted = {"updated_by", "move_reason", "raw_coordinates", "return_reason", "issue_counts"}
    item = create(live, client, raw_coordinates="47Q 589012 2228891", secret_note="ลับ")
    publish(live, client, item.json()["id"])
    path = item.headers["location"]
    texts = [client.get(path).text, client.get(f"{path}/history").text]
    texts.append(client.get(ITEMS, params={"limit": "1000"}).text)
    texts.append(client.get("/ogc/collections/service-points/changes?limit=10000").text)
    texts.append(client.get(ITEMS, params={"limit": "1000", "f": "csv"}).text)
    texts.append(client.get(path, params={"f": "html"}).text)
    for text in texts:
        assert "47Q 589012" not in text
        assert "secret_note" not in text
        assert not [name for name in restricted if f'"{name}"' in text]
    inside = client.get(path, headers=live.auth()).json()["properties"]
    assert inside["raw_coordinates"] == "47Q 589012 2228891"
