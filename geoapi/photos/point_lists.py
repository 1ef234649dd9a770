# SPDX-License-Identifier: GPL-2.0-or-later
"""Rewrite the list of photos inside a stored view of a point, without a revision of its own."""

from __future__ import annotations

from collections.abc import Sequence

from geoapi.feature_rows import RowStamp, build_row
from geoapi.revisions import COLLECTION, TABLE, document_of
from geoapi.store import Transaction, features
from geoapi.store.tables import PUBLISHED


def rewrite(transaction: Transaction, point_id: str, view: str, ids: Sequence[str]) -> str | None:
    """Give a view of a point another list of photos.

    Args:
        transaction: the write it belongs to; whoever calls tells history and feed.
        point_id: of the point.
        view: ``published`` or ``working``.
        ids: of the photos, in order.

    Returns:
        The new GeoJSON text, None when there is no such view or nothing changes.
    """
    row = features.get_row(transaction.connection, TABLE, point_id, view, lock=True)
    if row is None:
        return None
    point = document_of(row)
    if list(point["properties"].get("photos") or ()) == list(ids):
        return None
    changed = {**point, "properties": {**point["properties"], "photos": list(ids)}}
    scope = (row.scope_agency_id, row.scope_area_code)
    stamp = RowStamp(view, row.revision, row.created_at, transaction.now, *scope)
    built = build_row(TABLE, changed, stamp, {"editors": row.editors})
    features.put_row(transaction, TABLE, built.values, built.geometry)
    return built.feature


def tell(transaction: Transaction, point_id: str, view: str, text: str) -> None:
    """Put a rewritten view into the change entry that this transaction holds for the point."""
    entry = next(
        entry
        for entry in reversed(transaction.changes)
        if entry["collection"] == COLLECTION and entry["item_id"] == point_id
    )
    if view == PUBLISHED:
        entry |= {"public_effect": "upsert", "public_document": text}
    else:
        entry["document"] = text
