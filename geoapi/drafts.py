# SPDX-License-Identifier: GPL-2.0-or-later
"""Private drafts: what a user typed for a service point and did not save yet.

A draft holds texts as they stand in the form, right or wrong; nobody but its owner reads it, and
it leaves no trace in history or feed.  There is one for each user and point; the point need not
exist yet, or any more.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from geoapi import record_collections
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    Problem,
)
from geoapi.json_documents import refuse_unkeepable
from geoapi.record_kind import RecordKind
from geoapi.record_writing import put, remove
from geoapi.revisions import Item, WriteContext, document_of
from geoapi.rights import Viewer, has
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.drafts import delete_older
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject

KEPT_DAYS = 180
"""A draft that nobody touches for so long is deleted."""
LARGEST_BYTES = 100_000
"""Of the texts of one draft; a full form has about 30,000."""
MOST_DRAFTS = 200
"""Of one user."""
KIND = RecordKind(record_collections.DRAFTS)
_TABLE = KIND.collection.table
_IDS = uuid.UUID("2b0e9d0c-53c5-5f1b-8c4b-0d7a2f6f1d11")


@dataclass(frozen=True)
class Typed:
    """What a page sends to be kept.

    Attributes:
        values: text of each field of the form by its name.
        base: what the fields held when the form was opened, as the form spells it.
        etag: of the revision the form was opened with; '' for a place that does not exist yet.
        writer: random name of the open page; '' for a button without scripts.
        sequence: number of the page's save, so that a late one does not undo a newer one.
        seen: entity tag of the draft that the page opened, '' for none.
        is_new: the place does not exist yet.
    """

    values: dict[str, str]
    base: str = ""
    etag: str = ""
    writer: str = ""
    sequence: int = 0
    seen: str = ""
    is_new: bool = False


@dataclass(frozen=True)
class Draft:
    """A draft as its owner sees it.

    Attributes:
        id: of the record.
        point_id: of the point.
        typed: what was kept.
        etag: of the draft itself.
        updated_at: when it was kept last, UTC.
        is_discarded: thrown away, and still to be had back.
    """

    id: str
    point_id: str
    typed: Typed
    etag: str
    updated_at: datetime
    is_discarded: bool

    @property
    def name(self) -> str:
        """Return the name of the place as it was typed."""
        return self.typed.values.get("name_th") or self.typed.values.get("name_en") or ""


def _own_row(connection: Connection, viewer: Viewer, point_id: str) -> FeatureRow | None:
    equals = {"owner_id": viewer.user_id, "point_id": point_id}
    rows = features.rows_where(connection, _TABLE, WORKING, equals)
    return rows[0] if rows else None


def _as_draft(row: FeatureRow) -> Draft:
    properties = orjson.loads(row.feature)["properties"]
    kept = properties.get("fields")
    kept = kept if isinstance(kept, dict) else {}
    values = kept.get("values")
    # the API takes any object: what is no text is not of the form
    texts = values if isinstance(values, dict) else {}
    sequence = kept.get("sequence")
    typed = Typed(
        {name: value for name, value in texts.items() if isinstance(value, str)},
        base=_text(kept, "base"),
        etag=_text(kept, "etag"),
        writer=_text(kept, "writer"),
        sequence=sequence if isinstance(sequence, int) else 0,
        is_new=kept.get("is_new") is True,
    )
    discarded = bool(kept.get("is_discarded"))
    return Draft(row.id, row.point_id, typed, row.etag, row.updated_at, discarded)


def _text(kept: JsonObject, name: str) -> str:
    value = kept.get(name)
    return value if isinstance(value, str) else ""


def of_point(site: Site, viewer: Viewer, point_id: str) -> Draft | None:
    """Return the viewer's own draft of a point, None when there is none or it was thrown away."""
    draft = any_of_point(site, viewer, point_id)
    return None if draft is None or draft.is_discarded else draft


def any_of_point(site: Site, viewer: Viewer, point_id: str) -> Draft | None:
    """Return the viewer's own draft of a point, thrown away or not."""
    if viewer.is_anonymous or "\0" in point_id:
        return None
    row = site.store.read(lambda connection: _own_row(connection, viewer, point_id))
    if row is None or row.updated_at < _oldest(site.clock()):
        return None
    return _as_draft(row)


def mine(site: Site, viewer: Viewer) -> list[Draft]:
    """Return the viewer's own drafts, the one touched last first."""
    if viewer.is_anonymous:
        return []
    rows = site.store.read(
        lambda connection: features.rows_where(
            connection, _TABLE, WORKING, {"owner_id": viewer.user_id}
        )
    )
    limit = _oldest(site.clock())
    found = [_as_draft(row) for row in rows if row.updated_at >= limit]
    kept = [draft for draft in found if not draft.is_discarded]
    return sorted(kept, key=lambda draft: draft.updated_at, reverse=True)


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=KEPT_DAYS)


