# SPDX-License-Identifier: GPL-2.0-or-later
"""Read and write service points: preconditions, rights and rules around each revision.

Documents are checked before the transaction; inside it the revision is compared again, and the
rights over the old and the new row are conditions of the statements that read them.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from geoapi import document, workflow
from geoapi.collections import SERVICE_POINTS
from geoapi.dependants import delete_point, write_point
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    Problem,
)
from geoapi.preconditions import check_preconditions, precondition_failed
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
from geoapi.store.query import StoredItem, read_item
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope

# A move beyond this needs words before it can be submitted.
MOVE_NEEDS_REASON_M = 50.0
_EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


def get(site: Site, viewer: Viewer, item_id: str) -> Item:
    """Return a service point as the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not know of it.
    """
    stored = read_item(
        site.store, SERVICE_POINTS.source, item_id, scopes(viewer, "points.read_working")
    )
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
        _check_relatives(transaction, kept)
        item = write_point(transaction, context, edit, None)
        _require_inside(transaction, item_id, held)
        return item

    return site.store.write(write)


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
    seen = _row_to_write(site, context, item_id, held)
    check_preconditions(site, context, COLLECTION, seen)
    current = document_of(seen)
    feature = change(current)
    _check_id(feature, item_id)
    document.check(feature, current)
    kept = document.normalised(feature, item_id)

    def write(transaction: Transaction) -> Item:
        row = _locked(transaction, item_id, held, seen)
        state = document_of(row)["properties"]["state"]
        if state not in workflow.EDITABLE_STATES:
            raise ConflictError("workflow.not_editable", state=state)
        _check_relatives(transaction, kept)
        earlier = () if state == "verified" else editors_of(row)
        editors = tuple(dict.fromkeys((*earlier, context.viewer.user_id)))
        reason = context.reason or kept["properties"].get("move_reason") or ""
        edit = Edit(kept, workflow.state_after_edit(kept), operation, reason, editors)
        item = write_point(transaction, context, edit, row)
        _require_inside(transaction, item_id, held)
        return item

    return site.store.write(write)


def delete(site: Site, context: WriteContext, item_id: str) -> None:
    """Delete a service point; its history and a tombstone stay.

    Raises:
        ForbiddenError: it is published and the viewer may delete drafts only.
        ConflictError: other points name it as their main place.
        NotFoundError, PreconditionRequiredError, PreconditionFailedError: as :func:`update`.
    """
    viewer = context.viewer
    held = tuple(dict.fromkeys(scopes(viewer, "points.edit") + _deleting(viewer)))
    if not held:
        require(viewer, "points.edit")
    seen = _row_to_write(site, context, item_id, held)
    check_preconditions(site, context, COLLECTION, seen)

    def write(transaction: Transaction) -> None:
        row = _locked(transaction, item_id, held, seen)
        connection = transaction.connection
        if features.get_row(connection, TABLE, item_id, PUBLISHED) is not None:
            allowed = _deleting(viewer)
            if features.get_row(connection, TABLE, item_id, WORKING, scopes=allowed) is None:
                raise ForbiddenError("workflow.delete_published")
        child = features.id_with_value(connection, TABLE, "parent_id", item_id)
        if child is not None:
            raise ConflictError("document.has_branches", id=child)
        delete_point(transaction, context, row)

    site.store.write(write)


def write_verbs(site: Site, viewer: Viewer, item_id: str) -> tuple[str, ...]:
    """Return which of PUT, PATCH and DELETE the viewer may use on a service point."""

    def look(connection: Connection) -> tuple[str, ...]:
        def covers(held: tuple[Scope, ...]) -> bool:
            row = features.get_row(connection, TABLE, item_id, WORKING, scopes=held)
            return bool(held) and row is not None

        may_edit, may_delete = covers(scopes(viewer, "points.edit")), covers(_deleting(viewer))
        if may_edit and not may_delete:
            may_delete = features.get_row(connection, TABLE, item_id, PUBLISHED) is None
        return ("PUT", "PATCH") * may_edit + ("DELETE",) * may_delete

    return site.store.read(look)


def _deleting(viewer: Viewer) -> tuple[Scope, ...]:
    return scopes(viewer, "points.delete_published")


def take_action(site: Site, context: WriteContext, item_id: str, action: str) -> Item:
    """Take an action of the workflow: submit, verify, return.

    Raises:
        InvalidDocumentError: no such action, no reason where one is needed, no position.
        ConflictError: wrong state, or the reviewer is one of the editors.
        ForbiddenError, NotFoundError, PreconditionRequiredError, PreconditionFailedError.
    """
    step = workflow.transition(action)
    held = require(context.viewer, step.permission)
    seen = _row_to_write(site, context, item_id, held)
    check_preconditions(site, context, COLLECTION, seen)
    if step.needs_reason and not context.reason.strip():
        raise _one_problem("workflow.reason_missing", "/reason")

    def write(transaction: Transaction) -> Item:
        row = _locked(transaction, item_id, held, seen)
        feature, editors = document_of(row), editors_of(row)
        if action == "submit" and feature["geometry"] is None:
            raise _one_problem("workflow.position_missing", "/geometry")
        workflow.check_step(step, feature["properties"]["state"], context.viewer.user_id, editors)
        if action == "submit":
            _check_submission(transaction, feature)
        remaining = () if step.publishes else editors
        edit = Edit(feature, step.target, action, context.reason, remaining, step.publishes)
        return write_point(transaction, context, edit, row)

    return site.store.write(write)


def _check_submission(transaction: Transaction, feature: JsonObject) -> None:
    """Refuse to submit a far move without words."""
    row = features.get_row(transaction.connection, TABLE, feature["id"], PUBLISHED)
    if row is None:
        return
    before = document_of(row)["geometry"]["coordinates"]
    moved_m = distance_m((before[0], before[1]), tuple(feature["geometry"]["coordinates"]))
    if moved_m > MOVE_NEEDS_REASON_M and not feature["properties"].get("move_reason"):
        raise _one_problem(
            "workflow.move_reason_missing", "/properties/move_reason", moved_m=round(moved_m)
        )


def distance_m(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    """Return the great-circle distance of two positions (lon, lat in degrees), in metres.

    >>> round(distance_m((100.0, 20.0), (100.0, 20.001)))
    111
    """
    lon1, lat1, lon2, lat2 = map(math.radians, (*origin, *destination))
    half_chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(half_chord))


def _one_problem(
    message_id: str,
    pointer: str,
    **params: Any,  # noqa: ANN401 - placeholders take any printable value
) -> InvalidDocumentError:
    problem = Problem(message_id, pointer, params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)


def _check_id(feature: JsonObject, item_id: str) -> None:
    if feature.get("id") not in (None, item_id):
        raise _one_problem("document.id_differs", "/id")


def _working(transaction: Transaction, item_id: str) -> FeatureRow | None:
    return features.get_row(transaction.connection, TABLE, item_id, WORKING)


def _row_to_write(
    site: Site, context: WriteContext, item_id: str, held: tuple[Scope, ...]
) -> FeatureRow:
    """Return the working row if the right covers it; else say 403 or 404 by what may be seen."""
    if "\0" in item_id:  # PostgreSQL can't be asked for it
        raise NotFoundError("ogc.item_not_found", id="")
    row = site.store.read(
        lambda connection: features.get_row(connection, TABLE, item_id, WORKING, scopes=held)
    )
    if row is None:
        get(site, context.viewer, item_id)  # not even visible: NotFoundError
        raise ForbiddenError("auth.outside_scope")
    return row


def _locked(
    transaction: Transaction, item_id: str, held: tuple[Scope, ...], seen: FeatureRow
) -> FeatureRow:
    """Lock the working row and make sure it is still the one that was checked."""
    row = features.get_row(transaction.connection, TABLE, item_id, WORKING, scopes=held, lock=True)
    if row is None:
        raise NotFoundError("ogc.item_not_found", id=item_id)
    if row.revision != seen.revision:
        raise precondition_failed(row)
    return row


def _require_inside(transaction: Transaction, item_id: str, held: tuple[Scope, ...]) -> None:
    """Refuse a write that leaves the point outside what the viewer may edit."""
    connection = transaction.connection
    if features.get_row(connection, TABLE, item_id, WORKING, scopes=held) is None:
        raise ForbiddenError("auth.outside_scope")


def _check_relatives(transaction: Transaction, feature: JsonObject) -> None:
    """Refuse an unknown agency, an unknown main place, and a circle of main places."""
    properties = feature["properties"]
    connection = transaction.connection
    agency_id = properties.get("agency_id")
    if agency_id and features.get_row(connection, "agency", agency_id, PUBLISHED) is None:
        raise _one_problem("document.unknown_agency", "/properties/agency_id")
    seen = {feature["id"]}
    parent_id = properties.get("parent_id")
    while parent_id:
        if parent_id in seen:
            raise _one_problem("document.parent_circle", "/properties/parent_id")
        seen.add(parent_id)
        # held, so that nobody deletes it or closes a circle meanwhile
        parent = features.get_row(connection, TABLE, parent_id, WORKING, lock=True)
        if parent is None:
            raise _one_problem("document.unknown_parent", "/properties/parent_id")
        parent_id = document_of(parent)["properties"].get("parent_id")
