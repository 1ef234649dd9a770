# SPDX-License-Identifier: GPL-2.0-or-later
"""Many writes in one request: atomic is all or nothing, batch is each action for itself."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.api.conftest import ITEMS, Live, assert_problem, create
from tests.api.live_data import named_id, point

PATH = "/ogc/transactions"
TYPE = "application/ogc-tx+json"
type Json = dict[str, Any]


def only(*ids: str) -> Json:
    """Return the filter that names items by their ids."""
    if len(ids) == 1:
        return {"op": "=", "args": [{"property": "id"}, ids[0]]}
    return {"op": "in", "args": [{"property": "id"}, list(ids)]}


def insert(*features: Json, collection: str = "service-points", **more: Any) -> Json:
    return {"action": "insert", "collection": collection, "items": list(features), **more}


def target(action: str, item_id: str, tag: str | None, **more: Any) -> Json:
    """Return an action on one service point; None for no condition."""
    condition = {} if tag is None else {"if-match": tag}
    return {
        "action": action, "collection": "service-points", "filter": only(item_id),
        **condition, **more,
    }  # fmt: skip


def update(item_id: str, tag: str | None, **properties: Any) -> Json:
    return target("update", item_id, tag, patch={"properties": properties})


def new_point(name: str = "จุดใหม่", **properties: Any) -> Json:
    return {**point(name, **properties), "id": str(uuid.uuid4())}


def post(
    live: Live, client: httpx.Client, actions: list[Json], semantic: str = "atomic",
    who: str = "gis_officer_in", **headers: str,
) -> httpx.Response:  # fmt: skip
    body = {"semantic": semantic, "transaction": actions}
    sent = live.auth(who, **{"content_type": TYPE, **headers})
    return client.post(PATH, json=body, headers=sent)


def seen(live: Live, client: httpx.Client, item_id: str) -> httpx.Response:
    return client.get(f"{ITEMS}/{item_id}", headers=live.auth())


def tag_of(made: httpx.Response) -> tuple[str, str]:
    return made.json()["id"], made.headers["etag"]


def statuses(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text[:600]
    return [result["status"] for result in answer.json()["results"]]


def test_atomic_does_every_kind_of_action_and_counts_them(live: Live, client: httpx.Client) -> None:
    changed, replaced, deleted, stepped = (tag_of(create(live, client)) for _ in range(4))
    new = new_point()
    answer = post(live, client, [
        insert(new, id="the new one"),
        update(*changed, name_en="Changed"),
        target("replace", *replaced, feature=point("แทนที่")),
        target("delete", *deleted, reason="ซ้ำ"),
        target("transition", *stepped, transition="submit"),
    ])  # fmt: skip
    assert statuses(answer) == [201, 204, 204, 204, 204]
    told = answer.json()
    assert told["semantic"] == "atomic"
    assert told["summary"] == {
        "totalInserted": 1, "totalReplaced": 1, "totalUpdated": 1, "totalDeleted": 1,
        "totalTransitioned": 1, "totalFailed": 0,
    }  # fmt: skip
    assert told["insertResults"] == [f"{live.url}{ITEMS}/{new['id']}"]
    assert told["results"][0]["id"] == "the new one"
    assert told["results"][0]["pointer"] == "/transaction/0/items/0"
    assert seen(live, client, new["id"]).headers["etag"] == told["results"][0]["etag"]
    for (item_id, _), result in zip((changed, replaced), told["results"][1:3], strict=True):
        assert seen(live, client, item_id).headers["etag"] == result["etag"]
    assert seen(live, client, deleted[0]).status_code == 404
    assert seen(live, client, stepped[0]).json()["properties"]["state"] == "submitted"


def test_atomic_reports_every_problem_of_every_action_and_stores_nothing(
    live: Live, client: httpx.Client
) -> None:
    (late, tag), good = tag_of(create(live, client)), new_point("ไม่ถูกบันทึก")
    update_once = {"properties": {"name_en": "First"}}
    headers = live.auth(content_type="application/merge-patch+json", if_match=tag)
    now = client.patch(f"{ITEMS}/{late}", json=update_once, headers=headers)
    answer = post(live, client, [
        insert(good),
        insert(new_point(category="nonsense", website=7)),
        update(late, tag, name_en="Second"),
        update(late, None, name_en="Third"),
        target("delete", named_id("never there"), "*"),
    ])  # fmt: skip
    problem = assert_problem(answer, 422, "/transaction/1/items/0/properties/category")
    places = {(e["action"], e["pointer"]) for e in problem["errors"]}
    assert (1, "/transaction/1/items/0/properties/website") in places
    assert {place[0] for place in places} == {1, 2, 3, 4}
    told = {e["action"]: e for e in problem["exceptions"]}
    assert [told[n]["status"] for n in (1, 2, 3, 4)] == [422, 412, 428, 404]
    assert told[2]["current"]["properties"]["name_en"] == "First"
    assert told[2]["etag"] == now.headers["etag"]
    assert problem["summary"]["totalInserted"] == 0
    assert problem["summary"]["totalFailed"] == 4
    assert seen(live, client, good["id"]).status_code == 404


def test_batch_does_what_can_be_done_and_tells_of_each_action_in_order(
    live: Live, client: httpx.Client
) -> None:
    (late, tag), good = tag_of(create(live, client)), new_point()
    answer = post(live, client, [
        insert(new_point(category="nonsense")),
        insert(good, new_point(agency_id=named_id("no such agency"))),
        update(late, '"w9-never"', name_en="X"),
        update(late, tag, name_en="Kept"),
        update(late, tag, name_en="Too late"),
    ], "batch")  # fmt: skip
    assert statuses(answer) == [422, 201, 422, 412, 204, 412]
    told = answer.json()
    assert told["summary"]["totalFailed"] == 4
    assert [e["pointer"] for e in told["exceptions"]] == [
        "/transaction/0/items/0", "/transaction/1/items/1", "/transaction/2/patch",
        "/transaction/4/patch",
    ]  # fmt: skip
    assert told["exceptions"][3]["current"]["properties"]["name_en"] == "Kept"
    assert seen(live, client, good["id"]).status_code == 200
    assert seen(live, client, late).json()["properties"]["name_en"] == "Kept"


def test_created_items_may_name_each_other(live: Live, client: httpx.Client) -> None:
    main = new_point("ศาลากลาง")
    branch = new_point("สำนักงานสาขา", parent_id=main["id"])
    draft = {
        "type": "Feature", "id": str(uuid.uuid4()), "geometry": None,
        "properties": {"point_id": main["id"], "fields": {}},
    }  # fmt: skip
    actions = [
        insert(main, branch),
        insert(draft, collection="drafts"),
        target("transition", main["id"], "*", transition="submit"),
        update(branch["id"], "*", name_en="Branch"),
    ]
    assert statuses(post(live, client, actions)) == [201, 201, 201, 204, 204]
    found = seen(live, client, branch["id"]).json()["properties"]
    assert (found["parent_id"], found["revision"]) == (main["id"], 2)
    assert seen(live, client, main["id"]).json()["properties"]["state"] == "submitted"
    # in this order the main place is not there yet
    late = new_point()
    early = new_point(parent_id=late["id"])
    problem = assert_problem(post(live, client, [insert(early, late)]), 422)
    assert problem["errors"][0]["pointer"] == "/transaction/0/items/0/properties/parent_id"


def test_draft_of_the_standard_changes_members_by_name(live: Live, client: httpx.Client) -> None:
    item_id, tag = tag_of(create(live, client, name_en="Old", short_name="ย่อ"))
    place = {"type": "Point", "coordinates": [99.86, 20.15]}
    changes = {
        "add": [{"name": "address_th", "value": "ถนนพหลโยธิน"}],
        "modify": [{"name": "geometry", "value": place}, {"name": "name_en", "value": "New"}],
        "delete": ["short_name"],
    }
    answer = post(live, client, [target("update", item_id, tag, properties=changes)])
    assert statuses(answer) == [204]
    found = seen(live, client, item_id).json()
    assert found["geometry"] == place
    assert found["properties"]["name_en"] == "New"
    assert found["properties"]["address_th"] == "ถนนพหลโยธิน"
    assert found["properties"].get("short_name") is None


def test_a_filter_may_name_several_items_and_if_match_their_tags(
    live: Live, client: httpx.Client
) -> None:
    made = [tag_of(create(live, client)) for _ in range(2)]
    tags = ", ".join(tag for _, tag in made)
    action = update("", tags, name_en="Both") | {"filter": only(*(i for i, _ in made))}
    answer = post(live, client, [action], "batch")
    assert statuses(answer) == [204, 204]
    assert [r["item"] for r in answer.json()["results"]] == [0, 1]
    assert statuses(post(live, client, [action], "batch")) == [412, 412]


def test_history_tells_of_each_item_with_its_reason(live: Live, client: httpx.Client) -> None:
    new = new_point()
    post(live, client, [
        insert(new), update(new["id"], "*", name_en="X") | {"reason": "แก้ชื่อ"},
        target("delete", new["id"], "*", reason="ซ้ำ"),
    ], pakmud_reason="from the field".replace(" ", "-"))  # fmt: skip
    history = client.get(f"{ITEMS}/{new['id']}/history", headers=live.auth()).json()
    entries = [(e["operation"], e["reason"]) for e in history["revisions"]]
    assert entries == [
        ("create", "from-the-field"), ("update", "แก้ชื่อ"), ("delete", "ซ้ำ"),
    ]  # fmt: skip


def test_preferences_choose_how_much_is_told(live: Live, client: httpx.Client) -> None:
    brief = post(live, client, [insert(new_point())], prefer="return=minimal")
    assert set(brief.json()) == {"semantic", "summary"}
    assert brief.headers["preference-applied"] == "return=minimal"
    full = post(live, client, [insert(new_point())], prefer="return=representation")
    (result,) = full.json()["results"]
    assert result["feature"]["etag"] == result["etag"]
    assert result["feature"]["links"]
    assert full.headers["preference-applied"] == "return=representation"
    refused = post(
        live, client, [insert(new_point(category="x"))], "batch", prefer="return=minimal"
    )
    assert refused.json()["exceptions"][0]["status"] == 422


def test_strict_handling_refuses_what_would_be_mended(live: Live, client: httpx.Client) -> None:
    odd = new_point(unknown_member=1)
    strict = post(live, client, [insert(odd)], prefer="handling=strict")
    assert_problem(strict, 422, "/transaction/0/items/0/properties/unknown_member")
    assert strict.headers["preference-applied"] == "handling=strict"
    assert statuses(post(live, client, [insert(odd)], prefer="handling=lenient")) == [201]


def test_atomic_answers_with_the_status_that_all_refusals_share(
    live: Live, client: httpx.Client
) -> None:
    (item_id, _), (other, _) = (tag_of(create(live, client)) for _ in range(2))
    stale = [update(i, '"w9-old"', name_en="X") for i in (item_id, other)]
    problem = assert_problem(post(live, client, stale), 412)
    assert problem["code"] == "PreconditionFailed"
    assert all(e["current"] for e in problem["exceptions"])
