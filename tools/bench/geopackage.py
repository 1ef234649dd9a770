# SPDX-License-Identifier: GPL-2.0-or-later
"""Fill an initialised GeoPackage with the very rows that a database of the same points holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg
import shapely

from geoapi.store.columns import geopackage_blob, instant_text
from geoapi.store.tables import FEATURE_TABLES, change
from tools.bench.loading import connect
from tools.bench.multiplying import TABLE

_CHUNK = 5_000
_TRIGGER = f"{TABLE}_ai"


def load_geopackage(path: str, dsn: str) -> None:
    """Copy points and their history; indexes, boxes and words are made after the rows.

    Args:
        path: of the GeoPackage, which holds no points yet.
        dsn: of the database to copy from.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as target, connect(dsn) as source:
        target.execute("PRAGMA synchronous=OFF")
        later = _drop(target)
        target.execute("BEGIN")
        names = [column.name for column in FEATURE_TABLES[TABLE].columns]
        _copy(source, target, TABLE, names, f"SELECT {{}} FROM {TABLE} ORDER BY fid")  # noqa: S608
        names = [column.name for column in change.columns if column.name != "seq"]
        wanted = "SELECT {} FROM change WHERE collection = 'service-points' ORDER BY seq"
        _copy(source, target, change.name, names, wanted)
        target.execute(
            f"INSERT INTO {TABLE}_rtree SELECT fid, min_x, max_x, min_y, max_y FROM {TABLE}"  # noqa: S608 - names of ours
            " WHERE min_x IS NOT NULL"
        )
        target.execute(f"INSERT INTO {TABLE}_fts ({TABLE}_fts) VALUES ('rebuild')")  # noqa: S608
        for statement in later:
            target.execute(statement)
        target.execute("COMMIT")
        target.execute("ANALYZE")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _drop(target: sqlite3.Connection) -> list[str]:
    """Drop what would be kept up to date row by row; return how to make it again."""
    found = target.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN (?, ?)"
        " AND (type = 'index' OR name = ?)",
        (TABLE, change.name, _TRIGGER),
    ).fetchall()
    for kind, name, _ in found:
        target.execute(f"DROP {kind} {name}")
    return [statement for _, _, statement in found]


def _copy(
    source: psycopg.Connection[tuple[Any, ...]],
    target: sqlite3.Connection,
    table: str,
    names: Sequence[str],
    wanted: str,
) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    places = ", ".join("?" * len(names))
    geometry = names.index("geom") if "geom" in names else None
    with source.transaction(), source.cursor("copying") as cursor:
        cursor.itersize = _CHUNK
        cursor.execute(wanted.format(quoted).encode())
        target.executemany(
            f"INSERT INTO {table} ({quoted}) VALUES ({places})",  # noqa: S608 - names of ours
            _rows(cursor, geometry),
        )


def _rows(rows: psycopg.ServerCursor[tuple[Any, ...]], geometry: int | None) -> Iterator[list[Any]]:
    for row in rows:
        values = [_value(value) for value in row]
        if geometry is not None and row[geometry] is not None:
            values[geometry] = geopackage_blob(shapely.from_wkb(row[geometry]))
        yield values


def _value(value: Any) -> Any:  # noqa: ANN401 - any value of a column
    return instant_text(value) if isinstance(value, datetime) else value