def save(site: Site, context: WriteContext, point_id: str, typed: Typed) -> Draft:
    """Keep what was typed; drafts that are too old go in the same transaction.

    A save of the page that wrote the draft last follows on, and one that comes late is let go;
    another page has to have seen the draft that it would overwrite.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: who edits no points has nothing to draft.
        InvalidDocumentError: too large, too many, or texts that can't be kept.
        ConflictError: another window or machine kept a newer draft.
    """
    viewer = context.viewer
    require_editor(viewer)
    document = _document(viewer, point_id, typed)

    def write(transaction: Transaction) -> Draft:
        delete_older(transaction, _oldest(transaction.now))
        row = _own_row(transaction.connection, viewer, point_id)
        if row is None:
            _require_room(transaction.connection, viewer)
        else:
            known = _as_draft(row)
            if not known.is_discarded and _is_late(known, typed):
                return known
            document["id"] = row.id
        item = put(transaction, context, KIND, document, "update" if row else "create")
        return _of_item(item, point_id, typed)

    return site.store.write(write)


def _is_late(known: Draft, typed: Typed) -> bool:
    """Say whether a newer save of the same page is kept already.

    Raises:
        ConflictError: the draft is another page's, and this one has not seen it.
    """
    if typed.writer and known.typed.writer == typed.writer:
        return typed.sequence <= known.typed.sequence
    if typed.seen != known.etag:
        raise ConflictError("drafts.newer")
    return False


def _document(viewer: Viewer, point_id: str, typed: Typed) -> JsonObject:
    kept: dict[str, Any] = {name: v for name, v in vars(typed).items() if name != "seen"}
    refuse_unkeepable(kept)
    if len(orjson.dumps(kept)) > LARGEST_BYTES:
        raise _refused("drafts.too_large", most=f"{LARGEST_BYTES:,}")
    try:
        point_id = str(uuid.UUID(point_id))
    except ValueError as error:
        raise _refused("drafts.no_point_id") from error
    return {
        "type": "Feature",
        "id": str(uuid.uuid5(_IDS, f"{viewer.user_id}/{point_id}")),
        "geometry": None,
        "properties": {"owner_id": viewer.user_id, "point_id": point_id, "fields": kept},
    }


def _refused(message_id: str, **params: Any) -> InvalidDocumentError:  # noqa: ANN401
    problem = Problem(message_id, "/fields", params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)


def require_editor(viewer: Viewer) -> None:
    """Ask for whoever edits points: nobody else has something to draft.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer edits no points.
    """
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    if not has(viewer, "points.edit"):
        raise ForbiddenError("auth.not_allowed", permission="points.edit")


def _require_room(connection: Connection, viewer: Viewer) -> None:
    rows = features.rows_where(connection, _TABLE, WORKING, {"owner_id": viewer.user_id})
    if len(rows) >= MOST_DRAFTS:
        raise _refused("drafts.too_many", most=str(MOST_DRAFTS))


def _of_item(item: Item, point_id: str, typed: Typed) -> Draft:
    return Draft(
        item.id, point_id, replace(typed, seen=""), item.etag, item.updated_at, is_discarded=False
    )


def discard(site: Site, context: WriteContext, point_id: str) -> bool:
    """Throw a draft away so that it can be had back once; say whether there was one."""
    return _mark(site, context, point_id, is_discarded=True)


def restore(site: Site, context: WriteContext, point_id: str) -> bool:
    """Have a draft back that was thrown away; say whether it was there."""
    return _mark(site, context, point_id, is_discarded=False)


def _mark(site: Site, context: WriteContext, point_id: str, *, is_discarded: bool) -> bool:
    def write(transaction: Transaction) -> bool:
        row = _own_row(transaction.connection, context.viewer, point_id)
        if row is None:
            return False
        document = document_of(row)
        kept = document["properties"].get("fields") or {}
        # a page that is still open somewhere must not bring it back by itself
        marked = {**kept, "is_discarded": is_discarded, "writer": ""}
        document["properties"]["fields"] = marked
        put(transaction, context, KIND, document, "update")
        return True

    return site.store.write(write)


def forget(transaction: Transaction, context: WriteContext, point_id: str) -> None:
    """Delete the writer's draft of a point that was just saved, in the same transaction."""
    row = _own_row(transaction.connection, context.viewer, point_id)
    if row is not None:
        remove(transaction, context, KIND, row.id)


def take_over(site: Site, context: WriteContext, point_id: str, typed: Typed, to_id: str) -> None:
    """Make a draft of one point a draft of another, such as the one it was merged into.

    Args:
        site: the running site.
        context: who does it.
        point_id: whose draft goes.
        typed: the texts as the other point's form takes them.
        to_id: the other point.

    Raises:
        ConflictError: there is a draft of the other point already.
    """
    viewer = context.viewer
    require_editor(viewer)
    document = _document(viewer, to_id, typed)

    def write(transaction: Transaction) -> None:
        there = _own_row(transaction.connection, viewer, to_id)
        if there is not None and not _as_draft(there).is_discarded:
            raise ConflictError("drafts.other_exists")
        if there is not None:
            document["id"] = there.id
        put(transaction, context, KIND, document, "create")
        forget(transaction, context, point_id)

    site.store.write(write)


def purge(site: Site) -> int:
    """Delete drafts that nobody touched for :data:`KEPT_DAYS`; return how many."""
    return site.store.write(lambda t: delete_older(t, _oldest(t.now)))
