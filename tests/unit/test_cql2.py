# SPDX-License-Identifier: GPL-2.0-or-later
"""CQL2 is read as the standard says; what is wrong is named, whatever it is."""

from __future__ import annotations

import json

import pytest

from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.document import properties_schema, public_names
from geoapi.errors import UsageError
from geoapi.messages import known_message_ids
from geoapi.ogc.cql2 import FilterLanguage, parse, read_filter
from geoapi.record_collections import RECORD_COLLECTIONS
from geoapi.record_schemas import record_schema
from geoapi.store.query import ItemQuery, page_sql


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = 1 OR b = 2 AND NOT c = 3", {"op": "or", "args": [
            {"op": "=", "args": [{"property": "a"}, 1]},
            {"op": "and", "args": [
                {"op": "=", "args": [{"property": "b"}, 2]},
                {"op": "not", "args": [{"op": "=", "args": [{"property": "c"}, 3]}]}]}]}),
        ("ชื่อ.ไทย = 'x'", {"op": "=", "args": [{"property": "ชื่อ.ไทย"}, "x"]}),
        ('"in" = -1.5e-3', {"op": "=", "args": [{"property": "in"}, -0.0015]}),
        (r"a = 'it''s \'so\' \%'", {"op": "=", "args": [{"property": "a"}, r"it's 'so' \%"]}),
        ("a not between 1+2*3 and 4", {"op": "not", "args": [{"op": "between", "args": [
            {"property": "a"},
            {"op": "+", "args": [1, {"op": "*", "args": [2, 3]}]}, 4]}]}),
        ("a-1=b", {"op": "=", "args": [{"op": "-", "args": [{"property": "a"}, 1]},
                                       {"property": "b"}]}),
        ("s_intersects(g, point z (1 2 3))", {"op": "s_intersects", "args": [
            {"property": "g"}, {"type": "Point", "coordinates": [1, 2, 3]}]}),
        ("t_during(i, interval(DATE('2026-01-01'),'..'))", {"op": "t_during", "args": [
            {"property": "i"}, {"interval": [{"date": "2026-01-01"}, ".."]}]}),
        ("a_equals(x, ())", {"op": "a_equals", "args": [{"property": "x"}, []]}),
        ("notable = orange", {"op": "=", "args": [{"property": "notable"},
                                                  {"property": "orange"}]}),
        ("point = 1", {"op": "=", "args": [{"property": "point"}, 1]}),
        ("\n a\t=\u00a01 ", {"op": "=", "args": [{"property": "a"}, 1]}),
    ],
)  # fmt: skip
def test_text_becomes_its_json(text: str, wanted: object) -> None:
    assert parse(text, "cql2-text") == wanted


