# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments and the feed of tasks over HTTP: who sees and writes which, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.api.conftest import GEOJSON, Live, assert_problem
from tests.api.live_data import OFFICE, named_id

ASSIGNMENTS = "/ogc/collections/assignments/items"
TASKS = "/ogc/collections/tasks/items"


def place(**more: Any) -> dict[str, Any]:
    properties = {
        "state": "assigned", "name_th": f"ศูนย์ {uuid.uuid4().hex[:8]}", "district_code": "5707",
        "agency_id": OFFICE, "owner_id": named_id("officer_in"), "due_on": "2026-12-31",
    }  # fmt: skip
    return {"type": "Feature", "geometry": None, "properties": properties | more}


def assign(live: Live, client: httpx.Client, **more: Any) -> httpx.Response:
    headers = live.auth("agency_admin_in", content_type=GEOJSON)
    return client.post(ASSIGNMENTS, json=place(**more), headers=headers)


def test_owner_and_assigner_see_an_assignment_and_nobody_else(live: Live, client: httpx.Client):
    made = assign(live, client)
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix(live.url)
    for name in ("officer_in", "agency_admin_in", "supervisor_in"):
        assert client.get(where, headers=live.auth(name)).status_code == 200, name
    for name in ("officer_out", "gis_officer_out", "supervisor_out", "executive", "admin"):
        assert client.get(where, headers=live.auth(name)).status_code == 404, name
        found = client.get(ASSIGNMENTS, headers=live.auth(name)).json()["features"]
        assert found == [], name
    patch = {"properties": {"note": "x"}}
    for name, status in (("officer_in", 403), ("officer_out", 403), ("supervisor_out", 404)):
        answer = client.patch(where, json=patch, headers=live.auth(name, if_match="*"))
        assert_problem(answer, status)
    answer = client.patch(where, json=patch, headers=live.auth("supervisor_in", if_match="*"))
    assert answer.status_code == 204


def test_feed_of_open_tasks_is_the_users_own(live: Live, client: httpx.Client):
    name = f"ศูนย์ {uuid.uuid4().hex[:8]}"
    assert assign(live, client, name_th=name).status_code == 201
    address = f"{TASKS}?state=open&kind=pin_place&limit=1000"

    def names(user: str) -> list[str]:
        answer = client.get(address, headers=live.auth(user))
        assert answer.status_code == 200, answer.text
        return [task["properties"]["name_th"] for task in answer.json()["features"]]

    assert name in names("officer_in")
    for user in ("officer_out", "executive", "gis_officer_out"):
        assert name not in names(user)
    assert_problem(client.get(address), 401)
    first = client.get(f"{TASKS}?state=open&limit=1", headers=live.auth("officer_in"))
    (task,) = first.json()["features"]
    one = client.get(f"{TASKS}/{task['id']}", headers=live.auth("officer_in"))
    again = live.auth("officer_in", if_none_match=one.headers["etag"])
    assert client.get(f"{TASKS}/{task['id']}", headers=again).status_code == 304
    assert client.get(f"{TASKS}/{task['id']}", headers=live.auth("officer_out")).status_code == 404


def test_wrong_assignments_are_refused_with_their_place(live: Live, client: httpx.Client):
    for wrong, pointer in (
        ({"due_on": "31/02/2561"}, "/properties/due_on"),
        ({"state": "pin"}, "/properties/state"),
        ({"owner_id": "nobody"}, "/properties/owner_id"),
        ({"owner_id": named_id("officer_out")}, "/properties/owner_id"),
        ({"name_th": None}, "/properties/name_th"),
        ({"requested_by": "me"}, "/properties/requested_by"),
        ({"district_code": "5707", "province_code": "50"}, "/properties/district_code"),
        ({"point_id": str(uuid.uuid4())}, "/properties/point_id"),
    ):
        problem = assert_problem(assign(live, client, **wrong), 422)
        assert pointer in {each["pointer"] for each in problem["errors"]}, wrong
    name = f"ศูนย์ {uuid.uuid4().hex[:8]}"
    assert assign(live, client, name_th=name).status_code == 201
    assert_problem(assign(live, client, name_th=name), 409)
