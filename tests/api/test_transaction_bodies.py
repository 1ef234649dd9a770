# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad transactions are refused in two languages with the place of each mistake, never with 5xx."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import GEOJSON, Live, assert_problem
from tests.api.live_data import named_id
from tests.api.test_transactions import (
    PATH,
    TYPE,
    insert,
    new_point,
    only,
    post,
    seen,
    statuses,
    target,
)  # fmt: skip

BAD: list[tuple[Any, str]] = [
    ({}, "/transaction"),
    ({"transaction": []}, "/transaction"),
    ({"transaction": {}}, "/transaction"),
    ({"transaction": [7]}, "/transaction/0"),
    ({"transaction": [insert(new_point())], "semantic": "maybe"}, "/semantic"),
    ({"transaction": [insert(new_point())], "transactionSemantic": "batch"},
     "/transactionSemantic"),
    ({"transaction": [{"action": "upsert"}]}, "/transaction/0/action"),
    ({"transaction": [insert(collection="nowhere")]}, "/transaction/0/collection"),
    ({"transaction": [insert()]}, "/transaction/0/items"),
    ({"transaction": [insert(new_point()), insert(7)]}, "/transaction/1/items/0"),  # type: ignore[arg-type]
    ({"transaction": [{**insert(new_point()), "wrong": 1}]}, "/transaction/0/wrong"),
    ({"transaction": [target("delete", "x", "*") | {"filter": True}]}, "/transaction/0/filter"),
    ({"transaction": [target("delete", "x", "*") | {"filter": only("a") | {"op": "<"}}]},
     "/transaction/0/filter"),
    ({"transaction": [target("delete", "x", "no quotes")]}, "/transaction/0/if-match"),
    ({"transaction": [target("delete", "x", "*", reason=7)]}, "/transaction/0/reason"),
    ({"transaction": [target("replace", "x", "*")]}, "/transaction/0/feature"),
    ({"transaction": [target("update", "x", "*")]}, "/transaction/0"),
    ({"transaction": [target("update", "x", "*", properties={"modify": [1]})]},
     "/transaction/0/properties/modify/0"),
    ({"transaction": [target("transition", "x", "*", transition=7)]},
     "/transaction/0/transition"),
    ({"transaction": [target("delete", "a\0b", "*")]}, "/transaction/0/filter/args/1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "where"), BAD, ids=[where + str(n) for n, (_, where) in enumerate(BAD)]
)
def test_bad_envelope_is_refused_with_its_place(
    live: Live, client: httpx.Client, body: Any, where: str
) -> None:
    answer = client.post(PATH, json=body, headers=live.auth(content_type=TYPE))
    assert_problem(answer, 422, where)


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"", TYPE, 400),
        (b"{", TYPE, 400),
        (b"[]", TYPE, 422),
        (b"{}", "", 400),
        (b"{}", GEOJSON, 415),
    ],
)
def test_body_that_is_no_transaction_is_refused(
    live: Live, client: httpx.Client, content: bytes, media_type: str, status: int
) -> None:
    headers = live.auth(content_type=media_type) if media_type else live.auth()
    assert_problem(client.post(PATH, content=content, headers=headers), status)


def test_all_mistakes_of_an_envelope_are_told_at_once(live: Live, client: httpx.Client) -> None:
    answer = post(live, client, [{"action": "x"}, insert(), target("update", "a", "*")], "what")
    places = {error["pointer"] for error in assert_problem(answer, 422)["errors"]}
    assert places == {
        "/semantic", "/transaction/0/action", "/transaction/1/items", "/transaction/2",
    }  # fmt: skip


def test_more_items_than_allowed_are_refused(live: Live, client: httpx.Client) -> None:
    most = live.site.settings.max_transaction_actions
    target_all = target("delete", "x", "*") | {"filter": only(*["x"] * (most + 1))}
    for action in (insert(*[{}] * (most + 1)), target_all):
        problem = assert_problem(post(live, client, [action]), 413, "/transaction")
        assert str(most) in problem["detail_en"]