BAD_TEXTS = [
    ("", "text_ends"), ("category =", "text_ends"), ("category = 'x", "text_broken"),
    ("category = 'x')", "text_broken"), ("= 3", "text_broken"), ("category == 'x'", "text_broken"),
    ("category = 'x'; DROP TABLE change", "text_broken"),
    ("category = 'x' -- c", "unknown_property"),
    ("category", "no_condition"), ("'text'", "no_condition"), ("1", "no_condition"),
    ("nothing = 1", "unknown_property"), ("return_reason = 'x'", "unknown_property"),
    ("updated_by IS NULL", "unknown_property"), ("t.feature = 'x'", "unknown_property"),
    ("category = 1", "types_differ"), ("is_branch = 'true'", "types_differ"),
    ("is_branch > FALSE", "types_differ"), ("accuracy_m = 'x'", "types_differ"),
    ("updated_at = '2026-11-22'", "types_differ"), ("geometry = 'x'", "types_differ"),
    ("photos = 'x'", "types_differ"), ("category IN (1)", "types_differ"),
    ("category BETWEEN 1 AND 2", "types_differ"), ("accuracy_m LIKE 'x'", "not_text"),
    ("category LIKE category", "pattern"), (f"category LIKE '{'x' * 300}'", "pattern"),
    ("category LIKE 5", "pattern"), ("CASEI(accuracy_m) = 'x'", "not_text"),
    ("accuracy_m = 1e999", "number"), ("accuracy_m * 1e300 > 1", "number"),
    ("accuracy_m ^ accuracy_m > 1", "exponent"), ("accuracy_m ^ 0.5 > 1", "exponent"),
    ("category + 1 > 1", "not_number"), ("upper(category) = 'X'", "unknown_function"),
    ("foo(category)", "unknown_function"), ("casei() = 'x'", "arguments"),
    ("S_INTERSECTS(geometry)", "arguments"), ("S_INTERSECTS(category, POINT(1 2))", "not_geometry"),
    ("S_INTERSECTS(geometry, 'POINT(1 2)')", "not_geometry"),
    ("S_INTERSECTS(geometry, POINT(1 200))", "geometry_outside"),
    ("S_INTERSECTS(geometry, POINT(1))", "text_broken"),
    ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "geometry_broken"),
    ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "geometry_invalid"),
    ("S_INTERSECTS(geometry, BBOX(1,2,3))", "geometry_broken"),
    ("S_INTERSECTS(geometry, BBOX(1,5,3,2))", "geometry_broken"),
    ("S_INTERSECTS(geometry, POINT(1e400 2))", "geometry_outside"),
    ("T_AFTER(category, DATE('2026-01-01'))", "not_temporal"),
    ("T_AFTER(updated_at, DATE('2026-13-01'))", "day"),
    ("T_AFTER(updated_at, TIMESTAMP('x'))", "instant"),
    ("T_AFTER(updated_at, INTERVAL('2026-01-02','2026-01-01'))", "interval_reversed"),
    ("T_AFTER(updated_at, INTERVAL('2026-01-02'))", "interval"),
    ("T_AFTER(updated_at, card_readers_planned_on)", "days_and_instants"),
    ("updated_at < card_readers_planned_on", "types_differ"),
    ("updated_at = DATE('0001-01-01')", "day"),
    ("updated_at = TIMESTAMP('9999-12-31T23:59:59-14:00')", "instant"),
    ("A_CONTAINS(photos, (1))", "list"), ("A_CONTAINS(category, ('x'))", "list"),
    ("A_CONTAINS(('a'), ('b'))", "no_property"), ("category IN ()", "list"),
    ("'x' IS NULL", "no_property"), ("'x' LIKE 'x'", "no_property"),
    ("NOT " * 100 + "is_branch", "too_deep"), ("(" * 3000 + "is_branch", "text_ends"),
    (" OR ".join(["is_branch"] * 400), "too_many"), ("is_branch OR " * 2000, "too_long"),
    ("category = 'a\0b'", "nul"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), BAD_TEXTS, ids=[t[:40] for t, _ in BAD_TEXTS])
def test_wrong_text_is_named(text: str, found: str) -> None:
    refused(text, found, "cql2-text")


