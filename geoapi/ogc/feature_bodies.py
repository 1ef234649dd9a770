# SPDX-License-Identifier: GPL-2.0-or-later
"""Check the shape of a feature or patch that a client sent, before its rules are looked at."""

from __future__ import annotations

from geoapi.collections import SERVICE_POINTS, Collection
from geoapi.document import properties_schema
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.ogc.bodies import refuse_foreign_crs, refuse_mending
from geoapi.record_schemas import record_schema
from geoapi.types import JsonObject


def check_feature(collection: Collection, document: JsonObject, *, is_strict: bool) -> None:
    """Refuse what is no single feature, and, when handling is strict, what would be mended.

    Raises:
        InvalidDocumentError: a collection of features, a foreign CRS, or members without a place.
    """
    if document.get("type") == "FeatureCollection":
        problem = Problem("document.one_feature", "/type")
        raise InvalidDocumentError("document.one_feature", problems=(problem,))
    check_members(collection, document, is_strict=is_strict)


def check_members(collection: Collection, document: JsonObject, *, is_strict: bool) -> None:
    """Refuse a foreign CRS and, when handling is strict, what would be mended.

    Raises:
        InvalidDocumentError: a foreign CRS, or members without a place.
    """
    refuse_foreign_crs(document)
    if is_strict:
        refuse_mending(document, _known_properties(collection))


def _known_properties(collection: Collection) -> frozenset[str]:
    if collection.id == SERVICE_POINTS.id:
        return frozenset(properties_schema())
    return frozenset(record_schema(collection.table)["properties"])


def without_served_members(document: JsonObject) -> JsonObject:
    """Drop what answers carry beside the document, so that a client may send back what it got."""
    return {k: v for k, v in document.items() if k not in {"etag", "links"}}