def test_body_may_be_larger_than_that_of_other_requests(live: Live, client: httpx.Client) -> None:
    # members that the schema does not name are kept
    items = [new_point(x_words="ย" * 5000) for _ in range(20)]
    assert len(json.dumps(items, ensure_ascii=False).encode()) > live.site.settings.max_body_bytes
    assert statuses(post(live, client, [insert(*items)])) == [201] * 20
    too_much = b" " * (live.site.settings.max_transaction_bytes + 1)
    assert_problem(client.post(PATH, content=too_much, headers=live.auth(content_type=TYPE)), 413)


def test_features_in_another_system_are_stored_in_crs84(live: Live, client: httpx.Client) -> None:
    feature = new_point()
    lon, lat = feature["geometry"]["coordinates"]
    feature["geometry"]["coordinates"] = [lat, lon]
    uri = "http://www.opengis.net/def/crs/EPSG/0/4326"
    answer = post(live, client, [insert(feature)], content_crs=f"<{uri}>")
    assert answer.status_code == 200, answer.text
    path = f"/ogc/collections/service-points/items/{feature['id']}"
    stored = client.get(path, headers=live.auth()).json()
    assert stored["geometry"]["coordinates"] == [lon, lat]


def test_content_crs_that_is_not_read_is_refused(live: Live, client: httpx.Client) -> None:
    crs = "<http://www.opengis.net/def/crs/EPSG/0/99999>"
    answer = post(live, client, [insert(new_point())], content_crs=crs)
    assert_problem(answer, 400, "Content-Crs")


def test_nobody_and_readers_write_nothing(live: Live, client: httpx.Client) -> None:
    new = new_point()
    assert_problem(post(live, client, [insert(new)], who=""), 401)
    assert_problem(post(live, client, [insert(new)], who="executive"), 403)
    assert_problem(post(live, client, [insert(new)], who="gis_officer_out"), 403)
    assert statuses(post(live, client, [insert(new)], "batch", who="officer_out")) == [403]
    assert seen(live, client, new["id"]).status_code == 404


def test_collections_that_nobody_writes_are_refused_per_action(
    live: Live, client: httpx.Client
) -> None:
    actions = [
        insert(new_point(), collection="provinces"),
        insert(new_point(), collection="photos"),
        target("transition", named_id("x"), "*", transition="submit") | {"collection": "drafts"},
        insert(new_point()),
    ]
    assert statuses(post(live, client, actions, "batch")) == [422, 422, 422, 201]


TEXTS = st.sampled_from(
    ["", "id", "*", '"w1-x"', "service-points", "drafts", "a\0", "ก", "=", "in"]
)
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS | st.just(named_id("verified1"))
JSON_VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FILTERS = JSON_VALUES | st.just(only(named_id("verified1"))) | st.builds(only, TEXTS)
FEATURES = JSON_VALUES | st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": JSON_VALUES, "properties": JSON_VALUES},
    optional={"id": JSON_VALUES, "crs": JSON_VALUES},
)
ACTIONS = st.fixed_dictionaries(
    {"action": st.sampled_from(["insert", "replace", "update", "delete", "transition"])},
    optional={
        "collection": st.sampled_from(["service-points", "services", "drafts", "photos", "tasks"]),
        "items": st.lists(FEATURES, max_size=2) | JSON_VALUES,
        "feature": FEATURES, "patch": FEATURES, "properties": FEATURES, "filter": FILTERS,
        "if-match": TEXTS, "reason": JSON_VALUES, "transition": TEXTS | st.just("submit"),
        "successor_id": LEAVES, "revision": LEAVES,
    },
)  # fmt: skip
ENVELOPES = st.fixed_dictionaries(
    {"transaction": st.lists(ACTIONS | JSON_VALUES, max_size=4)},
    optional={"semantic": st.sampled_from(["atomic", "batch"]) | JSON_VALUES},
)


@settings(
    max_examples=120, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(envelope=ENVELOPES)
def test_no_envelope_makes_the_server_fail(
    live: Live, client: httpx.Client, envelope: dict[str, Any]
) -> None:
    answer = client.post(
        PATH, content=json.dumps(envelope).encode(), headers=live.auth(content_type=TYPE)
    )
    assert answer.status_code < 500, (answer.text[:300], envelope)
    if answer.status_code != 200:
        assert_problem(answer, answer.status_code)
