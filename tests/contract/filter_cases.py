# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters of each declared class of CQL2 beside the plain Python that keeps the same items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import shapely

from geoapi.store.text_folding import without_accents, without_case
from tests.contract.filter_samples import box_polygon


def name(p: Any) -> str | None:
    return p["name_en"] or None


def day(text: str | None) -> str | None:
    """The day in Thailand of an instant."""
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
