# SPDX-License-Identifier: GPL-2.0-or-later
"""Every read of items equals plain Python over the same data, and uses an index, on both stores."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from shapely.geometry import box, shape
from sqlalchemy import text

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.feature_rows import RowStamp, build_row
from geoapi.store import Store
from geoapi.store.features import insert_rows
from geoapi.store.query import (
    ItemQuery,
    ItemSource,
    count_items,
    count_sql,
    page_sql,
    read_item,
    read_page,
)
from geoapi.thai import name_sort_key, search_text
from geoapi.types import BBox, JsonObject, Scope
from tests.contract.conftest import BACKENDS
from tests.contract.point_samples import kept_store

START = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = SERVICE_POINTS.source
SUBDISTRICTS = COLLECTIONS["subdistricts"].source
ROWS, MANY = 500, 3000
WORDS = (
    "โรงพยาบาล", "สำนักงานที่ดิน", "เทศบาลตำบล", "ที่ว่าการอำเภอ", "แม่สาย", "เชียงราย", "ฮอด",
    "เวียงป่าเป้า", "มหาสารคาม", "พาน", "แม่จัน", "สาขา ๒", "Hospital", "hall", "Ärzte", "100%",
    "a_b", 'x"y', "it's", "back\\slash", "ใหม่",
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A store and what was put into it: {fid order: (document, stamp)}."""

    store: Store
    rows: list[tuple[JsonObject, RowStamp, dict[str, Any]]]


def documents(count: int, seed: int = 7) -> Iterator[tuple[JsonObject, RowStamp]]:
    draw = random.Random(seed)
    for number in range(count):
        code = draw.choice(("570101", "570102", "570901", "500101"))
        name = " ".join(draw.choices(WORDS, k=draw.randint(1, 3)))
        properties = {
            "name_th": name,
            "name_en": draw.choice((None, "", "Mae Sai Hospital", "Hall", "zebra", "Ärzte")),
            "category": draw.choice(("hospital", "court", "school")),
            "province_code": code[:2], "district_code": code[:4], "subdistrict_code": code,
            "postal_code": draw.choice((None, "57000", "57130")),
            "state": "verified", "status": draw.choice(("open", "closed")),
            "official_id": draw.choice((None, f"EQ-{number % 9}", f"{number:05d}")),
            "short_code": f"C{number:06d}", "is_branch": draw.random() < 0.3,
            "agency_id": draw.choice((None, "a1", "a2")),
            "parent_id": draw.choice((None, "p1")),
            "phones": [{"number": f"+6653{number:06d}"}] if number % 3 else [],
        }  # fmt: skip
        place = [round(99 + draw.random() * 2, 7), round(19 + draw.random(), 7)]
        geometry = None if draw.random() < 0.1 else {"type": "Point", "coordinates": place}
        document = {"type": "Feature", "id": f"id-{number}", "geometry": geometry,
                    "properties": properties}  # fmt: skip
        at = START + timedelta(seconds=draw.randint(0, 60))
        yield document, RowStamp("published", 1, at, at, "", code)


def fill(store: Store, count: int) -> Filled:
    rows, built = [], []
    for document, stamp in documents(count):
        row = build_row("service_point", document, stamp, {"editors": "[]"})
        built.append((row.values, row.geometry))
        rows.append((document, stamp, row.values))
    store.write(lambda t: insert_rows(t, "service_point", built))
    return Filled(store, rows)


