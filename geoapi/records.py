# SPDX-License-Identifier: GPL-2.0-or-later
"""Write records beside service points: services, copies, photos, assignments, drafts and tasks.

A record is a GeoJSON Feature of a collection of :mod:`geoapi.record_collections`.  What is its
own (further checks, who has rights over it, whether the public sees it) stands in its
:class:`RecordKind`; preconditions, rights, revisions, history and feed are the same for all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    Problem,
)
from geoapi.json_documents import apply_merge_patch, refuse_unkeepable
from geoapi.preconditions import check_preconditions, precondition_failed
from geoapi.record_kind import RecordKind
from geoapi.record_schemas import check_record
from geoapi.record_writing import documents, main_row, public_documents, put, remove
from geoapi.revisions import Item, WriteContext, document_of
from geoapi.rights import Viewer, require, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.query import read_item
from geoapi.types import JsonObject, Scope

__all__ = [
    "RecordKind",
    "create",
    "delete",
    "documents",
    "get",
    "may_write",
    "public_documents",
    "put",
    "remove",
    "replace",
    "update",
]


@dataclass(frozen=True)
class _Held:
    """Where a writer may write: inside scopes, or own items alone."""

    scopes: tuple[Scope, ...] | None
    owner_id: str | None


def _held(kind: RecordKind, viewer: Viewer) -> _Held:
    permission = kind.collection.edit_permission
    if permission is not None:
        return _Held(require(viewer, permission), None)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    return _Held(None, viewer.user_id)


def get(site: Site, viewer: Viewer, kind: RecordKind, item_id: str) -> Item:
    """Return a record as the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not know of it.
    """
    collection = kind.collection
    permission = collection.read_permission
    held = scopes(viewer, permission) if permission is not None else ()
    owner_id = viewer.user_id if collection.has_owners else ""
    stored = None
    if "\0" not in item_id:  # PostgreSQL can't be asked for it
        stored = read_item(site.store, collection.source, item_id, held, owner_id)
    if stored is None:
        raise NotFoundError("ogc.item_not_found", id=item_id[:80].replace("\0", ""))
    return Item(
        item_id, stored.feature, stored.etag, stored.revision, stored.updated_at, stored.view
    )


def create(site: Site, context: WriteContext, kind: RecordKind, feature: JsonObject) -> Item:
    """Create a record; the client may bring its own UUID as ``id``.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: it would lie outside what the viewer may write.
        InvalidDocumentError: the document is wrong; each problem has a pointer.
        ConflictError: there is a record of that id, or one that means the same.
    """
    return site.store.write(planned_create(context, kind, feature))


def planned_create(
    context: WriteContext, kind: RecordKind, feature: JsonObject
) -> Callable[[Transaction], Item]:
    """Check a new record and return the function that writes it; reads nothing.

    Raises: as :func:`create`; what needs the store is raised by the function.
    """
    held = _held(kind, context.viewer)
    feature = _with_owner(kind, context, feature)
    check_record(kind.collection.table, feature)
    item_id = str(feature.get("id") or uuid.uuid4()).lower()

    def write(transaction: Transaction) -> Item:
        if main_row(transaction.connection, kind, item_id) is not None:
            raise ConflictError("document.id_exists", id=item_id)
        item = put(transaction, context, kind, {**feature, "id": item_id}, "create")
        _require_inside(transaction, kind, item_id, held)
        if context.receipt is not None:
            context.receipt(transaction, item)
        return item

    return write


def replace(
    site: Site, context: WriteContext, kind: RecordKind, item_id: str, feature: JsonObject
) -> Item:
    """Replace the whole document; members that are left out are gone.

    Raises: as :func:`update`.
    """
    return _edit(site, context, kind, item_id, ("replace", lambda _current: feature))


def update(
    site: Site, context: WriteContext, kind: RecordKind, item_id: str, patch: JsonObject
) -> Item:
    """Change the members that a JSON merge patch names.

    Raises:
        NotFoundError: there is no such record, or the viewer may not know of it.
        ForbiddenError: the viewer may see but not write it, or would move it out of reach.
        PreconditionRequiredError: neither If-Match nor If-Unmodified-Since.
        PreconditionFailedError: somebody was faster; carries the current record.
        InvalidDocumentError: the document would be wrong; each problem has a pointer.
    """
    refuse_unkeepable(patch)

    def changed(current: JsonObject) -> JsonObject:
        return {"geometry": None, **apply_merge_patch(current, patch)}

    return _edit(site, context, kind, item_id, ("update", changed))


type _Change = tuple[str, Callable[[JsonObject], JsonObject]]


def _edit(
    site: Site, context: WriteContext, kind: RecordKind, item_id: str, change: _Change
) -> Item:
    held = _held(kind, context.viewer)
    seen = _row_to_write(site, context, kind, item_id, held)
    check_preconditions(site, context, kind.collection.id, seen)
    current = document_of(seen)
    feature = _with_owner(kind, context, change[1](current))
    if feature.get("id") not in (None, item_id):
        problem = Problem("document.id_differs", "/id")
        raise InvalidDocumentError("document.id_differs", problems=(problem,))
    check_record(kind.collection.table, feature, current)

    def write(transaction: Transaction) -> Item:
        _locked(transaction, kind, item_id, held, seen)
        item = put(transaction, context, kind, {**feature, "id": item_id}, change[0])
        _require_inside(transaction, kind, item_id, held)
        if context.receipt is not None:
            context.receipt(transaction, item)
        return item

    return site.store.write(write)


def delete(site: Site, context: WriteContext, kind: RecordKind, item_id: str) -> None:
    """Delete a record; its history and a tombstone stay.

    Raises: as :func:`update`.
    """
    held = _held(kind, context.viewer)
    seen = _row_to_write(site, context, kind, item_id, held)
    check_preconditions(site, context, kind.collection.id, seen)

    def write(transaction: Transaction) -> None:
        _locked(transaction, kind, item_id, held, seen)
        remove(transaction, context, kind, item_id)
        if context.receipt is not None:
            context.receipt(transaction, None)

    site.store.write(write)


def _with_owner(kind: RecordKind, context: WriteContext, feature: Any) -> Any:  # noqa: ANN401
    """Make a private record its writer's own, whatever it says."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if kind.collection.visibility != "private" or not isinstance(properties, dict):
        return feature
    return {**feature, "properties": {**properties, "owner_id": context.viewer.user_id}}


