# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the synthetic service points as GeoJSON features, every one correct.

The deliberate mistakes are made afterwards, in :mod:`geoapi.demo.mistakes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geoapi.demo.agencies import (
    agency_id,
    district_rows,
    is_municipality,
    local_administration,
    local_areas,
    provincial_administration,
)
from geoapi.demo.agency_catalogue import PROVINCIAL as PROVINCIAL_ROWS
from geoapi.demo.identity import NOTE_EN, NOTE_TH, PROVINCE_CODE, demo_id, fraction
from geoapi.demo.places import TOWN_SUBDISTRICTS, Ground, place_near
from geoapi.demo.point_catalogue import (
    BRANCHES,
    COURT,
    DISTRICT_AGENCIES,
    EDGE,
    OFFICE_HOURS,
    PER_DISTRICT,
    PROVINCIAL,
    PROVINCIAL_AGENCIES,
    SCHOOL_HOURS,
    TOWN,
    PointRow,
)
from geoapi.demo.sources import Area

Feature = dict[str, Any]

CAPITAL = "5701"
_LARGE_DISTRICT = 7  # subdistricts; these get one more school
_SHORT_FORMS = (
    ("โรงพยาบาลส่งเสริมสุขภาพตำบล", "รพ.สต."),
    ("สำนักงานเทศบาลตำบล", "ทต."),
    ("สำนักงานเทศบาลนคร", "ทน."),
    ("องค์การบริหารส่วนตำบล", "อบต."),
    ("องค์การบริหารส่วนจังหวัด", "อบจ."),
    ("สถานีตำรวจภูธร", "สภ."),
    ("สำนักงานพัฒนาชุมชนจังหวัด", "สพจ."),
    ("สำนักงานพัฒนาชุมชนอำเภอ", "สพอ."),
    ("สำนักงานสาธารณสุขจังหวัด", "สสจ."),
    ("สำนักงานสาธารณสุขอำเภอ", "สสอ."),
    ("โรงพยาบาล", "รพ."),
)
"""Beginnings of names and their usual abbreviations, longer ones first."""

_PHONE_PREFIX = "+6653000"
"""Numbers 053-000-xxx are given to nobody: after an area code no number starts with 0."""


def point_id(key: str) -> str:
    """Give the UUID of a service point by its key, such as ``cdd_5707``."""
    return demo_id("service-point", key)


def build_service_points(grounds: list[Ground], subdistricts: list[Area]) -> dict[str, Feature]:
    """Build the service points of all districts.

    Args:
        grounds: one per district, in order of code.
        subdistricts: those of the whole province.

    Returns:
        Features by key, in order of district.
    """
    by_code = {area.code: area for area in subdistricts}
    features: dict[str, Feature] = {}
    for ground in grounds:
        inside = [area for area in subdistricts if area.parent_code == ground.district.code]
        for number, row in enumerate(_rows(ground.district, inside), 1):
            feature = _feature(row, ground, by_code, number)
            feature["properties"]["phones"] = [_phone(len(features))]
            features[row.key] = feature
    return features


def _rows(district: Area, subdistricts: list[Area]) -> Iterator[PointRow]:
    yield from _agency_rows(district)
    for row in PER_DISTRICT:
        yield _filled(row, district)
    for codes, row in BRANCHES:
        if district.code in codes.split():
            yield _filled(row, district)
    if district.code == CAPITAL:
        yield from _capital_rows()
    for area in local_areas(district, subdistricts):
        yield from _subdistrict_rows(district, area, len(subdistricts))


def _agency_rows(district: Area) -> Iterator[PointRow]:
    for agency in district_rows(district):
        category, where_m, hours = DISTRICT_AGENCIES[agency.key.split("_")[0]]
        parent = f"dopa_{district.code}" if category == "community_development_office" else ""
        yield PointRow(
            agency.key, category, agency.key, agency.name_th, agency.name_en, where_m, hours, parent
        )


def _capital_rows() -> Iterator[PointRow]:
    for agency in (*PROVINCIAL_ROWS, provincial_administration()):
        category = PROVINCIAL_AGENCIES.get(agency.key)
        if category:
            yield PointRow(agency.key, category, agency.key, agency.name_th, agency.name_en)
    yield from PROVINCIAL


def _subdistrict_rows(district: Area, area: Area, subdistrict_count: int) -> Iterator[PointRow]:
    local = local_administration(district, area)
    office_th = f"สำนักงาน{local.name_th}" if is_municipality(district, area) else local.name_th
    category = (
        "municipality" if is_municipality(district, area)
        else "subdistrict_administrative_organization"
    )  # fmt: skip
    yield PointRow(
        local.key, category, local.key, office_th, f"{local.name_en} Office",
        TOWN, OFFICE_HOURS, "", area.code,
    )  # fmt: skip
    if area.code == TOWN_SUBDISTRICTS[district.code]:
        return
    yield PointRow(
        f"hph_{area.code}", "health_promoting_hospital", f"moph_{district.code}",
        f"โรงพยาบาลส่งเสริมสุขภาพตำบล{area.name_th}",
        f"{area.name_en} Subdistrict Health Promoting Hospital", TOWN, OFFICE_HOURS, "", area.code,
    )  # fmt: skip
    if subdistrict_count >= _LARGE_DISTRICT:
        village_th = area.name_th.removeprefix("บ้าน")
        village_en = area.name_en.removeprefix("Ban ")
        yield PointRow(
            f"school_{area.code}", "school", "obec_57", f"โรงเรียนบ้าน{village_th}",
            f"Ban {village_en} School", EDGE, SCHOOL_HOURS, "", area.code,
        )  # fmt: skip
    if fraction(f"headman/{area.code}") < 1 / 9:
        yield PointRow(
            f"headman_{area.code}", "subdistrict_headman_office", f"dopa_{district.code}",
            f"ที่ทำการกำนันตำบล{area.name_th}", f"{area.name_en} Subdistrict Headman's Office",
            EDGE, OFFICE_HOURS, "", area.code,
        )  # fmt: skip


def _filled(row: PointRow, district: Area) -> PointRow:
    # The capital's own name has the word for capital before it: not part of the town's name.
    is_capital = district.code == CAPITAL
    town_th = district.name_th.removeprefix("เมือง") if is_capital else district.name_th
    town_en = district.name_en.removeprefix("Mueang ") if is_capital else district.name_en
    return row._replace(
        key=f"{row.key}_{district.code}",
        agency=row.agency.format(d=district.code),
        name_th=row.name_th.format(th=district.name_th, town_th=town_th),
        name_en=row.name_en.format(en=district.name_en, town_en=town_en),
        parent=row.parent.format(d=district.code),
    )


def _feature(row: PointRow, ground: Ground, areas: dict[str, Area], number: int) -> Feature:
    district = ground.district
    area = areas[row.subdistrict or TOWN_SUBDISTRICTS[district.code]]
    place = place_near(ground, ground.middles[area.code], *row.where_m, row.key)
    properties = {
        "official_id": f"DEMO-{district.code}-{number:02d}",
        "name_th": row.name_th,
        "name_en": row.name_en,
        "short_name": _short_name(row.name_th),
        "category": row.category,
        "agency_id": agency_id(row.agency) if row.agency else None,
        "is_branch": "สาขา" in row.name_th,
        **_address(row, district, area),
        "phones": [],
        "opening_hours": row.hours,
        "parent_id": point_id(row.parent) if row.parent else None,
        "status": "open",
        **_position_facts(row),
        **_card_facts(row),
        "synthetic": True,
        "note_th": NOTE_TH,
        "note_en": NOTE_EN,
    }
    geometry = {"type": "Point", "coordinates": list(place)}
    return {
        "type": "Feature",
        "id": point_id(row.key),
        "geometry": geometry,
        "properties": properties,
    }


def _address(row: PointRow, district: Area, area: Area) -> dict[str, str]:
    # An office inside another place has that place's address.
    door = row.parent or row.key
    house, moo = 1 + int(fraction(f"house/{door}") * 299), 1 + int(fraction(f"moo/{door}") * 9)
    postal_code = area.postal_codes[0]
    return {
        "address_th": f"เลขที่ {house} หมู่ที่ {moo} ตำบล{area.name_th} "
        f"อำเภอ{district.name_th} จังหวัดเชียงราย {postal_code}",
        "address_en": f"{house} Moo {moo}, {area.name_en} Subdistrict, "
        f"{district.name_en} District, Chiang Rai {postal_code}",
        "province_code": PROVINCE_CODE,
        "district_code": district.code,
        "subdistrict_code": area.code,
        "postal_code": postal_code,
    }


def _short_name(name_th: str) -> str | None:
    for long, short in _SHORT_FORMS:
        if name_th.startswith(long):
            return short + name_th.removeprefix(long)
    return None


def _position_facts(row: PointRow) -> dict[str, Any]:
    surveyed = fraction(f"method/{row.key}") < 2 / 3
    return {
        "position_basis": "main_entrance" if surveyed else "building_centre",
        "position_method": "gps" if surveyed else "imagery",
        "accuracy_m": round(4 + fraction(f"accuracy/{row.key}") * 8, 1) if surveyed else 15.0,
    }


def _card_facts(row: PointRow) -> dict[str, Any]:
    """Give the district offices their card readers; the others wait for theirs."""
    if row.category == "district_office":
        count = 2 + int(fraction(f"readers/{row.key}") * 4)
        return {
            "card_readers": {"installed": count, "working": count - 1, "planned_on": None},
            "civil_registry_link": "live",
        }
    if row.where_m == COURT or row.category == "municipality":
        return {
            "card_readers": {"installed": 0, "working": 0, "planned_on": "2027-03-31"},
            "civil_registry_link": "in_progress",
        }
    return {"civil_registry_link": "none"}


def _phone(index: int) -> dict[str, Any]:
    return {"number": f"{_PHONE_PREFIX}{index + 1:03d}", "kind": "main"}
