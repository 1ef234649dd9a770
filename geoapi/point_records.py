# SPDX-License-Identifier: GPL-2.0-or-later
"""What records of a service point share: its scope, its areas, and whether it is public."""

from __future__ import annotations

from sqlalchemy import Connection

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.revisions import TABLE, document_of
from geoapi.store import FeatureRow, features
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope

AREA_MEMBERS = ("province_code", "district_code", "subdistrict_code")


def point_row(connection: Connection, point_id: str, *, lock: bool = False) -> FeatureRow | None:
    """Return the working row of a point, None when there is none; asks for no right."""
    return features.get_row(connection, TABLE, point_id, WORKING, lock=lock)


def require_point(connection: Connection, feature: JsonObject, *, lock: bool = False) -> FeatureRow:
    """Return the working row of the point that a record names.

    Raises:
        InvalidDocumentError: there is no such point.
    """
    row = point_row(connection, str(feature["properties"].get("point_id") or ""), lock=lock)
    if row is None:
        problem = Problem("records.unknown_point", "/properties/point_id")
        raise InvalidDocumentError("records.unknown_point", problems=(problem,))
    return row


def scope_of_point(connection: Connection, feature: JsonObject) -> Scope:
    """Return the scope of the point that a record names; of no point when it names none."""
    row = point_row(connection, str(feature["properties"].get("point_id") or ""))
    if row is None:
        return Scope()
    return Scope(row.scope_agency_id, row.scope_area_code)


def is_point_public(connection: Connection, feature: JsonObject) -> bool:
    """Say whether the public sees the point that a record names."""
    point_id = str(feature["properties"].get("point_id") or "")
    return features.get_row(connection, TABLE, point_id, PUBLISHED) is not None


def with_areas(row: FeatureRow, feature: JsonObject) -> JsonObject:
    """Return a record with the codes of the areas in which its point lies."""
    point = document_of(row)["properties"]
    areas = {name: point.get(name) for name in AREA_MEMBERS}
    return {**feature, "properties": {**feature["properties"], **areas}}
