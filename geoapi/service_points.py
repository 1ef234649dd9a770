# SPDX-License-Identifier: GPL-2.0-or-later
"""Read and write service points: preconditions, rights and rules around each revision.

Documents are checked before the transaction; inside it the revision is compared again, and the
rights over the old and the new row are conditions of the statements that read them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import Connection

from geoapi import document, endings, workflow
from geoapi.dependants import delete_point, write_point
from geoapi.distances import distance_m
from geoapi.errors import ConflictError, ForbiddenError, NotFoundError
from geoapi.point_access import (
    check_relatives,
    locked,
    one_problem,
    require_inside,
    row_to_write,
    stored_item,
)
from geoapi.preconditions import check_preconditions
from geoapi.revisions import (
    COLLECTION,
    TABLE,
    Edit,
    Item,
    WriteContext,
    document_of,
    editors_of,
)
from geoapi.rights import Viewer, require, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.query import StoredItem
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.transitions import MOVE_NEEDS_REASON_M, Asked, take_action
from geoapi.types import JsonObject, Scope

__all__ = [
    "MOVE_NEEDS_REASON_M",
    "Asked",
    "create",
    "delete",
    "distance_m",
    "get",
    "replace",
    "take_action",
    "update",
    "write_verbs",
]


def get(site: Site, viewer: Viewer, item_id: str) -> Item:
    """Return a service point as the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not know of it.
    """
    stored = stored_item(site, viewer, item_id)
    if stored is None:
        raise NotFoundError("ogc.item_not_found", id=item_id)
    return _as_item(item_id, stored)


def _as_item(item_id: str, stored: StoredItem) -> Item:
    return Item(
        item_id, stored.feature, stored.etag, stored.revision, stored.updated_at, stored.view
    )


def create(site: Site, context: WriteContext, feature: JsonObject) -> Item:
    """Create a service point; the client may bring its own UUID as ``id``.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the new point lies outside what the viewer may edit.
        InvalidDocumentError: the document is wrong; each problem has a pointer.
        ConflictError: there is a point of that id already.
    """
    return site.store.write(planned_create(context, feature))


def planned_create(context: WriteContext, feature: JsonObject) -> Callable[[Transaction], Item]:
    """Check a new service point and return the function that writes it; reads nothing.

    Raises: as :func:`create`; what needs the store is raised by the function.
    """
    held = require(context.viewer, "points.edit")
    document.check(feature)
    item_id = str(feature.get("id") or uuid.uuid4()).lower()
    kept = document.normalised(feature, item_id)
    edit = Edit(
        kept,
        workflow.state_after_edit(kept),
        "create",
        context.reason,
        (context.viewer.user_id,),
    )

    def write(transaction: Transaction) -> Item:
        if _working(transaction, item_id) is not None:
            raise ConflictError("document.id_exists", id=item_id)
        check_relatives(transaction, kept)
        item = write_point(transaction, context, edit, None)
        require_inside(transaction, item_id, held)
        return item

    return write


def replace(site: Site, context: WriteContext, item_id: str, feature: JsonObject) -> Item:
    """Replace the whole document; members that are left out are gone.

    Raises: as :func:`update`.
    """
    return _edit(site, context, item_id, "replace", lambda _current: feature)


def update(site: Site, context: WriteContext, item_id: str, patch: JsonObject) -> Item:
    """Change the members that a JSON merge patch names.

    Raises:
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer may see but not edit it, or would move it out of reach.
        PreconditionRequiredError: neither If-Match nor If-Unmodified-Since.
        PreconditionFailedError: somebody was faster; carries the current feature.
        InvalidDocumentError: the document would be wrong; each problem has a pointer.
        ConflictError: its state allows no edits.
    """
    document.refuse_unkeepable(patch)
    return _edit(
        site,
        context,
        item_id,
        "update",
        lambda current: _merged(current, patch),
    )


def _merged(current: JsonObject, patch: JsonObject) -> JsonObject:
    """Apply a merge patch; a geometry that it unsets is null, for a Feature always has one."""
    merged: JsonObject = document.apply_merge_patch(current, patch)
    return {"geometry": None, **merged}


def _edit(
    site: Site,
    context: WriteContext,
    item_id: str,
    operation: str,
    change: Callable[[JsonObject], JsonObject],
) -> Item:
    held = require(context.viewer, "points.edit")
    seen = row_to_write(site, context, item_id, held)
    endings.refuse_ended(site, context.viewer, seen)
    check_preconditions(site, context, COLLECTION, seen)
    current = document_of(seen)
    feature = change(current)
    _check_id(feature, item_id)
    document.check(feature, current)
    kept = document.normalised(feature, item_id)

    def write(transaction: Transaction) -> Item:
        row = locked(transaction, item_id, held, seen)
        check_relatives(transaction, kept)
        earlier = () if row.state == "verified" else editors_of(row)
        editors = tuple(dict.fromkeys((*earlier, context.viewer.user_id)))
        reason = context.reason or kept["properties"].get("move_reason") or ""
        edit = Edit(kept, workflow.state_after_edit(kept), operation, reason, editors)
        item = write_point(transaction, context, edit, row)
        require_inside(transaction, item_id, held)
        return item

    return site.store.write(write)


def delete(site: Site, context: WriteContext, item_id: str) -> None:
    """Delete a service point; its history and a tombstone stay.

    Raises:
        ForbiddenError: it is published and the viewer may delete drafts only.
        ConflictError: other points name it as their main place or their successor.
        NotFoundError, PreconditionRequiredError, PreconditionFailedError: as :func:`update`.
    """
    viewer = context.viewer
    held = tuple(dict.fromkeys(scopes(viewer, "points.edit") + _deleting(viewer)))
    if not held:
        require(viewer, "points.edit")
    seen = row_to_write(site, context, item_id, held)
    check_preconditions(site, context, COLLECTION, seen)

    def write(transaction: Transaction) -> None:
        row = locked(transaction, item_id, held, seen)
        connection = transaction.connection
        if _was_published(connection, row):
            allowed = _deleting(viewer)
            if features.get_row(connection, TABLE, item_id, WORKING, scopes=allowed) is None:
                raise ForbiddenError("workflow.delete_published")
        child = features.id_with_value(connection, TABLE, "parent_id", item_id)
        if child is not None:
            raise ConflictError("document.has_branches", id=child)
        earlier = endings.predecessors(connection, item_id)
        if earlier:
            raise ConflictError("workflow.is_successor", id=earlier[0])
        delete_point(transaction, context, row)

    site.store.write(write)


def _was_published(connection: Connection, row: FeatureRow) -> bool:
    """Say whether the public sees a point or saw it once: its posters may still hang."""
    if document_of(row)["properties"].get("verified_at"):
        return True
    return features.get_row(connection, TABLE, row.id, PUBLISHED) is not None


def write_verbs(site: Site, viewer: Viewer, item_id: str) -> tuple[str, ...]:
    """Return which of PUT, PATCH and DELETE the viewer may use on a service point."""

    def look(connection: Connection) -> tuple[str, ...]:
        def row_in(held: tuple[Scope, ...]) -> FeatureRow | None:
            return features.get_row(connection, TABLE, item_id, WORKING, scopes=held)

        own, deletable = row_in(scopes(viewer, "points.edit")), row_in(_deleting(viewer))
        may_delete = deletable is not None
        if own is not None and not may_delete:
            may_delete = not _was_published(connection, own)
        may_edit = own is not None and own.state in workflow.EDITABLE_STATES
        return ("PUT", "PATCH") * may_edit + ("DELETE",) * may_delete

    return site.store.read(look)


def _deleting(viewer: Viewer) -> tuple[Scope, ...]:
    return scopes(viewer, "points.delete_published")


def _check_id(feature: JsonObject, item_id: str) -> None:
    if feature.get("id") not in (None, item_id):
        raise one_problem("document.id_differs", "/id")


def _working(transaction: Transaction, item_id: str) -> FeatureRow | None:
    return features.get_row(transaction.connection, TABLE, item_id, WORKING)