BAD_JSON = [
    ("", "json_broken"), ("{", "json_broken"), ("null", "no_condition"), ("[]", "no_condition"),
    ('"x"', "no_condition"), ("5", "no_condition"), ("{}", "no_condition"),
    ('{"op": 5, "args": []}', "no_condition"), ('{"op": "="}', "arguments"),
    ('{"op": "=", "args": 5}', "arguments"), ('{"op": "=", "args": [1]}', "arguments"),
    ('{"op": "=", "args": [null, 1]}', "no_value"), ('{"op": "=", "args": [[], 1]}', "no_value"),
    ('{"op": "=", "args": [{"property": 5}, 1]}', "unknown_property"),
    ('{"op": "=", "args": [{"property": {}}, 1]}', "unknown_property"),
    ('{"op": "=", "args": [{"property": "category"}, "\\ud800"]}', "json_broken"),
    ('{"op": "=", "args": [{"property": "category"}, "\\u0000"]}', "nul"),
    ('{"op": "and", "args": []}', "arguments"),
    ('{"op": "in", "args": [{"property": "category"}, "x"]}', "list"),
    ('{"op": "like", "args": [{"property": "category"}, {"op": "casei"}]}', "arguments"),
    ('{"op": "s_within", "args": [{"property": "geometry"}, {"type": "Point"}]}',
     "geometry_broken"),
    ('{"op": "s_within", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": []}]}',
     "geometry_broken"),
    ('{"op": "s_within", "args": [{"property": "geometry"}, {"bbox": [1, "x", null, 2]}]}',
     "geometry_broken"),
    ('{"op": "s_within", "args": [{"property": "geometry"}, {"type": "Polygon", '
     '"coordinates": [[1, 2]]}]}', "geometry_broken"),
    ('{"op": "t_after", "args": [{"property": "updated_at"}, {"interval": 5}]}', "interval"),
    ('{"op": "t_after", "args": [{"property": "updated_at"}, {"date": {}}]}', "day"),
    ('{"op": "t_after", "args": [{"property": "updated_at"}, {"interval": [{}, 7]}]}',
     "unknown_property"),
    ('{"op": "not", "args": [' * 300 + "true" + "]}" * 300, "too_deep"),
    ("[" * 5000, "json_broken"),
    (f'{{"op": "=", "args": [{{"property": "accuracy_m"}}, 1{"0" * 400}]}}', "json_broken"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), BAD_JSON, ids=[t[:60] for t, _ in BAD_JSON])
def test_wrong_json_is_named(text: str, found: str) -> None:
    refused(text, found, "cql2-json")


def refused(text: str, found: str, language: FilterLanguage) -> None:
    with pytest.raises(UsageError) as caught:
        read_filter(SERVICE_POINTS, text, language)
    assert caught.value.message_id == f"cql2.{found}"
    assert caught.value.message_id in known_message_ids()


def test_unknown_property_names_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        read_filter(SERVICE_POINTS, "color = 'red'")
    known = caught.value.params["known"].split(", ")
    assert set(known) == {q.name for q in SERVICE_POINTS.queryables} | {"geometry"}


@pytest.mark.parametrize("text", ["(" * 3000, "NOT (" * 1500 + "x y", "((((a=1 b" * 800])
def test_hostile_nesting_ends_soon(text: str) -> None:
    """The time grows with the length alone; a backtracking parser would run into the timeout."""
    with pytest.raises(UsageError):
        read_filter(SERVICE_POINTS, text)


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
def test_nothing_restricted_can_be_asked(collection: Collection) -> None:
    """A filter on what a reader does not see would tell it, item by item."""
    hidden = set(properties_schema()) - public_names()
    hidden |= {
        name
        for each in RECORD_COLLECTIONS
        for name, declared in record_schema(each.table)["properties"].items()
        if declared.get("x-restricted")
    }
    for queryable in collection.queryables:
        assert hidden & {queryable.name, *queryable.path[:1]} == set()


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
@pytest.mark.parametrize("backend", ["geopackage", "postgis"])
def test_every_queryable_is_spelled_for_both_stores(collection: Collection, backend: str) -> None:
    for name in collection.filter_properties:
        tree = read_filter(collection, f'"{name}" IS NOT NULL')
        sql, _ = page_sql(ItemQuery(collection.source, filter=tree), backend)
        assert "NULL" in sql or "<> ''" in sql or "NOT" in sql


def test_values_are_parameters_and_never_text_of_the_statement() -> None:
    hostile = "x'; DROP TABLE change; --"
    text = json.dumps({"op": "=", "args": [{"property": "category"}, hostile]})
    tree = read_filter(SERVICE_POINTS, text, "cql2-json")
    sql, parameters = page_sql(ItemQuery(SERVICE_POINTS.source, filter=tree), "postgis")
    assert "DROP" not in sql
    assert hostile in parameters.values()
