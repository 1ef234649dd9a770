# SPDX-License-Identifier: GPL-2.0-or-later
"""How the record of a photo follows its point: scope, areas, and what the public sees of it.

The public sees a photo as it was when its point was last verified; what is changed since waits
for the next verification.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from geoapi.point_records import require_point, scope_of_point, with_areas
from geoapi.record_collections import PHOTOS
from geoapi.record_kind import RecordKind
from geoapi.revisions import TABLE, WriteContext, document_of
from geoapi.store import Transaction, features
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject


def photo_ids(point: JsonObject) -> list[str]:
    """Return the ids of a point's photos in their order."""
    return list(point["properties"].get("photos") or ())


def _complete(
    transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    point = require_point(transaction.connection, feature)
    return with_areas(point, {**feature, "geometry": None})


def _as_it_is(connection: Connection, feature: JsonObject) -> bool | None:
    """Leave what the public sees alone, where the public knows of the photo at all."""
    row = features.get_row(connection, TABLE, feature["properties"]["point_id"], PUBLISHED)
    return None if row is not None and feature["id"] in photo_ids(document_of(row)) else False


def _shown(_connection: Connection, _feature: JsonObject) -> bool:
    return True


def _hidden(_connection: Connection, _feature: JsonObject) -> bool:
    return False


WAITING = RecordKind(PHOTOS, complete=_complete, scope=scope_of_point, is_public=_as_it_is)
SHOWN = replace(WAITING, is_public=_shown)
HIDDEN = replace(WAITING, is_public=_hidden)
