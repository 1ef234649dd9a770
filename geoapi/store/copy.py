# SPDX-License-Identifier: GPL-2.0-or-later
"""Move a site's data between stores without loss: lines of JSON that are equal for both backends.

Tables and columns are read from the store itself, not from the program's definitions, so that a
store of an older schema can be saved before it is migrated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
import shapely
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    types,
)

from geoapi.errors import DataUnavailableError, UsageError
from geoapi.store import sqlite_functions, tile_marks
from geoapi.store.columns import SortText, UtcInstant, geometry_column, instant_text
from geoapi.store.database import Store, Transaction
from geoapi.store.driver_errors import translated_errors
from geoapi.store.schema import require_current_schema
from geoapi.store.tables import METADATA, tile_point

_BATCH_ROWS = 500

# Declared types of a GeoPackage and type names of PostgreSQL -> kind.
_KINDS: Mapping[str, types.TypeEngine[Any]] = {
    "INTEGER": Integer(),
    "TEXT": SortText,
    "DATETIME": UtcInstant(),
    "BOOLEAN": Boolean(),
    "DATE": Date(),
    "DOUBLE": Double(),
    "POINT": geometry_column("POINT"),
    "MULTIPOLYGON": geometry_column("MULTIPOLYGON"),
    "int4": Integer(),
    "int8": Integer(),
    "text": SortText,
    "timestamptz": UtcInstant(),
    "bool": Boolean(),
    "date": Date(),
    "float8": Double(),
    "geometry": geometry_column("GEOMETRY"),
}
_GEOPACKAGE_COLUMNS = text(
    "SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'gpkg\\_%' ESCAPE '\\'"
    " AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '%\\_rtree%' ESCAPE '\\'"
    " AND m.name NOT LIKE '%\\_fts%' ESCAPE '\\' AND m.name NOT IN ('alembic_version', 'tile_mark')"
    " ORDER BY m.name, c.cid"
)
_POSTGRES_COLUMNS = text(
    "SELECT c.relname, a.attname, t.typname,"
    " coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid"
    " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
    " WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r'"
    " AND c.relname NOT IN ('alembic_version', 'tile_mark') ORDER BY c.relname, a.attnum"
)


@dataclass(frozen=True)
class TableSum:
    """What a table holds, comparable between stores.

    Attributes:
        rows: number of rows.
        sha256: of all rows' lines in the order of the primary key, hexadecimal.
        columns: their names, in the order of the lines.
        last_number: the highest number ever given to a row, None for tables that number none.
    """

    rows: int
    sha256: str
    columns: tuple[str, ...]
    last_number: int | None


def stored_tables(connection: Connection) -> list[Table]:
    """Return the store's tables as they are, parents before children, columns by name."""
    is_postgres = connection.dialect.name == "postgresql"
    statement = _POSTGRES_COLUMNS if is_postgres else _GEOPACKAGE_COLUMNS
    found: dict[str, list[tuple[str, str, int]]] = {}
    for table, name, kind, key in connection.execute(statement):
        found.setdefault(table, []).append((name, kind, key))
    metadata = MetaData()
    order = {table.name: place for place, table in enumerate(METADATA.sorted_tables)}
    return [
        Table(
            table,
            metadata,
            *(
                Column(name, _KINDS[kind], primary_key=bool(key), autoincrement=False)
                for name, kind, key in sorted(found[table])
            ),
        )
        for table in sorted(found, key=lambda name: (order.get(name, len(order)), name))
    ]


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """Give a connection on which every statement sees the same instant of the store.

    It works while the site serves: neither readers nor writers wait for it.

    Raises:
        DataUnavailableError: the store can't be read.
    """
    with translated_errors():
        if store.backend == "geopackage":
            with store.reading.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.deadline = 0.0
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            return
        with store.writing.connect() as connection:
            steady = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with steady.begin():
                steady.execute(text("SET LOCAL statement_timeout = 0"))
                yield steady


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of any column
    """Return a value as it stands in a line; the same for both backends."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _geometry_text(value: bytes | str | None) -> str | None:
    """Return little-endian hexadecimal WKB without SRID of what the driver gave."""
    if value is None:
        return None
    if isinstance(value, str):
        geometry = shapely.from_wkb(bytes.fromhex(value))
    else:
        geometry = shapely.from_wkb(sqlite_functions.wkb_of(value))
    return str(shapely.to_wkb(geometry, hex=True, byte_order=1, include_srid=False))


def _is_geometry(column: Column[Any]) -> bool:
    return isinstance(column.type, type(geometry_column("GEOMETRY")))


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield a line of JSON (a list of values in the order of columns) for each row.

    Args:
        connection: of a :func:`snapshot` when several tables have to agree.
        table: of :func:`stored_tables`.
    """
    geometries = [place for place, column in enumerate(table.columns) if _is_geometry(column)]
    statement = select(table).order_by(*(table.primary_key.columns or table.columns))
    for row in connection.execute(statement.execution_options(yield_per=_BATCH_ROWS)):
        values = [_plain(value) for value in row]
        for place in geometries:
            values[place] = _geometry_text(values[place])
        yield orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


