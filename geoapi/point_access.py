# SPDX-License-Identifier: GPL-2.0-or-later
"""Reach a service point for a write: rights inside the statements, locks, relatives.

Documents are checked before the transaction; inside it the revision is compared again, and the
rights over the old and the new row are conditions of the statements that read them.
"""

from __future__ import annotations

from typing import Any

from geoapi.collections import SERVICE_POINTS
from geoapi.errors import ForbiddenError, InvalidDocumentError, NotFoundError, Problem
from geoapi.preconditions import precondition_failed
from geoapi.revisions import TABLE, WriteContext, document_of
from geoapi.rights import Viewer, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.query import StoredItem, read_item
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope


def stored_item(site: Site, viewer: Viewer, item_id: str) -> StoredItem | None:
    """Return a service point as the viewer may see it, None when that is not at all."""
    if "\0" in item_id:  # PostgreSQL can't be asked for it
        return None
    held = scopes(viewer, "points.read_working")
    return read_item(site.store, SERVICE_POINTS.source, item_id, held)


def one_problem(
    message_id: str,
    pointer: str,
    **params: Any,  # noqa: ANN401 - placeholders take any printable value
) -> InvalidDocumentError:
    """Make the error of a document in which one thing is wrong."""
    problem = Problem(message_id, pointer, params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)


def row_to_write(
    site: Site, context: WriteContext, item_id: str, held: tuple[Scope, ...]
) -> FeatureRow:
    """Return the working row if the right covers it; else say 403 or 404 by what may be seen."""
    if "\0" in item_id:  # PostgreSQL can't be asked for it
        raise NotFoundError("ogc.item_not_found", id="")
    row = site.store.read(
        lambda connection: features.get_row(connection, TABLE, item_id, WORKING, scopes=held)
    )
    if row is None:
        if stored_item(site, context.viewer, item_id) is None:
            raise NotFoundError("ogc.item_not_found", id=item_id)
        raise ForbiddenError("auth.outside_scope")
    return row


def locked(
    transaction: Transaction, item_id: str, held: tuple[Scope, ...], seen: FeatureRow
) -> FeatureRow:
    """Lock the working row and make sure it is still the one that was checked."""
    row = features.get_row(transaction.connection, TABLE, item_id, WORKING, scopes=held, lock=True)
    if row is None:
        raise NotFoundError("ogc.item_not_found", id=item_id)
    if row.revision != seen.revision:
        raise precondition_failed(row)
    return row


def require_inside(transaction: Transaction, item_id: str, held: tuple[Scope, ...]) -> None:
    """Refuse a write that leaves the point outside what the viewer may edit."""
    connection = transaction.connection
    if features.get_row(connection, TABLE, item_id, WORKING, scopes=held) is None:
        raise ForbiddenError("auth.outside_scope")


def check_relatives(transaction: Transaction, feature: JsonObject) -> None:
    """Refuse an unknown agency, an unknown or merged main place, and a circle of main places."""
    properties = feature["properties"]
    connection = transaction.connection
    agency_id = properties.get("agency_id")
    if agency_id and features.get_row(connection, "agency", agency_id, PUBLISHED) is None:
        raise one_problem("document.unknown_agency", "/properties/agency_id")
    seen = {feature["id"]}
    parent_id = properties.get("parent_id")
    while parent_id:
        if parent_id in seen:
            raise one_problem("document.parent_circle", "/properties/parent_id")
        seen.add(parent_id)
        # held, so that nobody deletes it or closes a circle meanwhile
        parent = features.get_row(connection, TABLE, parent_id, WORKING, lock=True)
        if parent is None:
            raise one_problem("document.unknown_parent", "/properties/parent_id")
        above = document_of(parent)["properties"]
        if parent.state == "merged" and parent_id == properties["parent_id"]:
            # its branches hang under what it became
            raise one_problem(
                "document.parent_merged",
                "/properties/parent_id",
                successor_id=above.get("successor_id"),
            )
        parent_id = above.get("parent_id")