@pytest.fixture(scope="module", params=BACKENDS)
def opened(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store of each backend for the whole file; nothing is changed after it was filled."""
    yield from kept_store(request)


@pytest.fixture(scope="module")
def filled(opened: Store) -> Filled:
    found = fill(opened, ROWS)
    put_areas(opened)
    return found


def ids(store: Store, **parts: Any) -> list[str]:
    query = ItemQuery(**{"source": SOURCE, "limit": 10_000, **parts})
    return [orjson.loads(f)["id"] for f in read_page(store, query).features]


def expected(filled: Filled, keep: Any) -> list[str]:
    return [d["id"] for d, stamp, values in filled.rows if keep(d["properties"], stamp, values)]


# ------------------------------------------------------------------------------ filters


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "court"), ("province_code", "50"), ("district_code", "5709"),
        ("subdistrict_code", "570102"), ("postal_code", "57130"), ("state", "verified"),
        ("state", "draft"), ("status", "closed"), ("official_id", "EQ-3"),
        ("short_code", "C000017"), ("agency_id", "a2"), ("parent_id", "p1"), ("is_branch", True),
        ("is_branch", False), ("name_th", "ฮอด"), ("name_en", "zebra"), ("name_th", 'x"y'),
        ("name_th", "it's"), ("category", "%"), ("category", "' OR 1=1 --"),
    ],
)  # fmt: skip
def test_each_filter_gives_what_has_exactly_that_value(filled: Filled, column: str, value: Any):
    wanted = expected(filled, lambda p, _s, _v: (p[column] if column == "is_branch" else
                                                 p[column] or "") == value)  # fmt: skip
    assert ids(filled.store, equals=((column, value),)) == wanted
    query = ItemQuery(SOURCE, equals=((column, value),))
    assert count_items(filled.store, query) == len(wanted)


def test_every_queryable_of_every_collection_is_a_column_that_can_be_asked(filled: Filled):
    for collection in COLLECTIONS.values():
        for queryable in collection.queryables:
            value = False if queryable.type == "boolean" else "nothing-has-this"
            query = ItemQuery(collection.source, equals=((queryable.name, value),))
            assert read_page(filled.store, query).next_after is None or value is False
        for column in collection.sortables.values():
            read_page(filled.store, ItemQuery(collection.source, sort=((column, True),)))


def test_filters_add_up(filled: Filled):
    wanted = expected(
        filled, lambda p, s, _v: p["category"] == "court" and p["is_branch"]
        and "แม่สาย" in p["name_th"] and s.updated_at >= START + timedelta(seconds=20),
    )  # fmt: skip
    assert wanted
    found = ids(
        filled.store, equals=(("category", "court"), ("is_branch", True)), search="แม่สาย",
        since=START + timedelta(seconds=20),
    )  # fmt: skip
    assert found == wanted


def test_instants_bound_from_both_sides_and_include_their_ends(filled: Filled):
    low, high = START + timedelta(seconds=10), START + timedelta(seconds=20)
    found = ids(filled.store, since=low, until=high)
    assert found == expected(filled, lambda _p, s, _v: low <= s.updated_at <= high)
    assert ids(filled.store, since=low, until=low) == expected(
        filled, lambda _p, s, _v: s.updated_at == low
    )


# ---------------------------------------------------------------------- order and paging

SORTS = (
    (), (("name_sort_th", False),), (("name_sort_th", True),), (("name_sort_en", False),),
    (("updated_at", True),), (("category", False), ("name_sort_th", True)),
    (("category", True), ("updated_at", False), ("official_id", True)), (("official_id", False),),
    (("name_sort_en", True), ("category", True)),
)  # fmt: skip


def in_order(filled: Filled, sort: tuple[tuple[str, bool], ...]) -> list[str]:
    """Sort in plain Python: stable sorts from the last key to the first, ties by age."""
    rows = list(enumerate(filled.rows))
    rows.sort(key=lambda row: row[0], reverse=bool(sort) and sort[-1][1])
    for column, descending in reversed(sort):
        rows.sort(key=lambda row, c=column: row[1][2][c], reverse=descending)
    return [document["id"] for _, (document, _, _) in rows]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_pages_by_cursor_are_the_whole_sorted_list_without_gap_or_repetition(
    filled: Filled, sort: tuple[tuple[str, bool], ...]
):
    found: list[str] = []
    after = None
    while True:
        page = read_page(filled.store, ItemQuery(SOURCE, sort=sort, after=after, limit=37))
        found += [orjson.loads(f)["id"] for f in page.features]
        after = page.next_after
        if after is None:
            break
        # as a cursor travels: instants are text then
        after = tuple(v.isoformat() if isinstance(v, datetime) else v for v in after)
    assert found == in_order(filled, sort)


@pytest.mark.parametrize("sort", SORTS[:4], ids=str)
def test_an_offset_skips_the_same_rows(filled: Filled, sort: tuple[tuple[str, bool], ...]):
    whole = in_order(filled, sort)
    for offset in (0, 1, 250, 499, 500, 9999):
        page = read_page(filled.store, ItemQuery(SOURCE, sort=sort, offset=offset, limit=40))
        assert [orjson.loads(f)["id"] for f in page.features] == whole[offset : offset + 40]


def test_thai_names_stand_in_the_order_of_a_dictionary(filled: Filled):
    found = ids(filled.store, sort=(("name_sort_th", False),))
    names = {d["id"]: d["properties"]["name_th"] for d, _, _ in filled.rows}
    keys = [name_sort_key(names[item_id]) for item_id in found]
    assert keys == sorted(keys)


def test_the_last_page_has_no_next_also_when_it_is_full(filled: Filled):
    assert read_page(filled.store, ItemQuery(SOURCE, limit=ROWS)).next_after is None
    assert read_page(filled.store, ItemQuery(SOURCE, limit=ROWS - 1)).next_after is not None
    assert read_page(filled.store, ItemQuery(SOURCE, equals=(("id", "x"),))).features == []


def test_counts_are_exact_up_to_the_limit_and_none_beyond(filled: Filled):
    query = ItemQuery(SOURCE, after=(9,), offset=3, limit=2)
    assert count_items(filled.store, query) == ROWS
    assert count_items(filled.store, query, ROWS) == ROWS
    assert count_items(filled.store, query, ROWS - 1) is None


# -------------------------------------------------------------------------------- search


@pytest.mark.parametrize(
    "words",
    [
        "โรงพยาบาล", "พยาบา", "แม่สาย เชียงราย", "เชียงราย แม่สาย", "HOSPITAL", "hospital mae",
        "ärz", "ÄRZTE", "สาขา 2", "สาขา ๒", "eq-3", "00017", "c000017", "+6653000016", "053000016",
        "3000016", "100%", "a_b", 'x"y', "it's", "back\\slash", "%%%", "___", '"""', "\\\\\\",
        "0%0", "nothing like it", "NOT hospital", "a* OR b", "ที่ว่าการอำเภอ ฮอด พาน",
    ],
)  # fmt: skip
def test_words_of_three_letters_and_more_are_found_anywhere(filled: Filled, words: str):
    needle = search_text(words)
    long = [w for w in needle.split() if len(w) > 2]
    short = [w for w in needle.split() if len(w) < 3]
    wanted = expected(
        filled, lambda _p, _s, v: all(w in v["search"] for w in long)
        and all(v["name_th_key"].startswith(w) or v["name_en_key"].startswith(w) for w in short),
    )  # fmt: skip
    assert ids(filled.store, search=needle) == wanted


