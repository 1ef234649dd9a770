# SPDX-License-Identifier: GPL-2.0-or-later
"""Facts about a store and its database software, for the doctor and before it is written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from geoapi.errors import UsageError
from geoapi.store.database import Store
from geoapi.store.schema import schema_state


def require_ours_or_empty(store: Store) -> None:
    """Refuse a GeoPackage or database schema that another program filled.

    Raises:
        UsageError: it holds tables, but none of Pakmud's marks.
    """

    def is_foreign(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            statement = (
                "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v')"
                " AND relnamespace = to_regnamespace('pakmud')"
            )
        else:
            statement = "SELECT count(*) FROM sqlite_schema"
        return bool(connection.execute(text(statement)).scalar_one())

    if schema_state(store)[0] == "empty" and store.read(is_foreign):
        raise UsageError("store.foreign", location=store.location)


def missing_sqlite_features() -> list[str]:
    """Return what this Python's SQLite lacks of what a GeoPackage store needs."""
    needed: Mapping[str, str] = {
        "R-tree": "CREATE VIRTUAL TABLE t USING rtree(id, a, b, c, d)",
        "FTS5 trigram": "CREATE VIRTUAL TABLE w USING fts5(s, tokenize='trigram')",
    }
    missing = []
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, statement in needed.items():
            try:
                connection.execute(statement)
            except sqlite3.OperationalError:
                missing.append(name)
    return missing


def postgres_facts(store: Store) -> dict[str, str]:
    """Return versions, encoding, number of Thai trigrams and extensions of a PostgreSQL."""

    def read(connection: Connection) -> dict[str, str]:
        facts = {
            name: str(connection.execute(text(f"SHOW {name}")).scalar_one())
            for name in ("server_version", "server_encoding")
        }
        names = connection.execute(text("SELECT extname, extversion FROM pg_extension"))
        facts |= {f"extension_{name}": version for name, version in names}
        if "extension_pg_trgm" in facts:
            statement = text("SELECT cardinality(show_trgm('ปักหมุด'))")
            facts["thai_trigrams"] = str(connection.execute(statement).scalar_one())
        return facts

    return store.read(read)


def log_bytes(path: Path) -> int:
    """Return the size of a GeoPackage's write-ahead log, 0 when there is none."""
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0
