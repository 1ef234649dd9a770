# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters find what plain Python finds in the documents, in both stores, class by class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shapely

from geoapi.collections import SERVICE_POINTS
from geoapi.ogc.cql2 import parse, read_filter
from geoapi.ogc.host_config import CONFORMANCE
from geoapi.store import Store
from geoapi.store.query import ItemQuery, count_items, page_sql
from geoapi.store.text_folding import without_accents, without_case
from tests.contract.conftest import BACKENDS
from tests.contract.filter_samples import BOX, PROVINCES, Sample, box_polygon, fill
from tests.contract.point_samples import emptied, kept_store


@pytest.fixture(scope="module", params=BACKENDS)
def sample(request: pytest.FixtureRequest) -> Iterator[Sample]:
    stores = kept_store(request)
    store: Store = next(stores)
    yield fill(emptied(store))
    next(stores, None)


def name(p: Any) -> str | None:
    return p["name_en"] or None


def day(text: str | None) -> str | None:
    """The day in Thailand of an instant."""
    from datetime import datetime, timedelta

    if text is None:
        return None
    return (datetime.fromisoformat(text) + timedelta(hours=7)).date().isoformat()


def everything(_properties: Any) -> bool:
    return True


def nothing(_properties: Any) -> bool:
    return False


CASES: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {
    "basic-cql2": [
        ("category = 'court'", lambda p: p["category"] == "court"),
        ("category <> 'court'", lambda p: p["category"] != "court"),
        ("postal_code <> '57000'", lambda p: p["postal_code"] and p["postal_code"] != "57000"),
        ("NOT postal_code = '57000'", lambda p: p["postal_code"] and p["postal_code"] != "57000"),
        ("NOT (NOT postal_code = '57000')", lambda p: p["postal_code"] == "57000"),
        ("postal_code = ''", nothing),
        ("name_th > 'ก' AND name_th <= 'ศาลแขวง'", lambda p: "ก" < p["name_th"] <= "ศาลแขวง"),
        ("name_th < 'a'", lambda p: p["name_th"] < "a"),
        ("is_branch", lambda p: p["is_branch"]),
        ("is_branch = TRUE", lambda p: p["is_branch"]),
        ("is_branch <> true", lambda p: not p["is_branch"]),
        ("NOT is_branch OR status = 'open'", lambda p: not p["is_branch"] or p["status"] == "open"),
        ("NOT (is_branch OR status = 'open')",
         lambda p: not (p["is_branch"] or p["status"] == "open")),
        ("no_phone = false", lambda p: p.get("no_phone") is False),
        ("NOT no_phone", lambda p: p.get("no_phone") is False),
        ("accuracy_m >= 2.5", lambda p: (p.get("accuracy_m") or 0) >= 2.5),
        ("accuracy_m < -1e300", nothing),
        ("NOT accuracy_m > 3", lambda p: p.get("accuracy_m") is not None and p["accuracy_m"] <= 3),
        ("revision = 3", lambda p: p["revision"] == 3),
        ("card_readers_working = 0", lambda p: (p["card_readers"] or {}).get("working") == 0),
        ("postal_code IS NULL", lambda p: not p["postal_code"]),
        ("postal_code IS NOT NULL", lambda p: p["postal_code"]),
        ("name_en IS NULL", lambda p: not p["name_en"]),
        ("address_th IS NULL", lambda p: not p["address_th"]),
        ("accuracy_m IS NOT NULL", lambda p: p.get("accuracy_m") is not None),
        ("photos IS NULL", lambda p: not p.get("photos")),
        ("NOT photos IS NULL", lambda p: p.get("photos")),
        ("geometry IS NULL", lambda p: p["place"] is None),
        ("card_readers_planned_on = DATE('2026-12-01')",
         lambda p: (p["card_readers"] or {}).get("planned_on") == "2026-12-01"),
        ("updated_at > TIMESTAMP('2026-11-21T12:00:00Z')",
         lambda p: p["updated_at"] > "2026-11-21T12:00:00.000Z"),
        ("updated_at = DATE('2026-11-22')", lambda p: day(p["updated_at"]) == "2026-11-22"),
        ("updated_at <> DATE('2026-11-22')", lambda p: day(p["updated_at"]) != "2026-11-22"),
        ("updated_at < DATE('2026-11-22')", lambda p: day(p["updated_at"]) < "2026-11-22"),
        ("updated_at <= DATE('2026-11-22')", lambda p: day(p["updated_at"]) <= "2026-11-22"),
        ("DATE('2026-11-22') < updated_at", lambda p: day(p["updated_at"]) > "2026-11-22"),
        ("verified_at >= DATE('2026-11-21')",
         lambda p: p["verified_at"] and day(p["verified_at"]) >= "2026-11-21"),
        ("NOT verified_at >= DATE('2026-11-21')",
         lambda p: p["verified_at"] and day(p["verified_at"]) < "2026-11-21"),
        ("TRUE", everything),
        ("FALSE OR category = 'school'", lambda p: p["category"] == "school"),
        ("'a' = 'a' AND 2 < 1", nothing),
    ],
    "advanced-comparison-operators": [
        ("name_th LIKE 'ศาล%'", lambda p: p["name_th"].startswith("ศาล")),
        ("name_th NOT LIKE 'ศาล%'", lambda p: not p["name_th"].startswith("ศาล")),
        ("name_en NOT LIKE 'ศาล%'", lambda p: name(p) and not name(p).startswith("ศาล")),
        ("name_th LIKE 'c%'", lambda p: p["name_th"].startswith("c")),
        ("name_th LIKE 'a_b'", lambda p: p["name_th"] in ("a_b", "axb")),
        (r"name_th LIKE 'a\_b'", lambda p: p["name_th"] == "a_b"),
        (r"name_th LIKE '50\% [a*b]?'", lambda p: p["name_th"].startswith("50%")),
        ("name_th LIKE '%[a*b]_'", lambda p: p["name_th"].startswith("50%")),
        (r"name_th LIKE 'back\\slash'", lambda p: p["name_th"].startswith("back")),
        ("name_th LIKE 'it''s'", lambda p: p["name_th"] == "it's"),
        ("address_th LIKE '%พหล%'", lambda p: "พหล" in (p["address_th"] or "")),
        ("accuracy_m BETWEEN 2.5 AND 10", lambda p: 2.5 <= (p.get("accuracy_m") or 0) <= 10),
        ("accuracy_m NOT BETWEEN 2.5 AND 10",
         lambda p: p.get("accuracy_m") is not None and not 2.5 <= p["accuracy_m"] <= 10),
        ("category IN ('court','school')", lambda p: p["category"] in ("court", "school")),
        ("category NOT IN ('court','school')", lambda p: p["category"] == "hospital"),
        ("postal_code NOT IN ('57000')", lambda p: p["postal_code"] == "57130"),
        ("accuracy_m IN (0, 3)", lambda p: p.get("accuracy_m") in (0, 3)),
        ("postal_code IN ('', '57130')", lambda p: p["postal_code"] == "57130"),
    ],
    "case-insensitive-comparison": [
        ("CASEI(name_th) = CASEI('Cafe ARZTE')", lambda p: p["name_th"].lower() == "cafe arzte"),
        ("CASEI(name_th) LIKE casei('CAF%')", lambda p: p["name_th"].lower().startswith("caf")),
        ("CASEI(address_th) IN (CASEI('οδος'), CASEI('AXB'))",
         lambda p: without_case(p["address_th"] or "") in ("οδοσ", "axb")),
        ("CASEI(address_th) = CASEI('ΟΔΟΣ')", lambda p: p["address_th"] == "ΟΔΟΣ"),
        ("CASEI('STRASSE') = CASEI('Straße')", everything),
        ("CASEI(name_en) <> casei('axb')", lambda p: name(p) and name(p).lower() != "axb"),
    ],
    "accent-insensitive-comparison": [
        ("ACCENTI(name_th) = ACCENTI('Cafe Arzte')", lambda p: p["name_th"] == "Café Ärzte"),
        ("ACCENTI(CASEI(address_th)) = accenti(casei('CAFÉ ÄRZTE'))",
         lambda p: without_accents((p["address_th"] or "").lower()) == "cafe arzte"),
        ("ACCENTI(name_th) = ACCENTI('นำใส')", lambda p: p["name_th"] == "นำใส"),
        ("ACCENTI(name_th) LIKE ACCENTI('%é A%')", lambda p: p["name_th"] == "Café Ärzte"),
    ],
    "property-property": [
        ("name_th = name_en", lambda p: p["name_th"] == p["name_en"]),
        ("name_th <> name_en", lambda p: p["name_en"] and p["name_th"] != p["name_en"]),
        ("address_th = name_th", lambda p: p["address_th"] == p["name_th"]),
        ("card_readers_working < card_readers_installed",
         lambda p: p["card_readers"]
         and p["card_readers"]["working"] < p["card_readers"]["installed"]),
        ("verified_at < updated_at",
         lambda p: p["verified_at"] and p["verified_at"] < p["updated_at"]),
        ("CASEI(name_th) = CASEI(name_en)",
         lambda p: p["name_en"] and without_case(p["name_th"]) == without_case(p["name_en"])),
    ],
    "arithmetic": [
        ("accuracy_m * 2 + 1 > 20", lambda p: (p.get("accuracy_m") or 0) * 2 + 1 > 20),
        ("card_readers_installed - card_readers_working >= 3",
         lambda p: p["card_readers"]
         and p["card_readers"]["installed"] - p["card_readers"]["working"] >= 3),
        ("revision % 2 = 1", lambda p: p["revision"] % 2 == 1),
        ("revision div 2 = 1", lambda p: p["revision"] // 2 == 1),
        ("revision ^ 2 > 8", lambda p: p["revision"] ** 2 > 8),
        ("10 / revision = 2.5", lambda p: p["revision"] == 4),
        ("1 / card_readers_working > 0.4",
         lambda p: p["card_readers"] and p["card_readers"]["working"] in (1, 2)),
        ("NOT 1 / card_readers_working > 0.4",
         lambda p: p["card_readers"] and p["card_readers"]["working"] > 2),
        ("-revision < -3", lambda p: p["revision"] > 3),
    ],
    "array-functions": [
        ("A_CONTAINS(photos, ('p1','p2'))", lambda p: {"p1", "p2"} <= set(p.get("photos", ()))),
        ("A_CONTAINEDBY(photos, ('p1','p2'))", lambda p: set(p.get("photos", ())) <= {"p1", "p2"}),
        ("A_EQUALS(photos, ('p2','p1'))", lambda p: set(p.get("photos", ())) == {"p1", "p2"}),
        ("A_OVERLAPS(photos, ('p3','zz'))", lambda p: "p3" in p.get("photos", ())),
        ("NOT A_OVERLAPS(photos, ('p3'))", lambda p: "p3" not in p.get("photos", ())),
        ("A_EQUALS(photos, ())", lambda p: not p.get("photos")),
        ("A_CONTAINS(('p1','p2'), photos)", lambda p: set(p.get("photos", ())) <= {"p1", "p2"}),
        ("A_CONTAINS(phone_numbers, ('1567'))",
         lambda p: "1567" in [x["number"] for x in p.get("phones", ())]),
        ("A_OVERLAPS(photos, phone_numbers)", nothing),
        ("A_EQUALS(photos, phone_numbers)", lambda p: not p.get("photos") and not p.get("phones")),
    ],
    "temporal-functions": [
        ("T_AFTER(updated_at, TIMESTAMP('2026-11-21T12:00:00Z'))",
         lambda p: p["updated_at"] > "2026-11-21T12:00:00.000Z"),
        ("T_AFTER(updated_at, DATE('2026-11-21'))", lambda p: day(p["updated_at"]) > "2026-11-21"),
        ("T_BEFORE(verified_at, DATE('2026-11-21'))",
         lambda p: p["verified_at"] and day(p["verified_at"]) < "2026-11-21"),
        ("NOT T_BEFORE(verified_at, DATE('2026-11-21'))",
         lambda p: p["verified_at"] and day(p["verified_at"]) >= "2026-11-21"),
        ("T_EQUALS(updated_at, DATE('2026-11-21'))",
         lambda p: day(p["updated_at"]) == "2026-11-21"),
        ("T_INTERSECTS(updated_at, INTERVAL('2026-11-21','2026-11-22'))",
         lambda p: "2026-11-21" <= day(p["updated_at"]) <= "2026-11-22"),
        ("T_INTERSECTS(updated_at, INTERVAL('..','2026-11-21'))",
         lambda p: day(p["updated_at"]) <= "2026-11-21"),
        ("T_DISJOINT(updated_at, INTERVAL('2026-11-22','..'))",
         lambda p: day(p["updated_at"]) < "2026-11-22"),
        ("T_DURING(updated_at, INTERVAL('2026-11-21T00:00:00Z','2026-11-21T12:00:00Z'))",
         lambda p: "2026-11-21T00:00:00.000Z" < p["updated_at"] < "2026-11-21T12:00:00.000Z"),
        ("T_CONTAINS(INTERVAL(created_at, updated_at), INTERVAL('2026-11-21','2026-11-21'))",
         lambda p: day(p["updated_at"]) > "2026-11-21"),
        ("T_MEETS(INTERVAL(created_at, updated_at), INTERVAL(updated_at, '..'))", everything),
        ("T_METBY(INTERVAL(updated_at, '..'), INTERVAL(created_at, updated_at))", everything),
        ("T_STARTS(INTERVAL(created_at, updated_at), INTERVAL(created_at, '..'))", everything),
        ("T_STARTEDBY(INTERVAL(created_at, '..'), INTERVAL(created_at, updated_at))",
         everything),
        ("T_FINISHES(INTERVAL(updated_at, '..'), INTERVAL(created_at, '..'))",
         lambda p: p["updated_at"] > p["created_at"]),
        ("T_FINISHEDBY(INTERVAL(created_at, '..'), INTERVAL(updated_at, '..'))",
         lambda p: p["updated_at"] > p["created_at"]),
        ("T_OVERLAPS(INTERVAL(created_at, updated_at), INTERVAL('2026-11-21', '2026-11-22'))",
         lambda p: "2026-11-20T17:00:00.000Z" < p["updated_at"] < "2026-11-22T16:59:59.999Z"),
        ("T_OVERLAPPEDBY(INTERVAL('2026-11-21', '2026-11-22'), INTERVAL(created_at, updated_at))",
         lambda p: "2026-11-20T17:00:00.000Z" < p["updated_at"] < "2026-11-22T16:59:59.999Z"),
        ("T_BEFORE(card_readers_planned_on, TIMESTAMP('2026-12-01T20:00:00Z'))",
         lambda p: (p["card_readers"] or {}).get("planned_on")),
        ("T_AFTER(card_readers_planned_on, DATE('2026-12-01'))", nothing),
        ("T_BEFORE(DATE('2026-01-01'), DATE('2026-01-02'))", everything),
    ],
    "spatial-functions": [
        ("S_INTERSECTS(geometry, BBOX(99.5, 19.5, 100.5, 20.5))",
         lambda p: p["place"] and p["place"].intersects(box_polygon())),
        ("S_INTERSECTS(geometry, POINT(100 20))", lambda p: p["place"] == shapely.Point(100, 20)),
        ("S_EQUALS(geometry, POINT(100 20))", lambda p: p["place"] == shapely.Point(100, 20)),
        ("S_DISJOINT(geometry, BBOX(99.5, 19.5, 100.5, 20.5))",
         lambda p: p["place"] and p["place"].disjoint(box_polygon())),
        ("NOT S_INTERSECTS(geometry, BBOX(99.5, 19.5, 100.5, 20.5))",
         lambda p: p["place"] and p["place"].disjoint(box_polygon())),
        ("S_WITHIN(geometry, POLYGON((99.5 19.5, 100.5 19.5, 100.5 20.5, 99.5 20.5, 99.5 19.5)))",
         lambda p: p["place"] and p["place"].within(box_polygon())),
        ("S_TOUCHES(geometry, POLYGON((99.5 19.5, 100.5 19.5, 100.5 20.5, 99.5 20.5, 99.5 19.5)))",
         lambda p: p["place"] and p["place"].touches(box_polygon())),
        ("S_CONTAINS(BBOX(99.5, 19.5, 100.5, 20.5), geometry)",
         lambda p: p["place"] and p["place"].within(box_polygon())),
        ("S_CONTAINS(geometry, MULTIPOINT((100 20), (100 20)))",
         lambda p: p["place"] == shapely.Point(100, 20)),
        ("S_OVERLAPS(geometry, BBOX(99.5, 19.5, 100.5, 20.5))", nothing),
        ("S_CROSSES(geometry, LINESTRING(99.5 19.5, 100 20))", nothing),
        ("S_INTERSECTS(geometry, LINESTRING(99.5 19.5, 100 20))",
         lambda p: p["place"] and p["place"].intersects(
             shapely.LineString([(99.5, 19.5), (100, 20)]))),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(100 20), POINT(99.5 19.5)))",
         lambda p: p["place"] in (shapely.Point(100, 20), shapely.Point(99.5, 19.5))),
        ("S_INTERSECTS(geometry, geometry)", lambda p: p["place"]),
        ("S_INTERSECTS(POINT(1 2), BBOX(0,0,3,3)) AND category = 'court'",
         lambda p: p["category"] == "court"),
        ("S_INTERSECTS(geometry, BBOX(179, -10, -179, 10))", nothing),
    ],
}  # fmt: skip
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
    # the same in JSON
    assert sample.found(json.dumps(parse(text, "cql2-text")), language="cql2-json") == wanted


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
    from geoapi.store.query import read_page
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
