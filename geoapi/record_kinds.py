# SPDX-License-Identifier: GPL-2.0-or-later
"""The kind of each collection of records: what the API writes them by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geoapi import drafts, record_collections
from geoapi.collection_model import Collection
from geoapi.point_records import is_point_public, require_point, scope_of_point, with_areas
from geoapi.record_kind import RecordKind
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject, Scope


def _of_point(
    transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    return with_areas(require_point(transaction.connection, feature), feature)


def _of_agency(_connection: object, feature: JsonObject) -> Scope:
    return Scope(feature["properties"].get("agency_id") or "")


def _of_agency_and_area(_connection: object, feature: JsonObject) -> Scope:
    properties = feature["properties"]
    area = properties.get("district_code") or properties.get("province_code") or ""
    return Scope(properties.get("agency_id") or "", area)


def _part_of_point(collection: Collection) -> RecordKind:
    return RecordKind(
        collection, complete=_of_point, scope=scope_of_point, is_public=is_point_public
    )


KINDS: Mapping[str, RecordKind] = MappingProxyType(
    {
        kind.collection.id: kind
        for kind in (
            RecordKind(record_collections.SERVICES, scope=_of_agency),
            _part_of_point(record_collections.POINT_SERVICES),
            _part_of_point(record_collections.COPY_REQUIREMENTS),
            RecordKind(record_collections.LEGAL_INSTRUMENTS),
            RecordKind(record_collections.ASSIGNMENTS, scope=_of_agency_and_area),
            _part_of_point(record_collections.PHOTOS),
            drafts.KIND,
            RecordKind(record_collections.TASKS, scope=scope_of_point),
        )
    }
)
