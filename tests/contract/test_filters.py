# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters find what plain Python finds in the documents, in both stores, class by class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import shapely

from geoapi.collections import SERVICE_POINTS
from geoapi.ogc.cql2 import parse, read_filter
from geoapi.ogc.host_config import CONFORMANCE
from geoapi.store import Store
from geoapi.store.query import ItemQuery, count_items, page_sql, read_page
from geoapi.store.text_folding import without_accents, without_case
from tests.contract.conftest import BACKENDS
from tests.contract.filter_cases import CASES
from tests.contract.filter_samples import BOX, PROVINCES, Sample, box_polygon, fill
from tests.contract.point_samples import emptied, kept_store


@pytest.fixture(scope="module", params=BACKENDS)
def sample(request: pytest.FixtureRequest) -> Iterator[Sample]:
    stores = kept_store(request)
    store: Store = next(stores)
    yield fill(emptied(store))
    next(stores, None)


ALL = [(kind, text, keep) for kind, cases in CASES.items() for text, keep in cases]


def test_every_declared_class_has_counts() -> None:
    declared = {uri.rpartition("/")[2] for uri in CONFORMANCE if "/cql2/" in uri}
    # either language is read by every case, the spatial ones hold those of points and boxes
    shared = {"cql2-text", "cql2-json", "basic-spatial-functions", "basic-spatial-functions-plus"}
    assert declared == set(CASES) | shared


@pytest.mark.parametrize(("kind", "text", "keep"), ALL, ids=[f"{k}: {t}" for k, t, _ in ALL])
def test_filter_finds_what_python_finds(
    sample: Sample, kind: str, text: str, keep: Callable[[Any], Any]
) -> None:
    wanted = sample.expected(keep)
    assert sample.found(text) == wanted
    as_json = json.dumps(parse(text, "cql2-text"))
    assert read_filter(SERVICE_POINTS, as_json, "cql2-json") == read_filter(SERVICE_POINTS, text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("S_INTERSECTS(geometry, POINT(99.2 19.2))", ["57"]),
        ("S_CONTAINS(geometry, POINT(101.1 19.1))", ["50"]),
        ("S_CONTAINS(geometry, POINT(101.5 19.5))", []),
        ("S_TOUCHES(geometry, POINT(99 19.5))", ["57"]),
        ("S_OVERLAPS(geometry, BBOX(99.1, 19.1, 99.95, 19.95))", ["57"]),
        ("S_WITHIN(geometry, BBOX(99, 19, 100, 20))", ["57"]),
        ("S_CROSSES(geometry, LINESTRING(98 19.3, 103 19.3))", ["57", "50"]),
        ("S_CROSSES(LINESTRING(98 19.3, 100.5 19.3), geometry)", ["57"]),
        ("S_EQUALS(geometry, POLYGON((99 19, 99 20, 100 19, 99 19)))", ["57"]),
        ("S_DISJOINT(geometry, BBOX(100.5, 18, 104, 21))", ["57"]),
        ("A_OVERLAPS(postal_codes, ('50000'))", ["50"]),
        ("S_INTERSECTS(geometry, BBOX(99, 19, 99, 19))", ["57"]),
    ],
)
def test_areas_are_compared_by_their_shape(sample: Sample, text: str, wanted: list[str]) -> None:
    assert sample.found(text, PROVINCES) == wanted


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "99.495, 19.495, 100.505, 20.505"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "19.495, 99.495, 20.505, 100.505"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857",
         "11075733, 2213413, 11188165, 2332903"),
    ],
)  # fmt: skip
def test_the_same_box_is_found_in_each_reference_system(sample: Sample, crs: str, box: str) -> None:
    text = f"S_INTERSECTS(geometry, BBOX({box}))"
    wider = shapely.box(99.495, 19.495, 100.505, 20.505)
    wanted = sample.expected(lambda p: p["place"] and p["place"].intersects(wider))
    assert wanted
    assert sample.found(text, crs=crs) == wanted


@pytest.mark.parametrize(("zone", "x", "y"), [(32647, 604598, 2211869), (32648, -23800, 2218700)])
def test_metres_of_both_zones_are_places(sample: Sample, zone: int, x: int, y: int) -> None:
    text = f"S_INTERSECTS(geometry, BBOX({x - 2000}, {y - 2000}, {x + 2000}, {y + 2000}))"
    crs = f"http://www.opengis.net/def/crs/EPSG/0/{zone}"
    assert set(sample.expected(lambda p: p["place"] == shapely.Point(100, 20))) <= set(
        sample.found(text, crs=crs)
    )
    assert len(sample.found(text, crs=crs)) < len(sample.items) / 2


