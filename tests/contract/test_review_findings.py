# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reviewer's cheap checks find, on both stores, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from geoapi import reference_data
from geoapi.messages import known_message_ids
from geoapi.review_findings import ReviewFinding, findings_for, is_blocking
from geoapi.revisions import Item, WriteContext
from geoapi.rights import SYSTEM, Grant
from geoapi.site import Site
from tests.contract.point_samples import (
    LAT,
    LON,
    REVIEWER,
    agency,
    agency_id,
    change,
    create,
    publish,
    put_agencies,
    user,
)

M = 1 / 111_195  # degrees of latitude in a metre, on the sphere of the distance
WHOLE = {
    "name_en": "Huai Chomphu Hospital",
    "phones": [{"number": "+6653150161", "kind": "main"}],
}


def area(level: str, code: str, name: str, box: tuple[float, float, float, float]) -> Any:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "id": code,
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        "properties": {
            "code": code,
            "level": level,
            "parent_code": code[:-2] or None,
            "name_th": name,
            "name_en": f"{name} en",
        },
    }


@pytest.fixture(autouse=True)
def areas(site: Site) -> None:
    documents = [
        area("province", "57", "เชียงราย", (99.2, 19.0, 100.6, 20.5)),
        area("district", "5701", "เมือง", (99.6, 19.7, 100.0, 20.0)),
        area("subdistrict", "570101", "เวียง", (99.8, 19.9, 99.9, 20.0)),
    ]
    site.store.write(lambda t: reference_data.put_areas(t, WriteContext(SYSTEM), documents))


def found(site: Site, item: Item, viewer=REVIEWER) -> list[ReviewFinding]:
    findings = findings_for(site, viewer, item.feature)
    assert {f.message_id for f in findings} <= known_message_ids()
    return findings


def rules(site: Site, item: Item, viewer=REVIEWER) -> list[str]:
    return [finding.rule for finding in found(site, item, viewer)]


def test_a_whole_point_in_its_place_has_no_findings(site: Site):
    assert found(site, create(site, **WHOLE)) == []
    assert found(site, create(site, position=None, **WHOLE)) == []


@pytest.mark.parametrize(
    ("place", "rule", "blocks", "name"),
    [
        ((99.75, 19.95), "adm.outside_subdistrict", False, "เวียง"),
        ((99.5, 19.95), "adm.outside_district", True, "เมือง"),
        ((98.9, 18.7), "adm.outside_province", True, "เชียงราย"),
        ((99.8 - 200 * M, 19.95), "", False, ""),  # boundaries are approximate
    ],
)
def test_f3_a_place_outside_of_the_areas_given_is_said_with_the_widest_area(
    site: Site, place: tuple[float, float], rule: str, blocks: bool, name: str
):
    findings = found(site, create(site, position=place, **WHOLE))
    assert [f.rule for f in findings] == ([rule] if rule else [])
    for finding in findings:
        assert (is_blocking(finding), finding.params["name_th"]) == (blocks, name)


def test_areas_that_the_site_does_not_know_are_no_findings(site: Site):
    assert rules(site, create(site, subdistrict_code="571101", **WHOLE)) == []


@pytest.mark.parametrize(("metres", "is_double"), [(29, True), (31, False)])
def test_f2_same_category_at_the_same_spot_may_be_a_double(
    site: Site, metres: float, is_double: bool
):
    other = create(site, name_th="ชื่ออื่น", position=(LON, LAT + metres * M))
    item = create(site, **WHOLE)
    findings = found(site, item)
    assert [f.rule for f in findings] == (["dup.possible"] if is_double else [])
    if is_double:
        assert findings[0].other["id"] == other.id
        assert findings[0].params["distance"] == "29"
        assert is_blocking(findings[0])


@pytest.mark.parametrize(("metres", "is_double"), [(1990, True), (2010, False)])
def test_f2_same_name_near_by_may_be_a_double(site: Site, metres: float, is_double: bool):
    create(site, category="school")
    item = create(site, position=(LON, LAT + metres * M), **WHOLE)
    assert rules(site, item) == (["dup.possible"] if is_double else [])


def test_another_agency_in_the_same_building_is_a_warning(site: Site):
    put_agencies(site, agency(1), agency(2))
    create(site, name_th="ชื่ออื่น", agency_id=agency_id(1))
    item = create(site, agency_id=agency_id(2), **WHOLE)
    assert [is_blocking(f) for f in found(site, item)] == [False]


def test_main_place_and_branches_are_no_doubles(site: Site):
    main = create(site, name_th="สำนักงานใหญ่", **WHOLE)
    one = create(site, parent_id=main.id, name_th="สาขาหนึ่ง", **WHOLE)
    two = create(site, parent_id=main.id, name_th="สาขาสอง", **WHOLE)
    assert [rules(site, item) for item in (main, one, two)] == [[], [], []]


def test_doubles_are_looked_for_among_what_the_reviewer_may_see(site: Site):
    create(site, name_th="ชื่ออื่น")
    item = create(site, **WHOLE)
    elsewhere = user("elsewhere", Grant("supervisor", area_code="50"))
    assert rules(site, item, elsewhere) == []


def test_gaps_and_far_moves_are_warnings(site: Site):
    item = create(site)
    assert rules(site, item) == ["tel.missing", "name.en_missing"]
    item = change(site, item, no_phone=True, name_en="Hospital")
    assert rules(site, item) == []
    publish(site, item)
    near = change(site, item, position=(LON, LAT + 49 * M))
    assert rules(site, near) == []
    far = change(site, item, position=(LON, LAT + 51 * M))
    assert [(f.rule, f.params["distance"]) for f in found(site, far)] == [("geom.moved_far", "51")]
