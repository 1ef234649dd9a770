# SPDX-License-Identifier: GPL-2.0-or-later
"""Write one revision of a service point: working row, published row when verified, change entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import orjson

from geoapi import document
from geoapi.collections import SERVICE_POINTS
from geoapi.feature_rows import Row, RowStamp, build_row
from geoapi.rights import Viewer
from geoapi.store import FeatureRow, Transaction, changes, features
from geoapi.store.changes import ChangeEntry
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject

TABLE = SERVICE_POINTS.table
COLLECTION = SERVICE_POINTS.id
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32
_CODE_LENGTH = 6


# Called inside the transaction of a write, to store beside it what belongs to it, such as the
# answer of an idempotent request.
type Receipt = Callable[[Transaction, Item | None], None]


@dataclass(frozen=True)
class WriteContext:
    """Who writes, why, and under which conditions.

    Attributes:
        viewer: whoever asks.
        request_id: of the request, for the history.
        client: name and version of the program that asks.
        reason: why, in the writer's words.
        if_match: entity tags without quotes, ``("*",)`` for any, None when not given.
        if_unmodified_since: UTC, None when not given.
        is_strict: refuse what would otherwise be mended (Prefer: handling=strict).
        receipt: stores the answer for a repeated request, in the same transaction.
    """

    viewer: Viewer
    request_id: str = ""
    client: str = ""
    reason: str = ""
    if_match: tuple[str, ...] | None = None
    if_unmodified_since: datetime | None = None
    is_strict: bool = False
    receipt: Receipt | None = None


@dataclass(frozen=True)
class Item:
    """One item as somebody may see it.

    Attributes:
        id: its id.
        text: finished GeoJSON text.
        etag: without quotes.
        revision: number of the revision.
        updated_at: when that revision was written, UTC.
        view: ``published`` or ``working``.
    """

    id: str
    text: str
    etag: str
    revision: int
    updated_at: datetime
    view: str

    @property
    def feature(self) -> JsonObject:
        """Return the GeoJSON Feature."""
        parsed: JsonObject = orjson.loads(self.text)
        return parsed


@dataclass(frozen=True)
class Edit:
    """One step in the life of a service point.

    Attributes:
        feature: the new document, without what the server sets.
        state: workflow state it is in afterwards.
        operation: code of the list ``operation``.
        reason: why, '' when nothing was said.
        editors: users who edited since the last verification.
        publishes: the public sees this revision from now on.
        unpublishes: the public sees the point no longer.
        successor_id: the point that takes its place, '' for none.
        derived: read-only members that this step sets, such as the photos.
    """

    feature: JsonObject
    state: str
    operation: str
    reason: str
    editors: tuple[str, ...]
    publishes: bool = False
    unpublishes: bool = False
    successor_id: str = ""
    derived: JsonObject = field(default_factory=dict)


def document_of(row: FeatureRow) -> JsonObject:
    """Return the document of a row, without the entity tag that is written into its text."""
    feature: JsonObject = orjson.loads(row.feature)
    feature.pop("etag", None)
    return feature


def editors_of(row: FeatureRow) -> tuple[str, ...]:
    """Return who edited the working revision since the last verification."""
    return tuple(json.loads(row.editors))


def short_code(item_id: str, attempt: int = 0) -> str:
    """Make the code printed on posters: six characters of Crockford base32 and a check character.

    >>> short_code("11111111-1111-4111-8111-111111111111")
    '8J98BDK'
    """
    digest = hashlib.sha256(f"{item_id}/{attempt}".encode()).digest()
    number = int.from_bytes(digest[:4], "big") % 32**_CODE_LENGTH
    letters = ""
    for _ in range(_CODE_LENGTH):
        number, digit = divmod(number, 32)
        letters = _CODE_ALPHABET[digit] + letters
    check = sum((i + 1) * _CODE_ALPHABET.index(c) for i, c in enumerate(letters)) % 31
    return letters + _CODE_ALPHABET[check]


def free_short_code(transaction: Transaction, item_id: str) -> str:
    """Return a short code that no other service point has."""
    attempt = 0
    code = short_code(item_id)
    while features.id_with_value(transaction.connection, TABLE, "short_code", code):
        attempt += 1
        code = short_code(item_id, attempt)
    return code


def write_revision(
    transaction: Transaction, context: WriteContext, edit: Edit, current: FeatureRow | None
) -> Item:
    """Store a revision and its change entry; rights and preconditions are the caller's.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        edit: the new document and what happens to it.
        current: the working row it follows, None for a new item.
    """
    working, published = _rows(transaction, context, edit, current)
    if current is None:
        # an insert alone: what somebody else created meanwhile must not be overwritten
        features.insert_rows(transaction, TABLE, [(working.values, working.geometry)])
    else:
        features.put_row(transaction, TABLE, working.values, working.geometry)
    was_public = edit.unpublishes and features.delete_row(
        transaction, TABLE, working.values["id"], PUBLISHED
    )
    if published is not None:
        features.put_row(transaction, TABLE, published.values, published.geometry)
    elif current is not None:
        # a reader sees the working row inside the scope and the published one outside of it:
        # both must agree on where that is
        features.move_scope(transaction, TABLE, working.values)
    entry = change_entry(context, edit, working, published)
    changes.append(transaction, replace(entry, public_effect="delete") if was_public else entry)
    item = _item(working)
    if context.receipt is not None:
        context.receipt(transaction, item)
    return item


def _rows(
    transaction: Transaction, context: WriteContext, edit: Edit, current: FeatureRow | None
) -> tuple[Row, Row | None]:
    item_id = edit.feature["id"]
    now = transaction.now
    before = document_of(current)["properties"] if current is not None else {}
    if current is None:
        revision = changes.last_revision(transaction.connection, COLLECTION, item_id) + 1
        created_at = now
        code = free_short_code(transaction, item_id)
    else:
        revision = current.revision + 1
        created_at = current.created_at
        code = before["short_code"]
    stamps = (revision, created_at, now)
    complete = stamped(edit, before, stamps, (context.viewer.user_id, code))
    return rows_of(complete, stamps, edit)


def stamped(
    edit: Edit,
    before: JsonObject,
    stamps: tuple[int, datetime, datetime],
    author: tuple[str, str],
) -> JsonObject:
    """Return the document with everything that the server sets.

    Args:
        edit: the step.
        before: properties of the revision before, empty for a new item.
        stamps: (revision, created_at, updated_at).
        author: (id of the user, short code of the point).
    """
    revision, created_at, now = stamps
    user_id, code = author
    kept = {name: before[name] for name in document.read_only_names() if name in before}
    properties = {
        **edit.feature["properties"],
        **kept,
        **edit.derived,
        "short_code": code,
        "state": edit.state,
        "revision": revision,
        "created_at": instant(created_at),
        "updated_at": instant(now),
        "updated_by": user_id,
        "return_reason": edit.reason if edit.state == "returned" else before.get("return_reason"),
    }
    if edit.successor_id or before.get("successor_id"):
        properties["successor_id"] = edit.successor_id or None
    if edit.state == "verified" or edit.publishes:
        properties["return_reason"] = None
    if edit.publishes and edit.state == "verified":
        properties["verified_at"] = instant(now)
    return {**edit.feature, "properties": properties}


def rows_of(
    complete: JsonObject, stamps: tuple[int, datetime, datetime], edit: Edit
) -> tuple[Row, Row | None]:
    """Render a complete document as working row and, when it is published, published row.

    Args:
        complete: the document with everything that the server sets.
        stamps: (revision, created_at, updated_at).
        edit: the step; its editors and whether it publishes count.
    """
    revision, created_at, now = stamps
    properties = complete["properties"]
    scope = (
        properties.get("agency_id") or "",
        properties.get("subdistrict_code")
        or properties.get("district_code")
        or properties.get("province_code")
        or "",
    )
    published = None
    if edit.publishes:
        stamp = RowStamp(PUBLISHED, revision, created_at, now, *scope)
        published = build_row(TABLE, document.public_document(complete), stamp, {"editors": "[]"})
        # said with the verified revision; the next move needs words of its own
        complete = {**complete, "properties": {**properties, "move_reason": None}}
    stamp = RowStamp(WORKING, revision, created_at, now, *scope)
    working = build_row(TABLE, complete, stamp, {"editors": json.dumps(edit.editors)})
    return working, published


def change_entry(
    context: WriteContext, edit: Edit, working: Row, published: Row | None
) -> ChangeEntry:
    """Describe a written revision for history and feed."""
    values = working.values
    return ChangeEntry(
        collection=COLLECTION,
        item_id=values["id"],
        revision=values["revision"],
        operation=edit.operation,
        public_effect="upsert" if published is not None else "",
        actor_id=context.viewer.user_id,
        client=context.client,
        request_id=context.request_id,
        reason=edit.reason,
        scope_agency_id=values["scope_agency_id"],
        scope_area_code=values["scope_area_code"],
        document=working.feature,
        public_document=None if published is None else published.feature,
    )


def delete_item(transaction: Transaction, context: WriteContext, current: FeatureRow) -> None:
    """Delete both rows of an item and leave a tombstone in history and feed.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        current: the working row.
    """
    was_public = features.delete_row(transaction, TABLE, current.id, PUBLISHED)
    features.delete_row(transaction, TABLE, current.id, WORKING)
    changes.append(
        transaction,
        ChangeEntry(
            collection=COLLECTION,
            item_id=current.id,
            revision=current.revision + 1,
            operation="delete",
            public_effect="delete" if was_public else "",
            actor_id=context.viewer.user_id,
            client=context.client,
            request_id=context.request_id,
            reason=context.reason,
            scope_agency_id=current.scope_agency_id,
            scope_area_code=current.scope_area_code,
            document=None,
            public_document=None,
        ),
    )
    if context.receipt is not None:
        context.receipt(transaction, None)


def derive(
    transaction: Transaction, context: WriteContext, current: FeatureRow, members: JsonObject
) -> Item | None:
    """Write read-only members that follow from other tables, in both views of a point.

    State, editors and scope stay as they are; revision, entity tag, history and feed go on.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        current: the working row, locked.
        members: read-only properties and their values now.

    Returns:
        The working item, None when nothing changed.
    """
    public = features.get_row(transaction.connection, TABLE, current.id, PUBLISHED, lock=True)
    rows = [row for row in (current, public) if row is not None]
    if all(_has_members(row, members) for row in rows):
        return None
    revision, now = current.revision + 1, transaction.now
    stamps = {**members, "revision": revision, "updated_at": instant(now)}
    written = []
    for row in rows:
        before = document_of(row)
        after = {**before, "properties": {**before["properties"], **stamps}}
        scope = (row.scope_agency_id, row.scope_area_code)
        stamp = RowStamp(row.view, revision, row.created_at, now, *scope)
        built = build_row(TABLE, after, stamp, {"editors": row.editors})
        features.put_row(transaction, TABLE, built.values, built.geometry)
        written.append(built)
    edit = Edit(document_of(current), "", "derive", context.reason, ())
    published = written[1] if public is not None else None
    changes.append(transaction, change_entry(context, edit, written[0], published))
    return _item(written[0])


def _has_members(row: FeatureRow, members: JsonObject) -> bool:
    said = document_of(row)["properties"]
    return all(said.get(name) == value for name, value in members.items())


def item_of_row(row: FeatureRow) -> Item:
    """Return a stored row as an item."""
    return Item(row.id, row.feature, row.etag, row.revision, row.updated_at, row.view)


def _item(row: Row) -> Item:
    values = row.values
    return Item(
        values["id"], row.feature, row.etag, values["revision"], values["updated_at"],
        values["view"],
    )  # fmt: skip


def instant(value: datetime) -> str:
    """Write an instant as documents have it: RFC 3339, UTC, milliseconds."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
