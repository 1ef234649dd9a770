# SPDX-License-Identifier: GPL-2.0-or-later
"""Places and orders as rows, whatever their states, and areas for reports."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete

from geoapi.feature_rows import RowStamp, build_row
from geoapi.site import Site
from geoapi.store import features
from geoapi.store.tables import FEATURE_TABLES
from geoapi.types import JsonObject

# (code, code of the area that holds it)
AREAS = [("57", ""), ("5707", "57"), ("5708", "57"), ("50", ""), ("5001", "50")]


def document(item_id: str, code: str, **properties: object) -> JsonObject:
    codes = {
        name: code[:digits] if len(code) >= digits else None
        for name, digits in (("province_code", 2), ("district_code", 4), ("subdistrict_code", 6))
    }
    named = {"name_th": item_id, "name_en": None, "category": "school"}
    said = {name: value or None for name, value in properties.items()}
    return {
        "type": "Feature", "id": item_id, "geometry": None, "properties": {**named, **codes, **said}
    }  # fmt: skip


def row_of(table: str, found: JsonObject, view: str = "working"):
    said = found["properties"]
    area = said["subdistrict_code"] or said["district_code"] or said["province_code"] or ""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    row = build_row(table, found, RowStamp(view, 1, now, now, said["agency_id"] or "", area))
    return row.values, row.geometry


def area_document(code: str, parent: str) -> JsonObject:
    level = "province" if len(code) == 2 else "district"
    shape = [[[[99, 19], [100, 19], [100, 20], [99, 19]]]]
    return {
        "type": "Feature", "id": code, "geometry": {"type": "MultiPolygon", "coordinates": shape},
        "properties": {
            "code": code, "level": level, "parent_code": parent or None,
            "name_th": f"พื้นที่ {code}",
            "name_en": f"Area {code}", "postal_codes": [],
        },
    }  # fmt: skip


def fill(site: Site, points: list, work: list) -> None:
    """Store points (state, published state, agency, area) and orders, and nothing else."""

    def write(transaction) -> None:
        for name in ("service_point", "assignment"):
            transaction.connection.execute(delete(FEATURE_TABLES[name]))
        rows, named = [], []
        for number, (state, public, agency_, code) in enumerate(points):
            found = document(f"p{number}", code, state=state, agency_id=agency_)
            rows.append(row_of("service_point", found))
            if public:
                shown = {**found, "properties": {**found["properties"], "state": public}}
                rows.append(row_of("service_point", shown, "published"))
        for number, (point, state, due_on, campaign, agency_, code) in enumerate(work):
            point_id = f"p{point}" if point >= 0 else None
            named.append(
                row_of(
                    "assignment",
                    document(
                        f"a{number}", code, point_id=point_id, state=state, due_on=due_on,
                        campaign=campaign, agency_id=agency_, owner_id="somchai",
                    ),
                )
            )  # fmt: skip
        features.insert_rows(transaction, "service_point", rows)
        features.insert_rows(transaction, "assignment", named)

    site.store.write(write)
