# SPDX-License-Identifier: GPL-2.0-or-later
"""The service point document: each problem at its place, whatever a client sends."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi import document
from geoapi.errors import InvalidDocumentError
from geoapi.messages import known_message_ids, message

ID = "11111111-1111-4111-8111-111111111111"


def point(**properties: Any) -> dict[str, Any]:
    defaults = {"name_th": "ศาลากลาง", "category": "provincial_hall"}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [99.83, 19.91]},
        "properties": defaults | properties,
    }


def problems(feature: Any, current: Any = None) -> set[tuple[str, str]]:
    """Return {(message id without its prefix, pointer)}; each message can be said."""
    try:
        document.check(feature, current)
    except InvalidDocumentError as error:
        for problem in error.problems:
            assert problem.message_id in known_message_ids()
            for language in ("th", "en"):
                assert "{" not in message(problem.message_id, language, problem.params)[:20]
        return {(p.message_id.removeprefix("document."), p.pointer) for p in error.problems}
    return set()


def test_a_plain_point_is_fine_placed_or_not_with_members_nobody_knows():
    assert problems(point()) == set()
    assert problems({**point(own={"a": [1, None]}), "geometry": None, "id": ID}) == set()


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        (
            {"phones": [{"number": "053"},
            {"number": "05"}]}, {("pattern", "/properties/phones/1/number")},
        ),
        ({"phones": [{"ext": "1"}]}, {("required", "/properties/phones/0/number")}),
        (
            {"phones": [{"number": "1111", "kind": "pager"}]},
            {("enum", "/properties/phones/0/kind")},
        ),
        ({"phones": {"number": "1111"}}, {("type", "/properties/phones")}),
        ({"phones": [{"number": "1111"}] * 21}, {("maxItems", "/properties/phones")}),
        ({"card_readers": {"working": -1}}, {("minimum", "/properties/card_readers/working")}),
        (
            {"card_readers": {"planned_on": "31/12/2026"}},
            {("format", "/properties/card_readers/planned_on")},
        ),
        ({"name_th": "ก"}, {("minLength", "/properties/name_th")}),
        ({"name_th": "ก" * 251}, {("maxLength", "/properties/name_th")}),
        ({"category": "castle"}, {("enum", "/properties/category")}),
        ({"agency_id": "15003"}, {("format", "/properties/agency_id")}),
        ({"accuracy_m": True}, {("type", "/properties/accuracy_m")}),
        ({"status": None}, {("type", "/properties/status"), ("enum", "/properties/status")}),
        ({"province_code": "57\n"}, {("pattern", "/properties/province_code")}),
        ({"province_code": "๕๗"}, {("pattern", "/properties/province_code")}),
        ({"phones": [{"number": "1111\n"}]}, {("pattern", "/properties/phones/0/number")}),
        ({"website": "https://a.example\n"}, {("pattern", "/properties/website")}),
        ({"website": "javascript:alert(1)"}, {("pattern", "/properties/website")}),
        (
            {"no_phone": True, "phones": [{"number": "1111"}]},
            {("phones_but_no_phone", "/properties/phones")},
        ),
        (
            {"subdistrict_code": "570101", "province_code": "50"},
            {("area_codes_disagree", "/properties/subdistrict_code")},
        ),
        (
            {"district_code": "5701", "subdistrict_code": "570201"},
            {("area_codes_disagree", "/properties/subdistrict_code")},
        ),
        ({"state": "verified"}, {("read_only", "/properties/state")}),
        ({"revision": 7, "short_code": "X"}, {("read_only", "/properties/revision"),
        ("read_only", "/properties/short_code")}),
        ({"own": {"a/b": ["x", "\0"]}}, {("nul_character", "/properties/own/a~1b/1")}),
        ({"own\0": 1}, {("nul_character", "/properties")}),
        ({"own": float("nan")}, {("other", "/properties/own")}),
        ({"own": [2**70]}, {("other", "/properties/own/0")}),
        ({"own": "\ud800"}, {("other", "/properties/own")}),
    ],
)  # fmt: skip
def test_each_problem_is_found_at_its_place(properties: dict[str, Any], found: set[Any]):
    assert problems(point(**properties)) == found


@pytest.mark.parametrize(
    ("geometry", "found"),
    [
        ({"type": "LineString", "coordinates": [99.8, 19.9]}, {("const", "/geometry/type")}),
        ({"type": "Point"}, {("required", "/geometry/coordinates")}),
        ({}, {("required", "/geometry/type"), ("required", "/geometry/coordinates")}),
        ({"type": "Point", "coordinates": [99.8]}, {("minItems", "/geometry/coordinates")}),
        ({"type": "Point", "coordinates": [99.8, "x"]}, {("type", "/geometry/coordinates/1")}),
        ({"type": "Point", "coordinates": [181, 19]}, {("maximum", "/geometry/coordinates/0")}),
        ("here", {("oneOf", "/geometry")}), ([99.8, 19.9], {("oneOf", "/geometry")}),
        (
            {"type": "Point", "coordinates": [99.8, float("inf")]},
            {("other", "/geometry/coordinates/1")},
        ),
    ],
)  # fmt: skip
def test_geometry_problems_say_more_than_that_nothing_fits(geometry: Any, found: set[Any]):
    assert problems({**point(), "geometry": geometry}) == found


def test_all_missing_members_are_named():
    wanted = {("required", f"/{name}") for name in ("type", "geometry", "properties")}
    assert problems({}) == wanted
    bare = {"type": "Feature", "geometry": None, "properties": {}}
    names = {("required", f"/properties/{name}") for name in ("name_th", "category")}
    assert problems(bare) == names


@pytest.mark.parametrize("feature", [None, [], "x", 1, {"properties": None}, {"geometry": []}])
def test_what_is_no_feature_is_refused_like_everything_else(feature: Any):
    assert problems(feature)


def test_deep_nesting_is_refused_before_anything_walks_into_it():
    deep: Any = 1
    for _ in range(5000):
        deep = {"a": [deep]}
    assert problems(point(own=deep)) == {("too_deep", "")}
    with pytest.raises(InvalidDocumentError):
        document.refuse_unkeepable({"properties": {"own": deep}})


def test_swapped_axes_are_told_with_the_right_pair_and_nothing_else():
    swapped = {**point(phones=1), "geometry": {"type": "Point", "coordinates": [19.91, 99.83, 4]}}
    with pytest.raises(InvalidDocumentError) as caught:
        document.check(swapped)
    (problem,) = caught.value.problems
    assert (problem.message_id, problem.pointer) == (
        "document.swapped_axes", "/geometry/coordinates",
    )  # fmt: skip
    assert problem.params == {"lon": 99.83, "lat": 19.91}
    assert "[99.83, 19.91]" in message(problem.message_id, "en", problem.params)


def test_read_only_members_may_be_sent_back_but_not_changed():
    current = point(state="draft", revision=3, photos=["a"])
    assert problems(point(state="draft", revision=3, photos=["a"]), current) == set()
    assert problems(point(), current) == set()
    changed = problems(point(state="verified", revision=3, photos=[]), current)
    assert changed == {("read_only", "/properties/state"), ("read_only", "/properties/photos")}


def test_a_kept_document_has_its_id_rounded_position_and_all_area_codes():
    feature = point(subdistrict_code="570101", own=1)
    feature["geometry"]["coordinates"] = [99.83251234567, 19.5, 400]
    feature["foreign"] = True
    before = copy.deepcopy(feature)
    kept = document.normalised(feature, ID)
    assert kept["geometry"] == {"type": "Point", "coordinates": [99.8325123, 19.5]}
    said = kept["properties"]
    assert (said["district_code"], said["province_code"]) == ("5701", "57")
    assert (kept["id"], said["status"], said["own"]) == (ID, "open", 1)
    assert feature == before
    assert document.normalised(kept, ID) == kept


def test_the_public_document_has_only_public_members_on_every_level():
    feature = point(
        updated_by="u", move_reason="x", raw_coordinates="x", return_reason="x", issue_counts={},
        own=1, phones=[{"number": "1111", "own": 1}], card_readers={"installed": 1, "own": 1},
        photos=["a"], services={"a": 1},
    )  # fmt: skip
    said = document.public_document(feature)["properties"]
    assert said == {
        "name_th": "ศาลากลาง", "category": "provincial_hall", "phones": [{"number": "1111"}],
        "card_readers": {"installed": 1}, "photos": ["a"], "services": {"a": 1},
    }  # fmt: skip
    assert feature["properties"]["phones"][0]["own"] == 1


# RFC 7396, appendix A
@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}), ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}), ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}), ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}), (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]), ({"a": "foo"}, None, None), ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}), ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)  # fmt: skip
def test_merge_patch_does_what_the_standard_lists(original: Any, patch: Any, result: Any):
    before = copy.deepcopy(original)
    assert document.apply_merge_patch(original, patch) == result
    assert original == before


numbers = st.integers() | st.floats() | st.sampled_from([1e308, -0.0, 2**64, 10**400])
names = st.sampled_from(
    ["type", "geometry", "properties", "id", "coordinates", "number",
     *sorted(document.properties_schema())]
)  # fmt: skip
leaves = (
    st.none() | st.booleans() | numbers | st.text(max_size=8)
    | st.text(st.characters(), max_size=3)
    | st.sampled_from(["Feature", "Point", "57\n", "\0", "\ud800"])
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=trees, properties=st.dictionaries(names, trees, max_size=5), position=trees)
def test_nothing_but_our_own_error_ever_comes_out_and_what_passes_can_be_kept(
    tree: Any, properties: dict[str, Any], position: Any
):
    dressed = point(**properties)
    dressed["geometry"] = {"type": "Point", "coordinates": position}
    for feature in (tree, dressed, point(**properties), {**point(), "geometry": tree}):
        try:
            document.check(feature)
        except InvalidDocumentError:
            continue
        kept = document.normalised(feature, ID)
        orjson.dumps(document.public_document(kept))
