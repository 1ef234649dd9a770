# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live sites hold from the beginning: users of every role, areas, agencies and points."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from geoapi import reference_data
from geoapi.importing.merging import merge_service_points
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Grant
from geoapi.store import Transaction
from geoapi.store.imports import StagedRow

_CONTEXT = WriteContext(viewer=SYSTEM, client="tests", reason="tests")
_NAMES = uuid.UUID("5b0a3f52-7f0e-4c57-9a53-000000000001")


def named_id(name: str) -> str:
    """Return the same id for the same name in each run."""
    return str(uuid.uuid5(_NAMES, name))


MINISTRY, OFFICE, OTHER_MINISTRY = (named_id(n) for n in ("ministry", "office", "other"))

# Every right inside and outside of Mae Chan (5707) and of the office that keeps its points.
USERS: Mapping[str, tuple[Grant, ...]] = {
    "officer_in": (Grant("officer", OFFICE, "5707"),),
    "officer_out": (Grant("officer", "", "50"),),
    "gis_officer_in": (Grant("gis_officer", "", "57"),),
    "gis_officer_out": (Grant("gis_officer", OTHER_MINISTRY, ""),),
    "agency_admin_in": (Grant("agency_admin", MINISTRY, ""),),
    "agency_admin_out": (Grant("agency_admin", OTHER_MINISTRY, ""),),
    "supervisor_in": (Grant("supervisor", "", "5707"),),
    "supervisor_out": (Grant("supervisor", "", "5001"),),
    "planner_in": (Grant("planner", "", "57"),),
    "planner_out": (Grant("planner", "", "50"),),
    "executive": (Grant("executive", "", ""),),
    "moderator": (Grant("moderator", "", ""),),
    "admin": (Grant("admin", "", ""),),
    "expired": (Grant("gis_officer", "", "57", valid_to=date(2026, 1, 1)),),
    "disabled": (Grant("gis_officer", "", "57"),),
    "nobody": (),
}
# (code, name, box) of each area; boxes of one level do not overlap.
AREAS = (
    ("province", "57", "เชียงราย", "Chiang Rai", (99.2, 19.0, 100.6, 20.5)),
    ("province", "50", "เชียงใหม่", "Chiang Mai", (98.0, 17.2, 99.2, 20.2)),
    ("district", "5701", "เมืองเชียงราย", "Mueang Chiang Rai", (99.6, 19.7, 100.0, 20.0)),
    ("district", "5707", "แม่จัน", "Mae Chan", (99.6, 20.0, 100.0, 20.3)),
    ("district", "5001", "เมืองเชียงใหม่", "Mueang Chiang Mai", (98.8, 18.7, 99.1, 18.9)),
    ("subdistrict", "570101", "เวียง", "Wiang", (99.7, 19.8, 99.9, 20.0)),
    ("subdistrict", "570701", "แม่จัน", "Mae Chan", (99.6, 20.0, 99.8, 20.3)),
    ("subdistrict", "570702", "จันจว้า", "Chan Chwa", (99.8, 20.0, 100.0, 20.3)),
    ("subdistrict", "500101", "ศรีภูมิ", "Si Phum", (98.9, 18.7, 99.0, 18.8)),
)
CATEGORIES = ("hospital", "police_station", "post_office")
VERIFIED = 60


def point(name: str = "ที่ว่าการอำเภอแม่จัน", **properties: Any) -> dict[str, Any]:
    """Make a service point of the office in Mae Chan, as a client would send it."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [99.8521, 20.1462]},
        "properties": {
            "name_th": name, "category": "hospital", "agency_id": OFFICE,
            "subdistrict_code": "570702", **properties,
        },
    }  # fmt: skip


def _area(entry: tuple[Any, ...]) -> dict[str, Any]:
    level, code, name_th, name_en, (west, south, east, north) = entry
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {
        "code": code, "level": level, "parent_code": code[:-2] or None,
        "name_th": name_th, "name_en": name_en,
    }  # fmt: skip
    geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
    return {"type": "Feature", "id": code, "geometry": geometry, "properties": properties}


def _agency(item_id: str, name: str, parent_id: str | None) -> dict[str, Any]:
    kind = "provincial_office" if parent_id else "ministry"
    properties = {
        "code": name, "name_th": f"หน่วยงาน {name}", "name_en": name, "agency_type": kind,
        "parent_id": parent_id, "also_under": [],
    }  # fmt: skip
    return {"type": "Feature", "id": item_id, "geometry": None, "properties": properties}


def seeded(number: int, prefix: str = "verified") -> dict[str, Any]:
    """Make one of the points that are there from the beginning; several values are missing."""
    west, south = (99.65, 20.05) if number % 2 else (99.85, 20.05)
    feature = point(
        f"สถานบริการ {prefix} {number % 17 + 100}",
        name_en=f"Place {number % 13}" if number % 3 else None,
        official_id=f"{prefix}-{number:03}" if number % 4 else None,
        category=CATEGORIES[number % 3],
        subdistrict_code="570701" if number % 2 else "570702",
    )
    feature["id"] = named_id(f"{prefix}{number}")
    feature["geometry"]["coordinates"] = [west + number / 1000, south + number / 500]
    return feature


def _outside(number: int) -> dict[str, Any]:
    feature = seeded(number, "outside")
    feature["properties"] |= {"subdistrict_code": "500101", "agency_id": OTHER_MINISTRY}
    feature["geometry"]["coordinates"] = [98.95 + number / 1000, 18.75]
    return feature


def fill(transaction: Transaction) -> None:
    """Write areas, agencies and points into an empty store."""
    reference_data.put_areas(transaction, _CONTEXT, [_area(entry) for entry in AREAS])
    agencies = [
        _agency(MINISTRY, "ministry", None),
        _agency(OFFICE, "office", MINISTRY),
        _agency(OTHER_MINISTRY, "other", None),
    ]
    reference_data.put_agencies(transaction, _CONTEXT, agencies)
    groups = {
        "verified": [seeded(n) for n in range(VERIFIED)] + [_outside(n) for n in range(2)],
        "draft": [seeded(n, "draft") for n in range(4)] + [_outside(n) for n in range(2, 4)],
        "submitted": [seeded(n, "submitted") for n in range(2)],
    }
    for target, documents in groups.items():
        rows = [StagedRow(n, f"{target}:{d['id']}", d) for n, d in enumerate(documents, 1)]
        merge_service_points(transaction, _CONTEXT, rows, target)
