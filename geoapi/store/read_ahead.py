# SPDX-License-Identifier: GPL-2.0-or-later
"""Read and lock, set by set, what a transaction of many writes is about to ask row by row.

Locks are taken in one order, points by their id, then records by table and id, so that two such
transactions wait for each other instead of locking each other out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched

from sqlalchemy import func, select

from geoapi.store.database import Transaction
from geoapi.store.row_memory import FREE, GROUP_COLUMN, REVISION, Columns, RowMemory, remember
from geoapi.store.tables import FEATURE_TABLES, PUBLISHED, WORKING, change

POINTS = "service_point"
# Values in one IN list, far below what either database takes.
_SET = 500
# Private to their owners: no point is followed by them.
_NOT_FOLLOWING = frozenset({"draft"})


@dataclass(frozen=True)
class Ahead:
    """What a transaction will ask for.

    Attributes:
        points: ids of service points that are written, or that records and points name.
        records: ids of records that are written, by (table, view of the row that each has).
        agencies: ids of agencies that documents name.
        created: ids that new items bring, by collection.
        short_codes: that new points would get.
    """

    points: frozenset[str] = frozenset()
    records: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    agencies: frozenset[str] = frozenset()
    created: Mapping[str, frozenset[str]] = field(default_factory=dict)
    short_codes: frozenset[str] = frozenset()


def read_ahead(transaction: Transaction, ahead: Ahead) -> RowMemory:
    """Give a transaction a memory that holds what it will ask for; rows to write are locked.

    Args:
        transaction: that has written nothing yet.
        ahead: what it will ask for; whatever is left out is asked for when it is needed.
    """
    is_postgis = transaction.backend == "postgis"
    memory = remember(transaction.connection, needs_locks=is_postgis)
    _rows(transaction, memory, (POINTS, WORKING), ahead.points, lock=True)
    for (table, view), ids in sorted(ahead.records.items()):
        _rows(transaction, memory, (table, view), ids, lock=True)
        if view == WORKING:
            _rows(transaction, memory, (table, PUBLISHED), ids)
    _rows(transaction, memory, (POINTS, PUBLISHED), ahead.points)
    _rows(transaction, memory, ("agency", PUBLISHED), ahead.agencies)
    for table in FEATURE_TABLES:
        if GROUP_COLUMN in FEATURE_TABLES[table].columns and table not in _NOT_FOLLOWING:
            for view in (WORKING, PUBLISHED):
                _groups(transaction, memory, (table, view), ahead.points)
    for collection, ids in ahead.created.items():
        _revisions(transaction, memory, collection, ids)
    _free_codes(transaction, memory, ahead.short_codes)
    memory.undo.clear()
    return memory


def _sets(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    yield from batched(sorted(values), _SET)


def _rows(
    transaction: Transaction,
    memory: RowMemory,
    where: tuple[str, str],
    ids: frozenset[str],
    *,
    lock: bool = False,
) -> None:
    (table_name, view), table = where, FEATURE_TABLES[where[0]]
    for some in _sets(ids):
        statement = (
            select(*[c for c in table.columns if c.name != "geom"])
            .where(table.c["view"] == view, table.c.id.in_(some))
            .order_by(table.c.id)
        )
        if lock:
            statement = statement.with_for_update()
        rows = transaction.connection.execute(statement).mappings()
        found = {row["id"]: dict(row) for row in rows}
        for item_id in some:
            key = (table_name, item_id, view)
            memory.learn_row(key, found.get(item_id), lock=lock)


def _groups(
    transaction: Transaction, memory: RowMemory, where: tuple[str, str], points: frozenset[str]
) -> None:
    (table_name, view), table = where, FEATURE_TABLES[where[0]]
    for some in _sets(points):
        statement = (
            select(*[c for c in table.columns if c.name != "geom"])
            .where(table.c["view"] == view, table.c[GROUP_COLUMN].in_(some))
            .order_by(table.c.fid)
        )
        found: dict[str, list[Columns]] = {point_id: [] for point_id in some}
        for row in transaction.connection.execute(statement).mappings():
            found[row[GROUP_COLUMN]].append(dict(row))
        for point_id, rows in found.items():
            memory.learn_group((table_name, point_id, view), rows)


def _revisions(
    transaction: Transaction, memory: RowMemory, collection: str, ids: frozenset[str]
) -> None:
    for some in _sets(ids):
        statement = (
            select(change.c.item_id, func.max(change.c.revision))
            .where(change.c.collection == collection, change.c.item_id.in_(some))
            .group_by(change.c.item_id)
        )
        last = {row[0]: int(row[1]) for row in transaction.connection.execute(statement)}
        for item_id in some:
            question = (REVISION, collection, item_id)
            memory.learn(memory.answers, question, last.get(item_id, 0))


def _free_codes(transaction: Transaction, memory: RowMemory, codes: frozenset[str]) -> None:
    table = FEATURE_TABLES[POINTS]
    for some in _sets(codes):
        statement = select(table.c.short_code).where(
            table.c["view"] == WORKING, table.c.short_code.in_(some)
        )
        taken = set(transaction.connection.execute(statement).scalars())
        for code in some:
            if code not in taken:
                memory.learn(memory.answers, (FREE, POINTS, "short_code", code), True)
