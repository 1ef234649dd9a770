# SPDX-License-Identifier: GPL-2.0-or-later
"""What one transaction that writes many things already knows of the rows it reads again and again.

A single write asks a dozen small questions: is the row there, which photos hang on the point, is
the short code free.  A transaction of a thousand writes asks them for all its items at once,
locks what it will write in one order, and keeps what it writes itself.  Only what other
transactions can't change meanwhile is remembered: locked rows, what hangs on locked points, and
rows that a single write would read without a lock as well.  Rights stay SQL: whether a pair of
(agency, area) lies inside a scope is asked of the database once and kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from geoapi.store.tables import FEATURE_TABLES

_OPTION = "pakmud_row_memory"
_MISSING: Any = object()
# First words of questions: the newest revision an item ever had; whether a value is free.
REVISION, FREE = "revision", "free"
# What hangs on a point is looked for by this column.
GROUP_COLUMN = "point_id"

type RowKey = tuple[str, str, str]
type Columns = Mapping[str, Any]


@dataclass
class RowMemory:
    """What is known, and how to forget what a rolled back savepoint taught.

    Attributes:
        needs_locks: rows must be locked before they are written (PostgreSQL).
        rows: columns of a row by (table, id, view), None for a row that is not there.
        locked: keys of rows that are held until the transaction ends.
        groups: ids of the rows that hang on a point, by (table, point, view), oldest first.
        answers: other small answers by their question.
        undo: (mapping, key, value before) of every change, oldest first.
    """

    needs_locks: bool
    rows: dict[RowKey, Columns | None] = field(default_factory=dict)
    locked: dict[RowKey, bool] = field(default_factory=dict)
    groups: dict[RowKey, tuple[str, ...]] = field(default_factory=dict)
    answers: dict[Hashable, Any] = field(default_factory=dict)
    undo: list[tuple[MutableMapping[Any, Any], Hashable, Any]] = field(default_factory=list)

    def learn(self, mapping: MutableMapping[Any, Any], key: Hashable, value: object) -> None:
        """Remember a value until its savepoint is rolled back."""
        self.undo.append((mapping, key, mapping.get(key, _MISSING)))
        mapping[key] = value

    def forget(self, mapping: MutableMapping[Any, Any], key: Hashable) -> None:
        """Forget a value; the next question goes to the database."""
        if key in mapping:
            self.undo.append((mapping, key, mapping.pop(key)))

    def roll_back(self, mark: int) -> None:
        """Return to what was known when ``undo`` was ``mark`` long."""
        while len(self.undo) > mark:
            mapping, key, before = self.undo.pop()
            if before is _MISSING:
                mapping.pop(key, None)
            else:
                mapping[key] = before

    def knows(self, key: RowKey, *, lock: bool) -> bool:
        """Say whether a row need not be read, and need not be locked any more."""
        return key in self.rows and (not lock or not self.needs_locks or key in self.locked)

    def learn_row(self, key: RowKey, columns: Columns | None, *, lock: bool) -> None:
        """Remember a row that was read."""
        self.learn(self.rows, key, columns)
        if lock and columns is not None:
            self.learn(self.locked, key, True)

    def learn_group(self, key: RowKey, rows: list[Columns]) -> None:
        """Remember all rows of a table and view that hang on a point."""
        table, _, view = key
        for columns in rows:
            self.learn(self.rows, (table, columns["id"], view), columns)
        self.learn(self.groups, key, tuple(columns["id"] for columns in rows))

    def group(self, table: str, view: str, equals: Mapping[str, Any]) -> list[Columns] | None:
        """Return the known rows whose columns have the given values, None to ask the database."""
        ids = self.groups.get((table, str(equals.get(GROUP_COLUMN, "")), view))
        if ids is None:
            return None
        rows = [self.rows.get((table, item_id, view)) for item_id in ids]
        return [
            row
            for row in rows
            if row is not None and all(row[name] == value for name, value in equals.items())
        ]

    def wrote(self, table: str, values: Columns) -> None:
        """Remember a row as it was just written."""
        key = (table, values["id"], values["view"])
        before = self.rows.get(key)
        if GROUP_COLUMN in values:
            self._regroup(key, before, values[GROUP_COLUMN])
        if before is None and not _is_whole(table, values):
            self.forget(self.rows, key)
        else:
            kept = {} if before is None else dict(before)
            created = {} if before is None else {"created_at": before["created_at"]}
            self.learn(self.rows, key, {"fid": None} | kept | dict(values) | created)
        self.learn(self.locked, key, True)

    def _regroup(self, key: RowKey, before: Columns | None, point_id: str) -> None:
        table, item_id, view = key
        if before is not None and before[GROUP_COLUMN] == point_id:
            return
        if before is None and key in self.rows:  # a new row is the last of its group
            group = (table, point_id, view)
            if group in self.groups:
                self.learn(self.groups, group, (*self.groups[group], item_id))
            return
        self.forget_groups(table)

    def removed(self, table: str, item_id: str, view: str) -> None:
        """Remember that a row is gone."""
        key = (table, item_id, view)
        if GROUP_COLUMN in FEATURE_TABLES[table].columns:
            before = self.rows.get(key)
            group = None if before is None else (table, before[GROUP_COLUMN], view)
            if group in self.groups:
                left = tuple(other for other in self.groups[group] if other != item_id)
                self.learn(self.groups, group, left)
            elif key not in self.rows:
                self.forget_groups(table)
        self.learn(self.rows, key, None)

    def forget_groups(self, table: str) -> None:
        """Forget what hangs on points in a table."""
        for key in [key for key in self.groups if key[0] == table]:
            self.forget(self.groups, key)


def _is_whole(table: str, values: Columns) -> bool:
    """Say whether a written row has every column that a read one has."""
    needed = {column.name for column in FEATURE_TABLES[table].columns} - {"fid", "geom"}
    return needed <= values.keys()


def memory_of(connection: Connection) -> RowMemory | None:
    """Return the memory of a connection's transaction; None for a single write."""
    memory: RowMemory | None = connection.get_execution_options().get(_OPTION)
    return memory


def remember(connection: Connection, *, needs_locks: bool) -> RowMemory:
    """Give the transaction of a connection a memory, from here to its end."""
    memory = RowMemory(needs_locks)
    connection.execution_options(**{_OPTION: memory})
    return memory
