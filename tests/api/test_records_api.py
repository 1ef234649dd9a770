# SPDX-License-Identifier: GPL-2.0-or-later
"""Collections beside service points over HTTP: listed, read and written by the same rules."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from geoapi.collections import COLLECTIONS
from tests.api.conftest import GEOJSON, Live, assert_problem, create

COPIES = "/ogc/collections/copy-requirements/items"
DRAFTS = "/ogc/collections/drafts/items"


def sent(**properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": None, "properties": properties}


def service(live: Live, client: httpx.Client) -> str:
    """Add a service and return its id."""
    service_id = str(uuid.uuid4())
    body = sent(code=f"s-{service_id[:8]}", name_th="ย้ายที่อยู่") | {"id": service_id}
    headers = live.auth("admin", content_type=GEOJSON)
    made = client.post("/ogc/collections/services/items", json=body, headers=headers)
    assert made.status_code == 201, made.text
    return service_id


def copy_of(item: httpx.Response, service_id: str = "", **more: Any) -> dict[str, Any]:
    point_id = item.headers["location"].rpartition("/")[2]
    named = service_id or str(uuid.uuid4())
    parts = {"point_id": point_id, "service_id": named, "document_type": "id_card"}
    return sent(**parts, copy_class="unknown", **more)


def test_collections_of_owners_are_listed_for_who_is_signed_in(live: Live, client: httpx.Client):
    def listed(**headers: str) -> set[str]:
        answer = client.get("/ogc/collections?f=json", headers=headers)
        return {each["id"] for each in answer.json()["collections"]}

    own = {c.id for c in COLLECTIONS.values() if c.has_owners}
    assert own == {"assignments", "drafts", "tasks"}
    assert listed() == COLLECTIONS.keys() - own
    assert listed(**live.auth()) == COLLECTIONS.keys()


def test_owners_collections_ask_for_a_sign_in(live: Live, client: httpx.Client):
    for name in ("assignments", "drafts", "tasks"):
        assert_problem(client.get(f"/ogc/collections/{name}/items"), 401)
        assert_problem(client.get(f"/ogc/collections/{name}/items/{uuid.uuid4()}"), 401)
        answer = client.get(f"/ogc/collections/{name}/items", headers=live.auth("executive"))
        assert (answer.status_code, answer.json()["features"]) == (200, [])


def test_record_is_written_like_a_service_point(live: Live, client: httpx.Client):
    item = create(live, client)
    headers = live.auth(content_type=GEOJSON, prefer="return=representation")
    made = client.post(COPIES, json=copy_of(item, service(live, client)), headers=headers)
    assert made.status_code == 201, made.text
    where, etag = made.headers["location"].removeprefix(live.url), made.headers["etag"]
    assert client.get(where).status_code == 404  # its point is a draft
    patch = {"properties": {"copy_class": "required"}}
    assert_problem(client.patch(where, json=patch, headers=live.auth()), 428)
    changed = client.patch(where, json=patch, headers=live.auth(if_match=etag))
    assert changed.status_code == 204, changed.text
    stale = client.patch(where, json=patch, headers=live.auth(if_match=etag))
    problem = assert_problem(stale, 412)
    assert problem["current"]["properties"]["copy_class"] == "required"
    history = client.get(f"{where}/history", headers=live.auth()).json()["revisions"]
    assert [entry["operation"] for entry in history] == ["create", "update"]
    verbs = client.options(where, headers=live.auth()).headers["allow"]
    assert verbs == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    gone = client.delete(where, headers=live.auth(if_match=changed.headers["etag"]))
    assert gone.status_code == 204
    assert client.get(where, headers=live.auth()).status_code == 404


def test_faults_of_a_record_are_named_with_their_place(live: Live, client: httpx.Client):
    item = create(live, client)
    headers = live.auth(content_type=GEOJSON)
    wrong = copy_of(item, plan_on="31/12/2570") | {"geometry": None}
    wrong["properties"]["copy_class"] = "never"
    problem = assert_problem(client.post(COPIES, json=wrong, headers=headers), 422)
    places = {error["pointer"] for error in problem["errors"]}
    assert places == {"/properties/plan_on", "/properties/copy_class"}
    unknown = sent(point_id=str(uuid.uuid4()), service_id=str(uuid.uuid4()), document_type="photo")
    assert_problem(client.post(COPIES, json=unknown, headers=headers), 422, "/properties/point_id")


def test_verbs_that_a_collection_does_not_know_are_refused(live: Live, client: httpx.Client):
    for name in ("tasks", "provinces"):
        answer = client.post(f"/ogc/collections/{name}/items", json=sent(), headers=live.auth())
        assert answer.status_code == 405, name
        assert "POST" not in answer.headers["allow"]
    item = create(live, client)
    photo = f"/ogc/collections/photos/items/{item.json()['id']}"
    assert client.put(photo, json=sent(), headers=live.auth()).status_code == 405


def test_draft_of_one_user_is_hidden_from_all_others(live: Live, client: httpx.Client):
    headers = live.auth("officer_in", content_type=GEOJSON)
    body = sent(point_id=str(uuid.uuid4()), fields={"name_th": "ยังไม่เสร็จ"})
    made = client.post(DRAFTS, json=body, headers=headers)
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix(live.url)
    assert client.get(where, headers=live.auth("officer_in")).status_code == 200
    for who in ("gis_officer_in", "supervisor_in", "agency_admin_in", "admin"):
        assert client.get(where, headers=live.auth(who)).status_code == 404, who
        answer = client.delete(where, headers=live.auth(who, if_match="*"))
        assert answer.status_code == 404, who