@pytest.mark.parametrize("words", ["ฮ", "แม", "z", "ze", "Ma", "โร", "%", "_", '"', "'", "\\", "ก"])
def test_one_or_two_letters_are_looked_for_at_the_beginning_of_names(filled: Filled, words: str):
    needle = search_text(words)
    wanted = expected(
        filled, lambda p, _s, _v: search_text(p["name_th"]).startswith(needle)
        or search_text(p["name_en"]).startswith(needle),
    )  # fmt: skip
    assert ids(filled.store, search=needle) == wanted


def test_phones_are_found_as_they_are_dialled_in_the_country_and_from_abroad(filled: Filled):
    assert ids(filled.store, search="053000400") == ["id-400"]
    assert ids(filled.store, search="+6653000400") == ["id-400"]


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


TRIANGLE = [[[[99.0, 19.0], [100.0, 19.0], [99.0, 20.0], [99.0, 19.0]]]]
RING = [[[[101.0, 19.0], [102.0, 19.0], [102.0, 20.0], [101.0, 20.0], [101.0, 19.0]],
         [[101.4, 19.4], [101.6, 19.4], [101.6, 19.6], [101.4, 19.6], [101.4, 19.4]]]]  # fmt: skip
AREAS = {"570101": TRIANGLE, "570102": RING}


def put_areas(store: Store) -> None:
    built = []
    for code, coordinates in AREAS.items():
        document = {
            "type": "Feature", "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
            "properties": {"code": code, "level": "subdistrict", "name_th": code},
        }  # fmt: skip
        row = build_row("area", document, RowStamp("published", 1, START, START))
        built.append((row.values, row.geometry))
    store.write(lambda t: insert_rows(t, "area", built))


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
    "district": (
        ItemQuery(SOURCE, equals=(("district_code", "5709"),)),
        ("ix_service_point_district_code", "ix_service_point_fid"),
    ),
}  # fmt: skip
SELECTIVE = ("box", "words", "short word", "code", "item", "district")


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
        transaction.connection.execute(text("ANALYZE"))

    opened.write(add)
    return opened


def plan_of(store: Store, sql: str, parameters: dict[str, Any]) -> str:
    if store.backend == "geopackage":
        rows = store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(str(row[3]) for row in rows)
    return "\n".join(row[0] for row in store.rows(f"EXPLAIN {sql}", parameters))


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
