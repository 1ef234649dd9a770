# SPDX-License-Identifier: GPL-2.0-or-later
"""Services, copies and what to bring over HTTP: rights, conditions, words, links."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create
from tests.api.live_data import MINISTRY, OTHER_MINISTRY

SERVICES = "/ogc/collections/services/items"
OFFERS = "/ogc/collections/point-services/items"
COPIES = "/ogc/collections/copy-requirements/items"
ID_CARD = {
    "document_type": "id_card", "name_th": "บัตรประจำตัวประชาชน", "originals": 1, "copies": 1,
    "obtainable_by_link": True,
}  # fmt: skip
HOUSE = {
    "document_type": "house_reg", "name_th": "ทะเบียนบ้าน", "originals": 1, "copies": 0,
    "obtainable_by_link": True,
}  # fmt: skip


def sent(**properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": None, "properties": properties}


def posted(live: Live, client: httpx.Client, address: str, who: str, body: Any) -> httpx.Response:
    return client.post(address, json=body, headers=live.auth(who, content_type=GEOJSON))


def add_service(live: Live, client: httpx.Client, who: str = "agency_admin_in", **more: Any) -> str:
    values = {
        "code": f"s-{uuid.uuid4().hex[:10]}", "name_th": "ย้ายที่อยู่", "agency_id": MINISTRY,
        "review_state": "published", "documents": [ID_CARD, HOUSE],
        "steps": [{"no": 1, "name_th": "ตรวจเอกสาร", "minutes": 10}],
        "fees": [{"item_th": "คำขอ", "amount_baht": 5}],
    }  # fmt: skip
    made = posted(live, client, SERVICES, who, sent(**{**values, **more}))
    assert made.status_code == 201, made.text
    return made.headers["location"].rpartition("/")[2]


def public_point(live: Live, client: httpx.Client, **properties: Any) -> str:
    item = create(live, client, **properties)
    address, etag = item.headers["location"].removeprefix(live.url), item.headers["etag"]
    for who, action in (("officer_in", "submit"), ("supervisor_in", "verify")):
        done = client.post(
            f"{address}/transitions", json={"action": action},
            headers=live.auth(who, if_match=etag),
        )  # fmt: skip
        assert done.status_code in (200, 204), done.text
        etag = done.headers["etag"]
    return address.rpartition("/")[2]


def offered(live: Live, client: httpx.Client, **properties: Any) -> tuple[str, str]:
    """Return the ids of a public point and of a service that it offers."""
    point_id, service_id = public_point(live, client, **properties), add_service(live, client)
    made = posted(
        live, client, OFFERS, "officer_in", sent(point_id=point_id, service_id=service_id)
    )
    assert made.status_code == 201, made.text
    return point_id, service_id


def rows_of(client: httpx.Client, point_id: str) -> dict[str, Any]:
    answer = client.get(COPIES, params={"point_id": point_id}).json()
    return {f["properties"]["document_type"]: f for f in answer["features"]}


def declare(live: Live, client: httpx.Client, row: Any, **values: Any) -> httpx.Response:
    return client.patch(
        f"{COPIES}/{row['id']}", json={"properties": values},
        headers=live.auth("officer_in", if_match="*"),
    )  # fmt: skip


def test_r46_copies_still_demanded_are_a_public_collection(live: Live, client: httpx.Client):
    point_id, _ = offered(live, client)
    rows = rows_of(client, point_id)
    assert {kind: f["properties"]["copy_class"] for kind, f in rows.items()} == {
        "id_card": "unknown", "house_reg": "unknown",
    }  # fmt: skip
    assert declare(live, client, rows["id_card"], copy_class="required").status_code == 204
    found = client.get(COPIES, params={"point_id": point_id, "copy_class": "required"}).json()
    (feature,) = found["features"]
    assert {"declared_by", "updated_by", "evidence"}.isdisjoint(feature["properties"])
    assert feature["properties"]["declared_at"]
    point = client.get(f"{ITEMS}/{point_id}").json()["properties"]
    assert point["copy_badge"] == "required"


def test_r45_what_to_bring_is_one_answer(live: Live, client: httpx.Client):
    point_id, service_id = offered(
        live, client, civil_registry_link="live", card_readers={"installed": 1, "working": 1}
    )
    rows = rows_of(client, point_id)
    declare(live, client, rows["house_reg"], copy_class="not_required", copies=0)
    address = f"{ITEMS}/{point_id}/what-to-bring"
    answer = client.get(address, params={"service": service_id})
    assert answer.status_code == 200
    found = answer.json()
    card, house = found["documents"]
    assert (card["copy"]["code"], card["must_bring"]) == ("unknown", True)
    assert (house["copy"]["th"], house["must_bring"]) == ("ไม่ต้องใช้สำเนา", False)
    assert (house["looked_up_by"], house["copies"]) == ("registry_link", 0)
    assert [step["minutes"] for step in found["service"]["steps"]] == [10]
    assert found["fees"][0]["amount_baht"] == 5
    assert found["copy_badge"]["code"] == "unknown"
    same = client.get(address, params={"service": found["service"]["code"]})
    assert same.json() == found
    again = client.get(
        address, params={"service": service_id}, headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_what_to_bring_says_what_is_wrong(live: Live, client: httpx.Client):
    point_id, _ = offered(live, client)
    address = f"{ITEMS}/{point_id}/what-to-bring"
    assert_problem(client.get(address), 400)
    assert_problem(client.get(address, params={"service": "x", "limit": "1"}), 400)
    problem = assert_problem(client.get(address, params={"service": "no-such"}), 404)
    assert "s-" in problem["detail"]
    assert_problem(client.get(address, params={"service": "a\0b"}), 404)
    unknown = f"{ITEMS}/{uuid.uuid4()}/what-to-bring?service=x"
    assert_problem(client.get(unknown), 404)
    other = f"/ogc/collections/agencies/items/{MINISTRY}/what-to-bring?service=x"
    assert_problem(client.get(other), 404)


def test_services_are_written_by_their_agency_alone(live: Live, client: httpx.Client):
    service_id = add_service(live, client)
    where, patch = f"{SERVICES}/{service_id}", {"properties": {"name_en": "Moving"}}
    headers = {"if_match": "*"}
    for who in ("officer_in", "supervisor_in", "agency_admin_out", "planner_in"):
        answer = client.patch(where, json=patch, headers=live.auth(who, **headers))
        assert_problem(answer, 403)
    assert_problem(client.patch(where, json=patch), 401)
    assert_problem(client.patch(where, json=patch, headers=live.auth("agency_admin_in")), 428)
    for who in ("agency_admin_in", "admin"):
        answer = client.patch(where, json=patch, headers=live.auth(who, **headers))
        assert answer.status_code == 204, answer.text
    foreign = sent(code=f"x-{uuid.uuid4().hex[:8]}", name_th="อื่น", agency_id=OTHER_MINISTRY)
    assert_problem(posted(live, client, SERVICES, "agency_admin_in", foreign), 403)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"plan_on": "2570-01-01"}, "/properties/plan_on"),
        ({"plan_on": "2019-01-01"}, "/properties/plan_on"),
        ({"plan_on": "31/12/2570"}, "/properties/plan_on"),
        ({"copy_class": "sometimes"}, "/properties/copy_class"),
        ({"fee_baht": -1}, "/properties/fee_baht"),
        ({"fee_baht": 5, "is_charged": False}, "/properties/fee_baht"),
        ({"verify_method": "magic"}, "/properties/verify_method"),
        ({"declared_by": "me"}, "/properties/declared_by"),
        ({"guide_copies": 9}, "/properties/guide_copies"),
        ({"document_type": "photo"}, "/properties/document_type"),
    ],
)
def test_bad_declarations_are_refused_in_two_languages(
    live: Live, client: httpx.Client, values: dict[str, Any], pointer: str
):
    point_id, _ = offered(live, client)
    row = rows_of(client, point_id)["id_card"]
    problem = assert_problem(declare(live, client, row, **values), 422, pointer)
    error = next(e for e in problem["errors"] if e["pointer"] == pointer)
    assert re.search("[ก-๛]", error["detail_th"])
    assert re.search("[a-z]", error["detail_en"])
    if values.get("plan_on") == "2570-01-01":
        assert "2027-01-01" in error["detail_en"]


def test_page_of_what_to_bring_is_found_by_the_points_code(live: Live, client: httpx.Client):
    point_id, service_id = offered(live, client)
    point = client.get(f"{ITEMS}/{point_id}").json()["properties"]
    code = client.get(f"{SERVICES}/{service_id}").json()["properties"]["code"]
    page = client.get(f"/p/{point['short_code']}/services/{code}?lang=en")
    assert page.status_code == 200
    assert "What to bring" in page.text
    by_id = client.get(f"/p/{point_id}/services/{service_id}", follow_redirects=False)
    assert (by_id.status_code, by_id.headers["location"]) == (
        301, f"/p/{point['short_code']}/services/{code}",
    )  # fmt: skip
    assert client.get(f"/p/{point['short_code']}/services/none").status_code == 404


def test_codes_are_one_services_and_law_is_public(live: Live, client: httpx.Client):
    service_id = add_service(live, client)
    code = client.get(f"{SERVICES}/{service_id}").json()["properties"]["code"]
    twice = sent(code=code, name_th="ซ้ำ", agency_id=MINISTRY)
    assert_problem(posted(live, client, SERVICES, "agency_admin_in", twice), 409)
    assert client.get("/ogc/collections/legal-instruments/items").status_code == 200
    law = sent(code="x-1", name_th="ระเบียบ", instrument_type="regulation")
    assert_problem(
        posted(live, client, "/ogc/collections/legal-instruments/items", "officer_in", law), 403
    )
