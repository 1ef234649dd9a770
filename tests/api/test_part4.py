# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API - Features Part 4: the requirements as Given/When/Then checks of a client.

Source: OGC API - Features Part 4 and Common Part 5 (drafts of 2026), their requirements classes
create-replace-delete, update, optimistic locking, resource representation, handling, features.
"""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create
from tests.api.live_data import CATEGORIES, named_id, point

MERGE = "application/merge-patch+json"
MISSING = f"{ITEMS}/{named_id('never made')}"
OLD_DATE = "Sun, 01 Jan 2023 00:00:00 GMT"
GML_TYPE = "application/gml+xml"
GML = b'<Point xmlns="http://www.opengis.net/gml/3.2"><pos>20.1 99.8</pos></Point>'


def path_of(item: httpx.Response) -> str:
    """Return the path of the item that was asked for or made."""
    return str(item.headers.get("location", item.request.url))


def patched(
    live: Live, client: httpx.Client, item: httpx.Response, patch: object
) -> httpx.Response:
    """Send a merge patch with the tag of the item."""
    sent = live.auth(content_type=MERGE, if_match=item.headers["etag"])
    return client.patch(path_of(item), json=patch, headers=sent)


def replaced(
    live: Live, client: httpx.Client, item: httpx.Response, body: object
) -> httpx.Response:
    """Send a replacement with the tag of the item."""
    sent = live.auth(content_type=GEOJSON, if_match=item.headers["etag"])
    return client.put(path_of(item), json=body, headers=sent)


def seen(live: Live, client: httpx.Client, item: httpx.Response) -> httpx.Response:
    return client.get(path_of(item), headers=live.auth())


# --- the two end points


def test_01_options_of_items_lists_post_and_its_media_types(
    live: Live, client: httpx.Client
) -> None:
    answer = client.options(ITEMS, headers=live.auth())
    assert answer.status_code == 200
    assert "POST" in answer.headers["allow"].split(", ")
    assert GEOJSON in answer.headers["accept-post"].split(", ")


def test_02_options_of_an_item_lists_put_patch_and_delete(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    answer = client.options(path_of(item), headers=live.auth())
    assert answer.status_code == 200
    assert {"PUT", "PATCH", "DELETE", "GET"} <= set(answer.headers["allow"].split(", "))


def test_03_options_of_an_item_lists_the_patch_formats(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    answer = client.options(path_of(item), headers=live.auth())
    assert MERGE in answer.headers["accept-patch"].split(", ")


@pytest.mark.parametrize("part", ["ogcapi-common-5", "ogcapi-features-4"])
def test_04_conformance_declares_the_classes(client: httpx.Client, part: str) -> None:
    declared = client.get("/ogc/conformance").json()["conformsTo"]
    for name in ("create-replace-delete", "update", "optimistic-locking-etags"):
        assert f"http://www.opengis.net/spec/{part}/1.0/conf/{name}" in declared


# --- create


def test_05_create_answers_201_with_a_location_that_answers(
    live: Live, client: httpx.Client
) -> None:
    answer = create(live, client)
    assert client.get(answer.headers["location"], headers=live.auth()).status_code == 200


def test_06_created_feature_equals_the_submitted_one(live: Live, client: httpx.Client) -> None:
    sent = point(name_en="Mae Chan District Office", status="open")
    answer = client.post(ITEMS, json=sent, headers=live.auth(content_type=GEOJSON))
    got = client.get(answer.headers["location"], headers=live.auth()).json()
    assert got["geometry"] == sent["geometry"]
    assert sent["properties"].items() <= got["properties"].items()


def test_07_create_adds_one_item_to_the_collection(live: Live, client: httpx.Client) -> None:
    query = {"name_th": "นับหนึ่งครั้งเดียว"}
    create(live, client, **query)
    assert client.get(ITEMS, params=query, headers=live.auth()).json()["numberMatched"] == 1


def test_08_create_without_content_type_is_refused(live: Live, client: httpx.Client) -> None:
    answer = client.post(ITEMS, content=b'{"type": "Feature"}', headers=live.auth())
    assert_problem(answer, 400, "Content-Type")


def test_09_create_with_an_invalid_body_stores_nothing(live: Live, client: httpx.Client) -> None:
    body = point("ข้อมูลผิด ไม่ถูกเก็บ", category="no such category")
    answer = client.post(ITEMS, json=body, headers=live.auth(content_type=GEOJSON))
    assert_problem(answer, 422, "/properties/category")
    found = client.get(ITEMS, params={"name_th": "ข้อมูลผิด ไม่ถูกเก็บ"}, headers=live.auth())
    assert found.json()["numberMatched"] == 0


def test_10_gml_is_not_declared_and_creates_nothing(live: Live, client: httpx.Client) -> None:
    """The check asks for GML where it is declared; here it is neither declared nor taken."""
    declared = client.get("/ogc/conformance").json()["conformsTo"]
    assert not [name for name in declared if "gml" in name]
    answer = client.post(ITEMS, content=GML, headers=live.auth(content_type=GML_TYPE))
    assert_problem(answer, 415, "Content-Type")


# --- replace


def test_11_replace_answers_200_or_204_and_get_shows_the_new_feature(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    body = point("ชื่อใหม่ทั้งหมด", category=CATEGORIES[1])
    assert replaced(live, client, item, body).status_code in (200, 204)
    properties = seen(live, client, item).json()["properties"]
    assert properties["name_th"] == "ชื่อใหม่ทั้งหมด"
    assert properties["category"] == CATEGORIES[1]


def test_12_replace_drops_members_that_are_left_out(live: Live, client: httpx.Client) -> None:
    item = create(live, client, name_en="To be dropped", email="a@example.go.th")
    assert replaced(live, client, item, point()).status_code in (200, 204)
    properties = seen(live, client, item).json()["properties"]
    assert properties.get("name_en") is None
    assert properties.get("email") is None


def test_13_replace_without_content_type_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    headers = live.auth(if_match=item.headers["etag"])
    answer = client.put(path_of(item), content=b'{"type": "Feature"}', headers=headers)
    assert_problem(answer, 400, "Content-Type")


def test_14_replace_never_creates_under_the_id_of_the_body(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    other = named_id(f"other id of {item.json()['id']}")
    answer = replaced(live, client, item, point() | {"id": other})
    assert_problem(answer, 422, "/id")
    assert client.get(f"{ITEMS}/{other}", headers=live.auth()).status_code == 404


def test_15_replace_never_overwrites_the_feature_of_the_bodys_id(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    victim = create(live, client, name_th="ไม่ใช่เป้าหมาย")
    assert_problem(replaced(live, client, item, victim.json()), 422, "/id")
    assert seen(live, client, victim).headers["etag"] == victim.headers["etag"]


def test_16_replace_of_a_missing_feature_answers_404(live: Live, client: httpx.Client) -> None:
    headers = live.auth(content_type=GEOJSON)
    assert_problem(client.put(MISSING, json=point(), headers=headers), 404)
    assert client.get(MISSING, headers=live.auth()).status_code == 404


def test_17_replace_of_a_missing_feature_with_if_match_answers_404(
    live: Live, client: httpx.Client
) -> None:
    headers = live.auth(content_type=GEOJSON, if_match='"some-tag"')
    assert_problem(client.put(MISSING, json=point(), headers=headers), 404)


def test_18_ids_chosen_by_put_are_not_declared(client: httpx.Client) -> None:
    collection = client.get("/ogc/collections/service-points").json()
    assert collection.get("supportsNonAutogeneratedResourceIds", False) is False


def test_19_gml_replaces_nothing(live: Live, client: httpx.Client, item: httpx.Response) -> None:
    headers = live.auth(content_type=GML_TYPE, if_match="*")
    answer = client.put(path_of(item), content=GML, headers=headers)
    assert_problem(answer, 415, "Content-Type")
    kept = client.get(path_of(item), headers=live.auth())
    assert kept.headers["etag"] == item.headers["etag"]


# --- delete


def test_20_deleted_feature_is_gone(live: Live, client: httpx.Client, item: httpx.Response) -> None:
    headers = live.auth(if_match=item.headers["etag"])
    assert client.delete(path_of(item), headers=headers).status_code in (200, 204)
    assert_problem(seen(live, client, item), 404)


def test_21_delete_of_a_missing_feature_answers_404(live: Live, client: httpx.Client) -> None:
    assert_problem(client.delete(MISSING, headers=live.auth(if_match="*")), 404)


# --- update


def test_22_merge_patch_changes_only_what_it_names(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    before = seen(live, client, item).json()
    patch = {"properties": {"name_en": "District Office"}}
    assert patched(live, client, item, patch).status_code in (200, 204)
    after = seen(live, client, item).json()
    server_set = {"name_en", "revision", "updated_at"}
    assert after["geometry"] == before["geometry"]
    assert after["properties"]["name_en"] == "District Office"
    for name in before["properties"].keys() | after["properties"].keys() - server_set:
        if name not in server_set:
            assert after["properties"].get(name) == before["properties"].get(name), name


def test_23_merge_patch_moves_the_geometry_alone(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    patch = {"geometry": {"coordinates": [99.86, 20.15]}}
    assert patched(live, client, item, patch).status_code in (200, 204)
    got = seen(live, client, item).json()
    assert got["geometry"] == {"type": "Point", "coordinates": [99.86, 20.15]}
    assert got["properties"]["name_th"] == item.json()["properties"]["name_th"]


def test_24_null_in_a_merge_patch_unsets_a_property(live: Live, client: httpx.Client) -> None:
    item = create(live, client, name_en="To be unset")
    assert patched(live, client, item, {"properties": {"name_en": None}}).is_success
    assert seen(live, client, item).json()["properties"].get("name_en") is None


def test_25_null_in_a_merge_patch_unsets_the_geometry(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    assert patched(live, client, item, {"geometry": None}).is_success
    assert seen(live, client, item).json()["geometry"] is None


def test_26_merge_patch_cannot_change_the_id(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    assert_problem(patched(live, client, item, {"id": named_id("another")}), 422, "/id")


def test_27_update_without_content_type_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    headers = live.auth(if_match=item.headers["etag"])
    answer = client.patch(path_of(item), content=b'{"properties": {}}', headers=headers)
    assert_problem(answer, 400, "Content-Type")


def test_28_update_of_a_missing_feature_answers_404(live: Live, client: httpx.Client) -> None:
    headers = live.auth(content_type=MERGE, if_match="*")
    assert_problem(client.patch(MISSING, json={"properties": {}}, headers=headers), 404)
