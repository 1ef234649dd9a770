# SPDX-License-Identifier: GPL-2.0-or-later
"""The kind of each collection of records: what the API writes them by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geoapi import (
    assignments,
    copies,
    legal_instruments,
    point_offers,
    record_collections,
    services,
    tasks,
)
from geoapi.collection_model import Collection
from geoapi.point_records import is_point_public, require_point, scope_of_point, with_areas
from geoapi.record_kind import RecordKind
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject


def _of_point(
    transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    return with_areas(require_point(transaction.connection, feature), feature)


def _part_of_point(collection: Collection) -> RecordKind:
    return RecordKind(
        collection, complete=_of_point, scope=scope_of_point, is_public=is_point_public
    )


KINDS: Mapping[str, RecordKind] = MappingProxyType(
    {
        kind.collection.id: kind
        for kind in (
            services.KIND,
            point_offers.KIND,
            copies.KIND,
            legal_instruments.KIND,
            assignments.KIND,
            _part_of_point(record_collections.PHOTOS),
            RecordKind(record_collections.DRAFTS),
            tasks.KIND,
        )
    }
)
