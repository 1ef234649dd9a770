# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the tree of agencies of the demonstration as GeoJSON features without a place."""

from __future__ import annotations

from typing import Any

from geoapi.demo.agency_catalogue import (
    DEPARTMENTS,
    DISTRICT,
    MINISTRIES,
    PROVINCIAL,
    AgencyRow,
)
from geoapi.demo.identity import NOTE_EN, NOTE_TH, PROVINCE_CODE, demo_id, fraction
from geoapi.demo.places import TOWN_SUBDISTRICTS
from geoapi.demo.sources import Area

Feature = dict[str, Any]

PROVINCE_CHIEF = "ops_moi_57"
"""Key of the governor's office, to which provincial offices answer beside their department."""

_LOCAL_SUPERVISOR = "dla_57"
_LOCAL_PER_DISTRICT = 2
_HOSPITALS_TH = {
    "5701": "โรงพยาบาลเชียงรายประชานุเคราะห์",
    "5702": "โรงพยาบาลสมเด็จพระญาณสังวร",
    "5703": "โรงพยาบาลสมเด็จพระยุพราชเชียงของ",
}
_HOSPITALS_EN = {
    "5701": "Chiangrai Prachanukroh Hospital",
    "5702": "Somdet Phra Yannasangwon Hospital",
    "5703": "Chiang Khong Crown Prince Hospital",
}


def agency_id(key: str) -> str:
    """Give the UUID of an agency by its key, such as ``cdd_5707``."""
    return demo_id("agency", key)


def build_agencies(districts: list[Area], subdistricts: list[Area]) -> list[Feature]:
    """Build all agencies, parents before children.

    Returns:
        GeoJSON features with null geometry. ``parent_id`` is the line of command, or for local
        administrations the office that supervises them; ``also_under`` lists further offices
        that it answers to: the governor's, or the district chief's.
    """
    features = [_feature(row) for row in (*MINISTRIES, *DEPARTMENTS)]
    for row in PROVINCIAL:
        chiefs = () if row.key == PROVINCE_CHIEF else (PROVINCE_CHIEF,)
        features.append(_feature(row, also_under=chiefs))
    features.append(_feature(provincial_administration()))
    for district in districts:
        inside = [area for area in subdistricts if area.parent_code == district.code]
        chief = f"dopa_{district.code}"
        for row in district_rows(district):
            above = () if row.key == chief else (chief,)
            features.append(_feature(row, district_code=district.code, also_under=above))
        for area in local_areas(district, inside):
            row = local_administration(district, area)
            features.append(_feature(row, district_code=district.code, also_under=(chief,)))
    return features


def district_rows(district: Area) -> list[AgencyRow]:
    """Give the offices that every district has, its hospital last."""
    rows = [
        AgencyRow(
            f"{row.key}_{district.code}",
            row.parent,
            row.agency_type,
            row.name_th.format(th=district.name_th),
            row.name_en.format(en=district.name_en),
            row.short_name.format(th=district.name_th),
        )
        for row in DISTRICT
    ]
    name_th = _HOSPITALS_TH.get(district.code, f"โรงพยาบาล{district.name_th}")
    name_en = _HOSPITALS_EN.get(district.code, f"{district.name_en} Hospital")
    short = name_th.replace("โรงพยาบาล", "รพ.")
    key = f"hospital_{district.code}"
    return [*rows, AgencyRow(key, "moph_57", "service_unit", name_th, name_en, short)]


def local_areas(district: Area, subdistricts: list[Area]) -> list[Area]:
    """Choose the subdistricts whose local administration is shown: the town's and some more."""
    town = TOWN_SUBDISTRICTS[district.code]
    others = sorted(
        (area for area in subdistricts if area.code != town),
        key=lambda area: fraction(f"chosen/{area.code}"),
    )
    chosen = {town, *(area.code for area in others[:_LOCAL_PER_DISTRICT])}
    return [area for area in subdistricts if area.code in chosen]


def provincial_administration() -> AgencyRow:
    """Give the provincial administrative organization."""
    return AgencyRow(
        "pao_57",
        _LOCAL_SUPERVISOR,
        "local_administration",
        "องค์การบริหารส่วนจังหวัดเชียงราย",
        "Chiang Rai Provincial Administrative Organization",
        "อบจ.เชียงราย",
    )


def is_municipality(district: Area, area: Area) -> bool:
    """Tell whether the demonstration gives a subdistrict a municipality, otherwise a SAO."""
    return area.code == TOWN_SUBDISTRICTS[district.code] or fraction(f"local/{area.code}") < 1 / 3


def local_administration(district: Area, area: Area) -> AgencyRow:
    """Give the local administration of a subdistrict."""
    key = f"local_{area.code}"
    if district.code == "5701" and area.code == TOWN_SUBDISTRICTS["5701"]:
        names = ("เทศบาลนครเชียงราย", "Chiang Rai City Municipality", "ทน.เชียงราย")
    elif is_municipality(district, area):
        place = district if area.code == TOWN_SUBDISTRICTS[district.code] else area
        names = (
            f"เทศบาลตำบล{place.name_th}",
            f"{place.name_en} Subdistrict Municipality",
            f"ทต.{place.name_th}",
        )
    else:
        names = (
            f"องค์การบริหารส่วนตำบล{area.name_th}",
            f"{area.name_en} Subdistrict Administrative Organization",
            f"อบต.{area.name_th}",
        )
    return AgencyRow(key, _LOCAL_SUPERVISOR, "local_administration", *names)


def _feature(
    row: AgencyRow, *, district_code: str | None = None, also_under: tuple[str, ...] = ()
) -> Feature:
    in_province = district_code is not None or row.key.endswith("_57")
    properties: dict[str, Any] = {
        "code": row.key,
        "name_th": row.name_th,
        "name_en": row.name_en,
        "short_name": row.short_name or None,
        "agency_type": row.agency_type,
        "parent_id": agency_id(row.parent) if row.parent else None,
        "also_under": [agency_id(key) for key in also_under],
        "province_code": PROVINCE_CODE if in_province else None,
        "district_code": district_code,
        "synthetic": district_code is not None,
    }
    if district_code is not None:
        properties |= {"note_th": NOTE_TH, "note_en": NOTE_EN}
    return {
        "type": "Feature",
        "id": agency_id(row.key),
        "geometry": None,
        "properties": properties,
    }
