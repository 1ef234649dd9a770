# SPDX-License-Identifier: GPL-2.0-or-later
"""CSV for spreadsheets: every column, places as lon and lat, Thai that Excel reads.

pygeoapi's own writer takes the columns of the first feature, leaves out places, and fails on
features without one.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from pygeoapi.formatter.base import BaseFormatter

from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.document import public_names
from geoapi.providers.fields import RECORD_SCHEMAS, collection_fields
from geoapi.record_schemas import public_names as record_public_names
from geoapi.types import JsonObject

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as a Windows code page
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class CsvFormatter(BaseFormatter):  # type: ignore[misc] # pygeoapi has no types
    """Writes a FeatureCollection as CSV; takes the place of pygeoapi's formatter ``CSV``."""

    def __init__(self, formatter_def: JsonObject) -> None:
        """Name media type and extension."""
        super().__init__(formatter_def | {"name": "CSV", "attachment": True})
        self.mimetype = "text/csv; charset=utf-8"
        self.f = "csv"
        self.extension = "csv"

    def write(self, options: JsonObject, data: JsonObject) -> bytes:
        """Return the rows of a FeatureCollection.

        Args:
            options: ``provider_def`` names the collection.
            data: the FeatureCollection.
        """
        return csv_text(options["provider_def"]["data"], data["features"]).encode("utf-8")


def csv_text(collection_id: str, features: list[JsonObject]) -> str:
    """Write features as CSV with a header line.

    Columns are ``id``, ``lon`` and ``lat`` (degrees, CRS84; points only), then the properties in
    the order of the schema, then those the schema does not know.

    Args:
        collection_id: whose properties they have.
        features: GeoJSON Features.
    """
    collection = collection_by_id(collection_id)
    present = dict.fromkeys(name for f in features for name in f["properties"])
    known = [
        name
        for name in collection_fields(collection)
        if name in present or name in public_columns(collection)
    ]
    names = [*known, *(name for name in present if name not in known)]
    place = ["lon", "lat"] if collection.geometry == "Point" else []
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["id", *place, *names])
    for feature in features:
        row = [feature["id"], *(_lon_lat(feature) if place else ())]
        writer.writerow([*row, *(cell(feature["properties"].get(name)) for name in names)])
    return BYTE_ORDER_MARK + target.getvalue()


def public_columns(collection: Collection) -> frozenset[str]:
    """Return the columns that are there even when no item has a value."""
    if collection.id == SERVICE_POINTS.id:
        return public_names()
    if collection.id in RECORD_SCHEMAS:
        return record_public_names(collection.table)
    return frozenset(collection_fields(collection))


def _lon_lat(feature: JsonObject) -> list[Any]:
    geometry = feature["geometry"]
    return ["", ""] if geometry is None else list(geometry["coordinates"][:2])


def cell(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return what stands in a cell; text that a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
