# SPDX-License-Identifier: GPL-2.0-or-later
"""Write rows of feature tables and read single ones; :mod:`geoapi.store.query` reads lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.database import Transaction
from geoapi.store.row_memory import FREE, Columns, RowMemory, memory_of
from geoapi.store.tables import FEATURE_TABLES, PUBLISHED, WORKING, agency_closure
from geoapi.store.tile_tables import LAYERS
from geoapi.types import BBox, Scope


@dataclass(frozen=True)
class FeatureRow:
    """One row of a feature table, as the domain modules see it.

    Attributes:
        columns: the flat columns by name, without the geometry.
    """

    columns: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - one accessor for all columns
        """Return a column by its name."""
        try:
            return self.columns[name]
        except KeyError as error:
            raise AttributeError(name) from error


def scope_condition(table: FromClause, scopes: Sequence[Scope]) -> ColumnElement[bool]:
    """Build the SQL condition that a row lies inside at least one of the scopes."""
    alternatives: list[ColumnElement[bool]] = []
    for scope in scopes:
        parts: list[ColumnElement[bool]] = []
        if scope.agency_id:
            parts.append(
                table.c.scope_agency_id.in_(
                    select(agency_closure.c.descendant_id).where(
                        agency_closure.c.ancestor_id == scope.agency_id
                    )
                )
            )
        if scope.area_code:
            parts.append(table.c.scope_area_code.startswith(scope.area_code, autoescape=True))
        alternatives.append(and_(true(), *parts))
    return or_(false(), *alternatives)


def get_row(
    connection: Connection,
    table_name: str,
    item_id: str,
    view: str,
    *,
    scopes: Sequence[Scope] | None = None,
    lock: bool = False,
) -> FeatureRow | None:
    """Return one row, or None when it is not there or lies outside the scopes.

    Args:
        connection: inside a transaction when ``lock`` is set.
        table_name: key of ``FEATURE_TABLES``.
        item_id: id of the feature.
        view: ``published`` or ``working``.
        scopes: where the caller's right holds; None asks for no right (the system itself).
        lock: hold the row until the transaction ends (PostgreSQL; a GeoPackage has one writer).
    """
    memory = memory_of(connection)
    if memory is not None:
        row = _remembered(connection, memory, (table_name, item_id, view), scopes, lock=lock)
    else:
        row = _read_row(connection, (table_name, item_id, view), scopes, lock=lock)
    return None if row is None else FeatureRow(row)


def _read_row(
    connection: Connection,
    key: tuple[str, str, str],
    scopes: Sequence[Scope] | None,
    *,
    lock: bool,
) -> Columns | None:
    table_name, item_id, view = key
    statement = _row_statement(table_name, lock)
    if scopes is not None:
        statement = statement.where(scope_condition(FEATURE_TABLES[table_name], scopes))
    found = connection.execute(statement, {"item_id": item_id, "item_view": view})
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)


def _remembered(
    connection: Connection,
    memory: RowMemory,
    key: tuple[str, str, str],
    scopes: Sequence[Scope] | None,
    *,
    lock: bool,
) -> Columns | None:
    """Return a row from memory, and whether its scope is inside from the database, once a scope."""
    if not memory.knows(key, lock=lock):
        memory.learn_row(key, _read_row(connection, key, None, lock=lock), lock=lock)
    row = memory.rows[key]
    if row is None or scopes is None:
        return row
    question = (tuple(scopes), row["scope_agency_id"], row["scope_area_code"])
    if question not in memory.answers:
        is_inside = _read_row(connection, key, scopes, lock=False) is not None
        memory.learn(memory.answers, question, is_inside)
    return row if memory.answers[question] else None


@cache
def _row_statement(table_name: str, lock: bool) -> Select[Any]:
    """Return the statement of one row, built once: every write asks it several times."""
    table = FEATURE_TABLES[table_name]
    statement = select(*[c for c in table.columns if c.name != "geom"]).where(
        table.c.id == bindparam("item_id"), table.c["view"] == bindparam("item_view")
    )
    return statement.with_for_update() if lock else statement


def get_own_row(
    connection: Connection, table_name: str, item_id: str, owner_id: str, *, lock: bool = False
) -> FeatureRow | None:
    """Return a working row of a user, or None when it is not there or somebody else's.

    Args:
        connection: inside a transaction when ``lock`` is set.
        table_name: key of ``FEATURE_TABLES`` whose rows have owners.
        item_id: id of the feature.
        owner_id: the user.
        lock: hold the row until the transaction ends.
    """
    table = FEATURE_TABLES[table_name]
    statement = select(*[c for c in table.columns if c.name != "geom"]).where(
        table.c.id == item_id, table.c["view"] == WORKING, table.c.owner_id == owner_id
    )
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else FeatureRow(dict(row))


def put_row(
    transaction: Transaction,
    table_name: str,
    values: Mapping[str, Any],
    geometry: BaseGeometry | None,
) -> None:
    """Insert or overwrite the row of (id, view).

    Args:
        transaction: the write it belongs to.
        table_name: key of ``FEATURE_TABLES``.
        values: flat columns; ``id`` and ``view`` among them.
        geometry: in CRS84, or None.
    """
    table = FEATURE_TABLES[table_name]
    row = {**values, **_geometry_columns(geometry)}
    changes = {k: v for k, v in row.items() if k not in {"id", "view", "created_at"}}
    where = {"row_id": values["id"], "row_view": values["view"]}
    changed = transaction.connection.execute(_update_statement(table_name), changes | where)
    if changed.rowcount == 0:
        transaction.connection.execute(insert(table).values(**row))
    memory = memory_of(transaction.connection)
    if memory is not None:
        memory.wrote(table_name, _without_geometry(row))
    _note_public(transaction, table_name, values["id"], values["view"])


def _note_public(transaction: Transaction, table_name: str, item_id: str, view: str) -> None:
    """Let the end of the transaction look at a row that maps show."""
    if view == PUBLISHED and table_name in LAYERS:
        transaction.public_rows.add((table_name, item_id))


@cache
def _update_statement(table_name: str) -> Update:
    """Return the statement that overwrites a row, built once; it sets the columns it is given."""
    table = FEATURE_TABLES[table_name]
    return update(table).where(
        table.c.id == bindparam("row_id"), table.c["view"] == bindparam("row_view")
    )


def _without_geometry(row: Mapping[str, Any]) -> Columns:
    return {name: value for name, value in row.items() if name != "geom"}


def move_scope(transaction: Transaction, table_name: str, values: Mapping[str, Any]) -> None:
    """Give the published row of an item the scope that its working row has now."""
    table = FEATURE_TABLES[table_name]
    scope = {name: values[name] for name in ("scope_agency_id", "scope_area_code")}
    memory, key = memory_of(transaction.connection), (table_name, values["id"], PUBLISHED)
    if memory is not None and key in memory.rows:
        public = memory.rows[key]
        if public is None or all(public[name] == value for name, value in scope.items()):
            return
        memory.forget(memory.rows, key)
    transaction.connection.execute(
        update(table).where(table.c.id == values["id"], table.c["view"] == PUBLISHED).values(scope)
    )


def insert_rows(
    transaction: Transaction,
    table_name: str,
    rows: Sequence[tuple[Mapping[str, Any], BaseGeometry | None]],
) -> None:
    """Insert many new rows at once; imports use it after they looked up what is there already."""
    if rows:
        table = FEATURE_TABLES[table_name]
        whole = [{**values, **_geometry_columns(geom)} for values, geom in rows]
        transaction.connection.execute(insert(table), whole)
        memory = memory_of(transaction.connection)
        if memory is not None:
            for row in whole:
                memory.wrote(table_name, _without_geometry(row))
        for values, _ in rows:
            _note_public(transaction, table_name, values["id"], values["view"])


def delete_row(transaction: Transaction, table_name: str, item_id: str, view: str) -> bool:
    """Delete the row of (id, view); say whether there was one."""
    memory, table = memory_of(transaction.connection), FEATURE_TABLES[table_name]
    if memory is not None and memory.rows.get((table_name, item_id, view), table) is None:
        return False
    done = transaction.connection.execute(
        delete(table).where(table.c.id == item_id, table.c["view"] == view)
    )
    if memory is not None:
        memory.removed(table_name, item_id, view)
    _note_public(transaction, table_name, item_id, view)
    return done.rowcount > 0


def _geometry_columns(geometry: BaseGeometry | None) -> dict[str, Any]:
    if geometry is None or shapely.is_empty(geometry):
        return {"geom": None, "min_x": None, "max_x": None, "min_y": None, "max_y": None}
    min_x, min_y, max_x, max_y = geometry.bounds
    return {"geom": geometry, "min_x": min_x, "max_x": max_x, "min_y": min_y, "max_y": max_y}


def public_extent(connection: Connection, table_name: str) -> BBox | None:
    """Return the box around all published rows in degrees, None when none has a position."""
    table = FEATURE_TABLES[table_name]
    found = connection.execute(
        select(
            func.min(table.c.min_x),
            func.min(table.c.min_y),
            func.max(table.c.max_x),
            func.max(table.c.max_y),
        ).where(table.c["view"] == PUBLISHED)
    ).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def ids_by_column(
    connection: Connection, table_name: str, column: str, view: str
) -> dict[str, str]:
    """Return {value of the column: id} of all rows of a view whose column is not empty."""
    table = FEATURE_TABLES[table_name]
    statement = select(table.c[column], table.c.id).where(
        table.c["view"] == view, table.c[column] != ""
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def last_updated(connection: Connection, table_name: str) -> datetime | None:
    """Return when the newest row of a table was written."""
    table = FEATURE_TABLES[table_name]
    value = connection.execute(select(func.max(table.c.updated_at))).scalar_one()
    return value if isinstance(value, datetime) or value is None else datetime.fromisoformat(value)


def id_with_value(connection: Connection, table_name: str, column: str, value: str) -> str | None:
    """Return the id of a working row whose column has a value, None when there is none."""
    table, memory = FEATURE_TABLES[table_name], memory_of(connection)
    if memory is not None and memory.answers.pop((FREE, table_name, column, value), False):
        return None
    statement = (
        select(table.c.id).where(table.c["view"] == "working", table.c[column] == value).limit(1)
    )
    return connection.execute(statement).scalar_one_or_none()


def rows_where(
    connection: Connection, table_name: str, view: str, equals: Mapping[str, Any]
) -> list[FeatureRow]:
    """Return the rows of a view whose columns have the given values, oldest first.

    No right is asked for: what comes back is for the system itself, or was asked for before.
    """
    memory = memory_of(connection)
    known = None if memory is None else memory.group(table_name, view, equals)
    if known is not None:
        return [FeatureRow(row) for row in known]
    table = FEATURE_TABLES[table_name]
    conditions = [table.c[name] == value for name, value in equals.items()]
    statement = (
        select(*[c for c in table.columns if c.name != "geom"])
        .where(table.c["view"] == view, *conditions)
        .order_by(table.c.fid)
    )
    return [FeatureRow(dict(row)) for row in connection.execute(statement).mappings()]


def rows_containing(
    connection: Connection, table_name: str, states: Sequence[str], text: str
) -> list[FeatureRow]:
    """Return the working rows in some states whose document contains a text."""
    table = FEATURE_TABLES[table_name]
    statement = (
        select(*[c for c in table.columns if c.name != "geom"])
        .where(table.c["view"] == WORKING, table.c.state.in_(states))
        .where(table.c.feature.contains(text, autoescape=True))
        .order_by(table.c.fid)
    )
    return [FeatureRow(dict(row)) for row in connection.execute(statement).mappings()]
