# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes are met exactly, by points and by shapes, on both stores; reads go through an index."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from shapely.geometry import box, shape
from sqlalchemy import Connection, text

from geoapi.collections import COLLECTIONS
from geoapi.feature_rows import build_row
from geoapi.store import Store
from geoapi.store.features import insert_rows
from geoapi.store.query import (
    ItemQuery,
    ItemSource,
    count_items,
    count_sql,
    page_sql,
    read_item,
)
from geoapi.types import BBox, Scope
from tests.contract.query_samples import (
    AREAS,
    MANY,
    ROWS,
    SOURCE,
    SUBDISTRICTS,
    Filled,
    documents,
    ids,
)

# ---------------------------------------------------------------------------------- boxes


def test_boxes_give_what_lies_in_them_with_points_exactly_on_the_edge(filled: Filled):
    places = {d["id"]: d["geometry"]["coordinates"] for d, _, _ in filled.rows if d["geometry"]}
    draw = random.Random(3)
    points = sorted(places.values())
    boxes = []
    for _ in range(25):
        (x1, y1), (x2, y2) = draw.sample(points, 2)  # corners on points: edges are met exactly
        boxes.append((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    boxes += [(x, y, x, y) for x, y in points[:10]]
    boxes += [(-180.0, -90.0, 180.0, 90.0), (0.0, 0.0, 1.0, 1.0)]
    for bounds in boxes:
        inside = [
            i for i, (x, y) in places.items()
            if bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]
        ]  # fmt: skip
        assert ids(filled.store, bbox=bounds) == inside


def test_a_box_a_hair_beside_a_point_does_not_have_it(filled: Filled):
    item_id, (x, y) = next(
        (d["id"], d["geometry"]["coordinates"]) for d, _, _ in filled.rows if d["geometry"]
    )
    hair = 1e-9
    assert ids(filled.store, bbox=(x, y, x + hair, y + hair)) == [item_id]
    assert ids(filled.store, bbox=(x + hair, y - 0.1, x + hair, y + 0.1)) == []
    assert ids(filled.store, bbox=(x - 0.1, y + hair, x + 0.1, y + hair)) == []


def test_a_box_over_180_degrees_is_two_boxes(filled: Filled):
    everything = [d["id"] for d, _, _ in filled.rows if d["geometry"]]
    assert ids(filled.store, bbox=(90.0, 0.0, -90.0, 30.0)) == everything
    assert ids(filled.store, bbox=(179.0, 0.0, -179.0, 30.0)) == []
    west_of_100 = [
        d["id"] for d, _, _ in filled.rows
        if d["geometry"] and d["geometry"]["coordinates"][0] <= 100
    ]  # fmt: skip
    assert ids(filled.store, bbox=(170.0, 0.0, 100.0, 30.0)) == west_of_100


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ((99.1, 19.1, 99.2, 19.2), ["570101"]),
        ((99.8, 19.8, 99.9, 19.9), []),  # in the bounds of the triangle, beside its shape
        ((99.5, 19.5, 99.9, 19.9), ["570101"]),  # its corner on the long side
        ((100.0, 19.0, 100.5, 19.5), ["570101"]),  # corner on corner
        ((100.0, 18.0, 101.0, 21.0), ["570101", "570102"]),
        ((101.45, 19.45, 101.55, 19.55), []),  # in the hole
        ((101.4, 19.45, 101.5, 19.55), ["570102"]),  # on the edge of the hole
        ((98.0, 18.0, 103.0, 21.0), ["570101", "570102"]),
        ((99.2, 19.2, 99.2, 19.2), ["570101"]),  # a box that is a point
        ((99.9, 19.9, 99.9, 19.9), []),
        ((99.2, 18.0, 99.2, 21.0), ["570101"]),  # a box that is a line
        ((101.5, 19.45, 101.5, 19.55), []),
        ((101.0, 19.0, 101.0, 19.0), ["570102"]),  # a point that is a corner
        ((101.5, 0.0, 99.5, 30.0), ["570101", "570102"]),
        ((100.1, 0.0, -100.0, 30.0), ["570102"]),
    ],
)
def test_areas_are_met_by_their_shape_and_not_by_their_bounds(
    filled: Filled, bounds: BBox, found: list[str]
):
    assert ids(filled.store, source=SUBDISTRICTS, bbox=bounds) == found
    if bounds[0] <= bounds[2]:
        by_shape = [
            code for code, coordinates in AREAS.items()
            if not shape({"type": "MultiPolygon", "coordinates": coordinates})
            .intersection(box(*bounds).boundary if bounds[:2] == bounds[2:] else box(*bounds))
            .is_empty
        ]  # fmt: skip
        degenerate = bounds[0] == bounds[2] or bounds[1] == bounds[3]
        assert degenerate or by_shape == found


def test_collections_of_one_table_see_their_own_level_only(filled: Filled):
    assert ids(filled.store, source=COLLECTIONS["provinces"].source) == []
    assert ids(filled.store, source=SUBDISTRICTS) == ["570101", "570102"]


def test_an_item_is_found_by_its_id_alone(filled: Filled):
    document, stamp, values = filled.rows[7]
    found = read_item(filled.store, SOURCE, "id-7", ())
    assert found is not None
    assert (found.feature, found.etag) == (values["feature"], values["etag"])
    assert (found.revision, found.updated_at, found.view) == (1, stamp.updated_at, "published")
    assert orjson.loads(found.feature)["properties"] == document["properties"]
    for strange in ("", "id-7 ", "ID-7", "%", "id-7' --", "é"):
        assert read_item(filled.store, SOURCE, strange, ()) is None