def test_filter_adds_to_box_words_equality_and_time(sample: Sample) -> None:
    text = "accuracy_m IS NOT NULL AND NOT is_branch"
    wanted = sample.expected(
        lambda p: p.get("accuracy_m") is not None and not p["is_branch"]
        and p["category"] == "court" and "ศาล" in p["name_th"] + (p["name_en"] or "")
        and p["place"] and p["place"].intersects(box_polygon())
    )  # fmt: skip
    assert wanted
    found = sample.found(text, bbox=BOX, equals=(("category", "court"),), search="ศาล")
    assert found == wanted


@pytest.mark.parametrize("sort", [(), (("name_sort_th", False),), (("updated_at", True),)])
def test_pages_of_a_filter_are_the_whole_in_order(sample: Sample, sort: Any) -> None:
    from tests.contract.query_samples import ids

    tree = read_filter(SERVICE_POINTS, "A_CONTAINS(photos, ('p1')) OR accuracy_m > 2")
    whole = ids(sample.store, filter=tree, sort=sort)
    pages: list[str] = []
    after = None
    while True:
        query = ItemQuery(SERVICE_POINTS.source, filter=tree, sort=sort, after=after, limit=17)
        page = read_page(sample.store, query)
        pages += [json.loads(text)["id"] for text in page.features]
        after = page.next_after
        if after is None:
            break
    assert pages == whole
    assert ids(sample.store, filter=tree, sort=sort, offset=23, limit=10) == whole[23:33]


def test_count_looks_into_so_many_documents_and_no_more(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond that the number is not said, and the page is given all the same."""
    many = read_filter(SERVICE_POINTS, "accuracy_m = 3")
    few = read_filter(SERVICE_POINTS, "accuracy_m = 3 AND short_code < 'C000050'")
    wanted = [
        count_items(sample.store, ItemQuery(SERVICE_POINTS.source, filter=tree))
        for tree in (many, few)
    ]
    assert wanted[0] > wanted[1] > 0
    monkeypatch.setattr("geoapi.store.query._LOOKED_AT_ROWS", 60)
    found = [
        count_items(sample.store, ItemQuery(SERVICE_POINTS.source, filter=tree))
        for tree in (many, few)
    ]
    assert found == [None, wanted[1]]
    assert read_page(sample.store, ItemQuery(SERVICE_POINTS.source, filter=many)).features


def test_every_letter_is_folded_alike(sample: Sample) -> None:
    """What Python makes of a letter is what the store makes of it."""
    ranges = [(0x41, 0x250), (0x370, 0x530), (0xE01, 0xE5C), (0x1E00, 0x2000)]
    letters = [chr(code) for first, last in ranges for code in range(first, last)]
    text = "".join(letter for letter in letters if letter.isprintable())
    if sample.store.backend == "geopackage":
        sql = "SELECT pakmud_casei(:t), pakmud_accenti(:t)"
    else:
        from geoapi.store.text_folding import postgis_fold

        folds = (postgis_fold("%(t)s::text", kind) for kind in ("casei", "accenti"))
        sql = f"SELECT {', '.join(folds)}"
    ((small, bare),) = sample.store.rows(sql, {"t": text})
    assert bare == without_accents(text)
    differing = {a: b for a, b in zip(without_case(text), small, strict=True) if a != b}
    assert differing == {}


def test_filter_on_a_column_uses_its_index(sample: Sample) -> None:
    tree = read_filter(SERVICE_POINTS, "short_code = 'C000017'")
    sql, parameters = page_sql(ItemQuery(SERVICE_POINTS.source, filter=tree), sample.store.backend)
    if sample.store.backend == "geopackage":
        plan = str(sample.store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters))
        assert "short_code" in plan
    assert "t.short_code = " in sql
    assert count_items(sample.store, ItemQuery(SERVICE_POINTS.source, filter=tree)) == 1


@pytest.mark.parametrize("walked_rows", [7, 10_000])
@pytest.mark.parametrize("sort", [(), (("name_sort_th", False),), (("updated_at", True),)])
@pytest.mark.parametrize("words", ["ศาล", "โรงพยาบาล", "cafe arzte", "zzzz", "c000017", "ศาล c0"])
def test_pages_of_words_are_the_same_however_they_are_found(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, words: str, sort: Any, walked_rows: int
) -> None:
    """Walking and gathering are ways to the page that the plain statement gives."""
    monkeypatch.setattr("geoapi.store.query._WALKED_ROWS", walked_rows)
    query = ItemQuery(SERVICE_POINTS.source, search=words, sort=sort, limit=10_000)
    whole = sample.store.rows(*page_sql(query, sample.store.backend))
    found: list[str] = []
    page = read_page(sample.store, replace(query, limit=5))
    while True:
        found += page.features
        if page.next_after is None:
            break
        page = read_page(sample.store, replace(query, limit=5, after=page.next_after))
    assert found == [row[0] for row in whole]
