# SPDX-License-Identifier: GPL-2.0-or-later
"""What is special about the records of one collection: checks, scope, visibility, what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from geoapi.collection_model import Collection
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope


def _unchanged(
    _transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    return feature


def nothing_more(
    _transaction: Transaction,
    _context: WriteContext,
    _before: JsonObject | None,
    _after: JsonObject | None,
) -> None:
    """Let nothing follow from a write."""


def _no_scope(_connection: Connection, _feature: JsonObject) -> Scope:
    return Scope()


def _not_public(_connection: Connection, _feature: JsonObject) -> bool:
    return False


@dataclass(frozen=True)
class RecordKind:
    """What is special about the records of one collection.

    Attributes:
        collection: its definition.
        complete: called inside the transaction with the checked document and the one before;
            returns the document to store, or raises what a schema can't say.
        scope: agency and area whose holders have rights over a document.
        is_public: whether the public sees a document, None to leave what the public sees as it
            is; asked for collections of views only.
        after: called when the record is written (after is None when it is deleted), to write in
            the same transaction what follows from it.
    """

    collection: Collection
    complete: Callable[[Transaction, WriteContext, JsonObject, JsonObject | None], JsonObject] = (
        _unchanged
    )
    scope: Callable[[Connection, JsonObject], Scope] = _no_scope
    is_public: Callable[[Connection, JsonObject], bool | None] = _not_public
    after: Callable[[Transaction, WriteContext, JsonObject | None, JsonObject | None], None] = (
        nothing_more
    )

    @property
    def main_view(self) -> str:
        """Return the view whose row every item has."""
        return PUBLISHED if self.collection.visibility == "public" else WORKING