def test_readers_without_working_rows_in_their_scope_see_the_published_ones(filled: Filled):
    for scopes in ((Scope(area_code="57"),), (Scope("a1"),), (Scope("a1", "50"),)):
        is_inside = "" if scopes[0].agency_id else "57"  # nobody is in the subtree of a1
        inside = [
            d["id"] for d, s, _ in filled.rows
            if not (is_inside and s.scope_area_code.startswith(is_inside))
        ]  # fmt: skip
        assert ids(filled.store, scopes=scopes) == inside
    assert ids(filled.store, scopes=(Scope(),)) == []


# ----------------------------------------------------------------------------------- plans

HERE: BBox = (99.5, 19.5, 99.52, 19.52)
PLANS = {
    "page": (ItemQuery(SOURCE), ("ix_service_point_fid", "pk_service_point")),
    "sort": (
        ItemQuery(SOURCE, sort=(("name_sort_th", False),)), ("ix_service_point_name_sort_th",),
    ),
    "sort down": (
        ItemQuery(SOURCE, sort=(("updated_at", True),)), ("ix_service_point_updated_at",),
    ),
    "later page": (
        ItemQuery(SOURCE, sort=(("name_sort_th", False),), after=("พ", 3)),
        ("ix_service_point_name_sort_th",),
    ),
    "box": (ItemQuery(SOURCE, bbox=HERE), ("ix_service_point_geom", "VIRTUAL TABLE INDEX")),
    "words": (
        ItemQuery(SOURCE, search="c002999"), ("ix_service_point_search", "VIRTUAL TABLE INDEX"),
    ),
    "short word": (ItemQuery(SOURCE, search="ฮอ"), ("ix_service_point_name_th_key",)),
    "code": (ItemQuery(SOURCE, equals=(("short_code", "C002999"),)), ("short_code",)),
    "item": (
        ItemQuery(SOURCE, equals=(("id", "id-2999"),)), ("uq_service_point_id_view", "autoindex"),
    ),
    "official id": (
        ItemQuery(SOURCE, equals=(("official_id", "02999"),)), ("ix_service_point_official_id",),
    ),
}  # fmt: skip
SELECTIVE = ("box", "words", "short word", "code", "item", "official id")


@pytest.fixture(scope="module")
def many(opened: Store, filled: Filled) -> Store:
    """The same store with more rows, so that reading all of them would be noticed."""

    def add(transaction: Any) -> None:
        built = []
        for document, stamp in documents(MANY, seed=11):
            document["id"] = f"many-{document['id']}"
            if document["id"] == "many-id-2999":
                document["id"] = "id-2999"
            row = build_row("service_point", document, stamp, {"editors": "[]"})
            built.append((row.values, row.geometry))
        insert_rows(transaction, "service_point", built)
        if transaction.backend == "postgis":  # as autovacuum does after a while
            clean = "SELECT gin_clean_pending_list('ix_service_point_search')"
            transaction.connection.execute(text(clean))
        transaction.connection.execute(text("ANALYZE"))

    opened.write(add)
    return opened


def plan_of(store: Store, sql: str, parameters: dict[str, Any]) -> str:
    if store.backend == "geopackage":
        rows = store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(str(row[3]) for row in rows)

    def explain(connection: Connection) -> str:
        # so few rows are read as quickly without an index: what counts is that it can be used
        connection.exec_driver_sql("SET enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {sql}", parameters).all()
        connection.exec_driver_sql("RESET enable_seqscan")
        return "\n".join(row[0] for row in rows)

    return store.read(explain)


def assert_no_whole_table(plan: str) -> None:
    assert "Seq Scan on service_point" not in plan, plan
    assert not any(line.startswith("SCAN t") for line in plan.splitlines()), plan


@pytest.mark.parametrize("name", [n for n in PLANS if n not in SELECTIVE])
def test_pages_walk_the_index_of_their_order(many: Store, name: str):
    query, indexes = PLANS[name]
    plan = plan_of(many, *page_sql(query, many.backend))
    assert any(index in plan for index in indexes), plan
    assert_no_whole_table(plan)
    assert "TEMP B-TREE" not in plan, plan
    assert "Sort Key" not in plan or "Incremental" in plan, plan


@pytest.mark.parametrize("name", SELECTIVE)
def test_filters_find_their_few_rows_through_an_index(many: Store, name: str):
    query, indexes = PLANS[name]
    plan = plan_of(many, *count_sql(query, many.backend, 10_000))
    assert any(index in plan for index in indexes), plan
    assert_no_whole_table(plan)
    assert_no_whole_table(plan_of(many, *page_sql(query, many.backend)))


def test_counting_a_box_goes_through_its_index(many: Store):
    plan = plan_of(many, *count_sql(ItemQuery(SOURCE, bbox=HERE), many.backend, 100))
    assert "ix_service_point_geom" in plan or "VIRTUAL TABLE INDEX" in plan


def test_a_source_without_working_rows_asks_for_published_ones(many: Store):
    bare = ItemSource("service_point")
    assert count_items(many, ItemQuery(bare, scopes=(Scope(),))) == ROWS + MANY
