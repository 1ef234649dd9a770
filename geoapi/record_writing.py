# SPDX-License-Identifier: GPL-2.0-or-later
"""Write and read records inside a transaction, for domain modules that write several at once.

Nobody's rights are asked for here; :mod:`geoapi.records` does that for whoever comes from outside.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from geoapi.document import normalised_geometry
from geoapi.feature_rows import Row, RowStamp, build_row
from geoapi.record_kind import RecordKind
from geoapi.record_schemas import public_record, read_only_names
from geoapi.revisions import Item, WriteContext, document_of, instant
from geoapi.store import FeatureRow, Transaction, changes, features
from geoapi.store.changes import ChangeEntry
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject


def put(
    transaction: Transaction,
    context: WriteContext,
    kind: RecordKind,
    feature: JsonObject,
    operation: str,
) -> Item:
    """Store a revision of a record and its change entry; rights and preconditions are the caller's.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        kind: of the record.
        feature: a checked document with its ``id``; what the server sets is set here.
        operation: code of the list ``operation``.
    """
    connection = transaction.connection
    current = main_row(connection, kind, feature["id"], lock=True)
    before = document_of(current) if current is not None else None
    completed = kind.complete(transaction, context, feature, before)
    stamped, stamp = _stamped(transaction, context, kind, completed, current)
    main = build_row(kind.collection.table, stamped, stamp)
    if current is None:
        features.insert_rows(transaction, kind.collection.table, [(main.values, main.geometry)])
    else:
        features.put_row(transaction, kind.collection.table, main.values, main.geometry)
    effect, public_text = _put_public(transaction, kind, stamped, stamp, main)
    _append_change(transaction, context, kind, operation, main, (effect, public_text))
    kind.after(transaction, context, before, stamped)
    return Item(
        stamped["id"], main.feature, main.etag, stamp.revision, stamp.updated_at, stamp.view
    )


def remove(transaction: Transaction, context: WriteContext, kind: RecordKind, item_id: str) -> bool:
    """Delete a record inside a transaction and say whether it was there."""
    current = main_row(transaction.connection, kind, item_id, lock=True)
    if current is None:
        return False
    table = kind.collection.table
    was_public = features.delete_row(transaction, table, item_id, PUBLISHED)
    features.delete_row(transaction, table, item_id, WORKING)
    entry = {
        "id": item_id,
        "revision": current.revision + 1,
        "scope_agency_id": current.scope_agency_id,
        "scope_area_code": current.scope_area_code,
    }
    effect = "delete" if was_public else ""
    _append_change(transaction, context, kind, "delete", Row(entry, None), (effect, None))
    kind.after(transaction, context, document_of(current), None)
    return True


def documents(
    connection: Connection,
    kind: RecordKind,
    /,
    **equals: Any,  # noqa: ANN401 - values of columns
) -> list[JsonObject]:
    """Return the documents whose columns have the given values, oldest first; asks for no right."""
    rows = features.rows_where(connection, kind.collection.table, kind.main_view, equals)
    return [document_of(row) for row in rows]


def public_documents(
    connection: Connection,
    kind: RecordKind,
    /,
    **equals: Any,  # noqa: ANN401 - values of columns
) -> list[JsonObject]:
    """Return what the public sees of the documents whose columns have the given values."""
    rows = features.rows_where(connection, kind.collection.table, PUBLISHED, equals)
    return [document_of(row) for row in rows]


def _stamped(
    transaction: Transaction,
    context: WriteContext,
    kind: RecordKind,
    feature: JsonObject,
    current: FeatureRow | None,
) -> tuple[JsonObject, RowStamp]:
    now, collection = transaction.now, kind.collection
    if current is None:
        last = changes.last_revision(transaction.connection, collection.id, feature["id"])
        revision, created_at = last + 1, now
    else:
        revision, created_at = current.revision + 1, current.created_at
    properties = {
        **feature["properties"],
        "revision": revision,
        "created_at": instant(created_at),
        "updated_at": instant(now),
    }
    if "updated_by" in read_only_names(collection.table):
        properties["updated_by"] = context.viewer.user_id
    stamped: JsonObject = {
        "type": "Feature",
        "id": feature["id"],
        "geometry": normalised_geometry(feature.get("geometry")),
        "properties": properties,
    }
    if collection.visibility == "public":  # the one row that there is, everybody reads
        stamped = public_record(collection.table, stamped)
    scope = kind.scope(transaction.connection, stamped)
    stamp = RowStamp(kind.main_view, revision, created_at, now, scope.agency_id, scope.area_code)
    return stamped, stamp


def _put_public(
    transaction: Transaction, kind: RecordKind, stamped: JsonObject, stamp: RowStamp, main: Row
) -> tuple[str, str | None]:
    """Write or take away the published row; return (public effect, its text)."""
    table = kind.collection.table
    if kind.collection.visibility == "public":
        return "upsert", main.feature
    if kind.collection.visibility != "views":
        return "", None
    is_public = kind.is_public(transaction.connection, stamped)
    if is_public is None:
        features.move_scope(transaction, table, main.values)
        return "", None
    if not is_public:
        gone = features.delete_row(transaction, table, stamped["id"], PUBLISHED)
        return ("delete" if gone else ""), None
    public_stamp = RowStamp(**{**vars(stamp), "view": PUBLISHED})
    row = build_row(table, public_record(table, stamped), public_stamp)
    features.put_row(transaction, table, row.values, row.geometry)
    return "upsert", row.feature


def _append_change(
    transaction: Transaction,
    context: WriteContext,
    kind: RecordKind,
    operation: str,
    row: Row,
    public: tuple[str, str | None],
) -> None:
    """Tell history and feed; drafts are nobody else's business and leave no trace there."""
    if kind.collection.visibility == "private":
        return
    values = row.values
    changes.append(
        transaction,
        ChangeEntry(
            collection=kind.collection.id,
            item_id=values["id"],
            revision=values["revision"],
            operation=operation,
            public_effect=public[0],
            actor_id=context.viewer.user_id,
            client=context.client,
            request_id=context.request_id,
            reason=context.reason,
            scope_agency_id=values["scope_agency_id"],
            scope_area_code=values["scope_area_code"],
            document=None if operation == "delete" else row.feature,
            public_document=public[1],
        ),
    )


def main_row(
    connection: Connection, kind: RecordKind, item_id: str, *, lock: bool = False
) -> FeatureRow | None:
    """Return the row that every item of a kind has, None when there is no such item."""
    return features.get_row(connection, kind.collection.table, item_id, kind.main_view, lock=lock)
