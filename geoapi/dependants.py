# SPDX-License-Identifier: GPL-2.0-or-later
"""What hangs on a point follows it: seen by the public when the point is, gone when it is gone.

Every write of a point goes through here.  Photos, services and copies add a function to
``DEPENDANTS``; each is called in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from geoapi import revisions
from geoapi.point_offers import follow_point
from geoapi.revisions import TABLE, Edit, Item, WriteContext
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.tables import PUBLISHED, WORKING

# (transaction, context, id of the point, whether the public sees it now); a point that was
# deleted is not there any more.  Called when a point became public or ceased to be, came under
# another agency or area, or was deleted.
type Dependant = Callable[[Transaction, WriteContext, str, bool], None]
DEPENDANTS: tuple[Dependant, ...] = (follow_point,)


@dataclass(frozen=True)
class _Standing:
    """What dependants take from a point."""

    is_public: bool
    scope: tuple[str, str] | None


def _standing(connection: Connection, point_id: str) -> _Standing:
    public = features.get_row(connection, TABLE, point_id, PUBLISHED)
    row = features.get_row(connection, TABLE, point_id, WORKING)
    scope = None if row is None else (row.scope_agency_id, row.scope_area_code)
    return _Standing(public is not None, scope)


def write_point(
    transaction: Transaction, context: WriteContext, edit: Edit, current: FeatureRow | None
) -> Item:
    """Store a revision of a point, as :func:`revisions.write_revision`; dependants follow it."""
    connection, point_id = transaction.connection, edit.feature["id"]
    before = None if current is None else _standing(connection, point_id)
    item = revisions.write_revision(transaction, context, edit, current)
    if before is not None:
        notify(transaction, context, point_id, before)
    return item


def delete_point(transaction: Transaction, context: WriteContext, current: FeatureRow) -> None:
    """Delete a point, as :func:`revisions.delete_item`; what hangs on it goes as well."""
    before = _standing(transaction.connection, current.id)
    revisions.delete_item(transaction, context, current)
    notify(transaction, context, current.id, before)


def notify(
    transaction: Transaction, context: WriteContext, point_id: str, before: _Standing
) -> None:
    """Call the dependants of a point when what they take from it has changed."""
    now = _standing(transaction.connection, point_id)
    if now != before:
        for follow in DEPENDANTS:
            follow(transaction, context, point_id, now.is_public)
