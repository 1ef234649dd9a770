# SPDX-License-Identifier: GPL-2.0-or-later
"""The append-only ``change`` table: write to it, and read the history of an item from it.

:mod:`geoapi.store.feed` reads it as the feed of a collection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, func, literal, or_, select

from geoapi.store.database import Transaction
from geoapi.store.features import scope_condition
from geoapi.store.row_memory import REVISION, memory_of
from geoapi.store.tables import change
from geoapi.types import Scope


@dataclass(frozen=True)
class ChangeEntry:
    """What one write did; see docs/data-model.md for each member."""

    collection: str
    item_id: str
    revision: int
    operation: str
    public_effect: str
    actor_id: str
    client: str
    request_id: str
    reason: str
    scope_agency_id: str
    scope_area_code: str
    document: str | None
    public_document: str | None


def append(transaction: Transaction, entry: ChangeEntry) -> None:
    """Hold the entry back until the transaction ends; it is numbered there, in commit order."""
    transaction.changes.append({"at": transaction.now, **vars(entry)})
    memory = memory_of(transaction.connection)
    if memory is not None:
        question = (REVISION, entry.collection, entry.item_id)
        memory.learn(memory.answers, question, entry.revision)


def held_back_in_state(
    transaction: Transaction, collection: str, item_id: str, state: str
) -> dict[str, Any] | None:
    """Return the newest document in a state among the entries that this transaction holds back."""
    for entry in reversed(transaction.changes):
        if entry["collection"] == collection and entry["item_id"] == item_id:
            found = None if entry["document"] is None else _without_tag(entry["document"])
            if found is not None and found["properties"].get("state") == state:
                return found
    return None


def last_seq(connection: Connection) -> int:
    """Return the number of the newest change, 0 when there is none."""
    return int(connection.execute(select(func.coalesce(func.max(change.c.seq), 0))).scalar_one())


def first_seq(connection: Connection) -> int:
    """Return the number of the oldest change that is kept, 0 when there is none."""
    return int(connection.execute(select(func.coalesce(func.min(change.c.seq), 0))).scalar_one())


def read_history(
    connection: Connection,
    collection: str,
    item_id: str,
    scopes: Sequence[Scope],
    owner_id: str = "",
) -> list[dict[str, Any]]:
    """Return the changes of one item, oldest first, as far as the caller may see them.

    Args:
        connection: for reading.
        collection: id of the collection.
        item_id: id of the item.
        scopes: where the caller sees working revisions.
        owner_id: the caller, where items have owners.
    """
    inside = inside_condition(change, scopes, owner_id)
    statement = (
        select(change, inside.label("is_inside"))
        .where(change.c.collection == collection, change.c.item_id == item_id)
        .where(or_(change.c.public_effect != "", inside))
        .order_by(change.c.seq)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def inside_condition(
    table: FromClause, scopes: Sequence[Scope], owner_id: str = ""
) -> ColumnElement[bool]:
    """Build the SQL condition that a revision is seen by an insider.

    Args:
        table: ``change``, or another name of it.
        scopes: where the insider sees working revisions.
        owner_id: the insider, where items have owners; '' elsewhere.
    """
    if Scope() in scopes:
        return literal(True)
    held = scope_condition(table, scopes)
    if not owner_id:
        return held
    # inside a text of JSON quotes are escaped: this can't be part of anybody's words
    own = f'"owner_id":"{owner_id}"'
    return or_(held, func.coalesce(table.c.document, "").contains(own, autoescape=True))


def changed_since(connection: Connection, instant: datetime) -> int:
    """Count the changes after an instant; for the age of a backup."""
    return int(
        connection.execute(
            select(func.count()).select_from(change).where(change.c.at > instant)
        ).scalar_one()
    )


def last_revision(connection: Connection, collection: str, item_id: str) -> int:
    """Return the newest revision an item ever had, also when it is deleted; 0 for a new one."""
    memory, question = memory_of(connection), (REVISION, collection, item_id)
    if memory is not None and question in memory.answers:
        return int(memory.answers[question])
    return int(
        connection.execute(
            select(func.coalesce(func.max(change.c.revision), 0)).where(
                change.c.collection == collection, change.c.item_id == item_id
            )
        ).scalar_one()
    )


def revisions_since(
    connection: Connection, collection: str, item_id: str, instant: datetime
) -> int:
    """Count the revisions of an item at or after an instant.

    HTTP dates have whole seconds: with more than one revision in a second, the date alone
    can't tell which of them a client saw.
    """
    return int(
        connection.execute(
            select(func.count())
            .select_from(change)
            .where(
                change.c.collection == collection,
                change.c.item_id == item_id,
                change.c.at >= instant,
            )
        ).scalar_one()
    )


def document_of_revision(
    connection: Connection, which: tuple[str, str, int], scopes: Sequence[Scope]
) -> dict[str, Any] | None:
    """Return the working document of an earlier revision, None when there is none to be seen.

    Args:
        connection: to the store.
        which: (id of the collection, id of the item, number of the revision).
        scopes: where the caller sees working revisions.
    """
    collection, item_id, revision = which
    statement = (
        select(change.c.document)
        .where(change.c.collection == collection, change.c.item_id == item_id)
        .where(change.c.revision == revision, inside_condition(change, scopes))
        .order_by(change.c.seq.desc())
        .limit(1)
    )
    text = connection.execute(statement).scalar_one_or_none()
    return None if text is None else _without_tag(text)


def last_document_in_state(
    connection: Connection, collection: str, item_id: str, state: str
) -> dict[str, Any] | None:
    """Return the newest working document of an item that was in a state; asks for no right."""
    statement = (
        select(change.c.document)
        .where(change.c.collection == collection, change.c.item_id == item_id)
        .where(change.c.document.is_not(None))
        .order_by(change.c.seq.desc())
    )
    for text in connection.execute(statement).scalars():
        found = _without_tag(text)
        if found["properties"].get("state") == state:
            return found
    return None


def _without_tag(text: str) -> dict[str, Any]:
    feature: dict[str, Any] = json.loads(text)
    feature.pop("etag", None)
    return feature
