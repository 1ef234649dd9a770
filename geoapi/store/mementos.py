# SPDX-License-Identifier: GPL-2.0-or-later
"""Read from the change table what an item was at an instant; the index on items carries it.

An item has tens of changes.  Their instants and effects are read without the documents, and one
document by its number: both through ``ix_change_item`` and the primary key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from geoapi.store.changes import inside_condition
from geoapi.store.item_query import Reader
from geoapi.store.tables import change


@dataclass(frozen=True)
class Step:
    """One change of an item, without its documents.

    Attributes:
        seq: number of the change.
        at: when, UTC.
        revision: number of the revision.
        operation: code of the list ``operation``.
        public_effect: what happened to the public item: '' nothing, 'upsert' or 'delete'.
        is_inside: the reader saw the working revision then.
        has_document: there is a working document; not after a deletion or an erasure.
        has_public: there is a public document.
    """

    seq: int
    at: datetime
    revision: int
    operation: str
    public_effect: str
    is_inside: bool
    has_document: bool
    has_public: bool


def read_steps(connection: Connection, collection: str, item_id: str, reader: Reader) -> list[Step]:
    """Return the changes of one item in the order of their commits.

    Args:
        connection: for reading.
        collection: id of the collection.
        item_id: id of the item.
        reader: who asks; without scopes and own items, only what the public could notice is read.
            With them, changes outside are read too, because they tell that the item had left;
            their documents stay out of reach in :func:`read_document`.
    """
    statement = (
        select(
            change.c.seq,
            change.c.at,
            change.c.revision,
            change.c.operation,
            change.c.public_effect,
            inside_condition(change, reader.scopes, reader.owner_id).label("is_inside"),
            change.c.document.is_not(None).label("has_document"),
            change.c.public_document.is_not(None).label("has_public"),
        )
        .where(change.c.collection == collection, change.c.item_id == item_id)
        .order_by(change.c.seq)
    )
    if not reader.scopes and not reader.owner_id:
        statement = statement.where(change.c.public_effect != "")
    return [
        Step(
            **{**row, "is_inside": bool(row["is_inside"]), "has_public": bool(row["has_public"])}
            | {"has_document": bool(row["has_document"])}
        )
        for row in connection.execute(statement).mappings()
    ]


def read_document(
    connection: Connection, seq: int, reader: Reader, *, is_working: bool
) -> str | None:
    """Return a document of one change as it is stored now, None when it may not be seen.

    Args:
        connection: for reading.
        seq: number of the change.
        reader: who asks.
        is_working: the working document; else the public one.
    """
    column = change.c.document if is_working else change.c.public_document
    allowed = inside_condition(change, reader.scopes, reader.owner_id)
    if not is_working:
        allowed = or_(change.c.public_effect != "", allowed)
    statement = select(column).where(change.c.seq == seq, allowed)
    return connection.execute(statement).scalar_one_or_none()