def may_write(site: Site, viewer: Viewer, kind: RecordKind, item_id: str) -> bool:
    """Say whether the viewer may write a record."""
    permission = kind.collection.edit_permission
    if permission is None:
        held = _Held(None, viewer.user_id)
    else:
        held = _Held(scopes(viewer, permission), None)
    return site.store.read(lambda c: _row_held(c, kind, item_id, held) is not None)


def _row_held(
    connection: Connection, kind: RecordKind, item_id: str, held: _Held, *, lock: bool = False
) -> FeatureRow | None:
    table = kind.collection.table
    if held.owner_id is not None:
        return features.get_own_row(connection, table, item_id, held.owner_id, lock=lock)
    return features.get_row(
        connection, table, item_id, kind.main_view, scopes=held.scopes, lock=lock
    )


def _row_to_write(
    site: Site, context: WriteContext, kind: RecordKind, item_id: str, held: _Held
) -> FeatureRow:
    """Return the row if the right covers it; else say 403 or 404 by what may be seen."""
    if "\0" in item_id:
        raise NotFoundError("ogc.item_not_found", id="")
    row = site.store.read(lambda connection: _row_held(connection, kind, item_id, held))
    if row is None:
        get(site, context.viewer, kind, item_id)  # not even visible: NotFoundError
        raise ForbiddenError("auth.outside_scope")
    return row


def _locked(
    transaction: Transaction, kind: RecordKind, item_id: str, held: _Held, seen: FeatureRow
) -> None:
    """Lock the row and make sure it is still the one that was checked."""
    row = _row_held(transaction.connection, kind, item_id, held, lock=True)
    if row is None:
        raise NotFoundError("ogc.item_not_found", id=item_id)
    if row.revision != seen.revision:
        raise precondition_failed(row)


def _require_inside(transaction: Transaction, kind: RecordKind, item_id: str, held: _Held) -> None:
    """Refuse a write that leaves the record outside what the viewer may write."""
    if _row_held(transaction.connection, kind, item_id, held) is None:
        raise ForbiddenError("auth.outside_scope")