def _value(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - any value of any column
    if value is None:
        return None
    if isinstance(column.type, UtcInstant):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return shapely.from_wkb(value) if _is_geometry(column) else value


def load_lines(
    connection: Connection, table: Table, columns: tuple[str, ...], lines: Iterable[bytes]
) -> int:
    """Insert the rows of :func:`lines_of`, with their numbers; return how many.

    Args:
        connection: inside a transaction.
        table: of the target's :func:`stored_tables`.
        columns: names in the order of the lines.
        lines: what :func:`lines_of` gave.
    """
    count = 0
    batch: list[dict[str, Any]] = []
    targets = [table.columns[name] for name in columns]
    for line in lines:
        values = orjson.loads(line)
        batch.append({c.name: _value(c, v) for c, v in zip(targets, values, strict=True)})
        if len(batch) == _BATCH_ROWS:
            connection.execute(insert(table), batch)
            count += len(batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    return count + len(batch)


def _numbered_column(table: Table) -> str | None:
    keys = list(table.primary_key.columns)
    return keys[0].name if len(keys) == 1 and isinstance(keys[0].type, Integer) else None


def last_number(connection: Connection, table: Table) -> int | None:
    """Return the highest number that a table has ever given, None when it numbers nothing."""
    column = _numbered_column(table)
    if column is None:
        return None
    if connection.dialect.name != "postgresql":
        found = connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar_one_or_none()
        return int(found or 0)
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"),
        {"table": table.name, "column": column},
    ).scalar_one()
    found = connection.execute(
        text("SELECT coalesce(pg_sequence_last_value(CAST(:name AS regclass)), 0)"),
        {"name": sequence},
    ).scalar_one()
    return int(found)


def continue_numbers(connection: Connection, table: Table, number: int | None) -> None:
    """Let the numbers of a table go on after ``number``, so that none is given twice."""
    column = _numbered_column(table)
    if column is None or not number:
        return
    if connection.dialect.name != "postgresql":
        values = {"name": table.name, "number": number}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), values)
        return
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :column), :number)"),
        {"table": table.name, "column": column, "number": number},
    )


def sum_table(connection: Connection, table: Table) -> TableSum:
    """Count and hash the rows of one table."""
    digest, rows = hashlib.sha256(), 0
    for line in lines_of(connection, table):
        digest.update(line)
        rows += 1
    columns = tuple(column.name for column in table.columns)
    return TableSum(rows, digest.hexdigest(), columns, last_number(connection, table))


def checksum(store: Store) -> dict[str, tuple[int, str]]:
    """Return {table: (rows, sha256)} over all columns; equal for equal data in both backends.

    Raises:
        DataUnavailableError: the store can't be read.
    """
    with snapshot(store) as connection:
        sums = {table.name: sum_table(connection, table) for table in stored_tables(connection)}
    return {name: (found.rows, found.sha256) for name, found in sums.items()}


def count_rows(store: Store) -> int:
    """Return the number of rows in all tables; 0 means that nothing would be lost."""
    with snapshot(store) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in stored_tables(connection)
        )


def delete_all(connection: Connection) -> None:
    """Delete every row, children before parents."""
    for table in reversed(stored_tables(connection)):
        connection.execute(delete(table))
        if table.name == tile_point.name:
            tile_marks.renew(connection)


Progress = Callable[[str, int], None]


def copy_store(
    source: Store, target: Store, progress: Progress | None = None
) -> dict[str, tuple[int, str]]:
    """Copy a whole store into an empty one in a single transaction, and compare both afterwards.

    Args:
        source: read as of one instant; it may go on serving.
        target: of the current schema, without rows.
        progress: called with table and rows after each.

    Returns:
        {table: (rows, sha256)} of the target.

    Raises:
        UsageError: a schema is not current, or the target holds rows.
        DataUnavailableError: the copy differs from the source; the target is empty again.
    """
    require_current_schema(source)
    require_current_schema(target)
    if count_rows(target):
        raise UsageError("store.target_not_empty", location=target.location)

    def fill(transaction: Transaction) -> dict[str, tuple[int, str]]:
        connection = transaction.connection
        done: dict[str, tuple[int, str]] = {}
        with snapshot(source) as origin:
            for table in stored_tables(origin):
                wanted = sum_table(origin, table)
                put_table(connection, table.name, wanted, lines_of(origin, table))
                done[table.name] = (wanted.rows, wanted.sha256)
                if progress is not None:
                    progress(table.name, wanted.rows)
        return done

    return target.write(fill)


def put_table(connection: Connection, name: str, wanted: TableSum, lines: Iterable[bytes]) -> None:
    """Fill one empty table and check that it then holds exactly what was wanted.

    Raises:
        DataUnavailableError: it does not; the caller's transaction has to be rolled back.
    """
    table = {table.name: table for table in stored_tables(connection)}.get(name)
    if table is None or set(wanted.columns) != set(table.columns.keys()):
        raise DataUnavailableError("store.copy_differs", table=name)
    load_lines(connection, table, wanted.columns, lines)
    if name == tile_point.name:  # files of tiles are of what was here before
        tile_marks.renew(connection)
    continue_numbers(connection, table, wanted.last_number)
    found = sum_table(connection, table)
    if (found.rows, found.sha256) != (wanted.rows, wanted.sha256):
        raise DataUnavailableError("store.copy_differs", table=name)
