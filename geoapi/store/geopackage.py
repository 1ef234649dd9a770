# SPDX-License-Identifier: GPL-2.0-or-later
"""GeoPackage: connections that make a commit durable, and what a migration needs.

Source: OGC GeoPackage 1.3.1 (OGC 12-128r18).  Read-only views are all that GIS software is shown;
the tables behind them stay unregistered, so that an edit by hand can't bypass history and rights.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from geoapi.store import sqlite_functions

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10301
_BUSY_TIMEOUT_MS = 10_000
# Ticks of SQLite's virtual machine between two looks at the clock: about 0.2 ms.
_PROGRESS_STEPS = 10_000


def engines(path: Path, timeout_s: float) -> tuple[Engine, Engine]:
    """Return the engines for reading (a pool, query-only) and writing (one connection).

    Args:
        path: the file; its folder must exist.
        timeout_s: how long one reading statement may run.
    """
    reading = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, read_only=True, timeout_s=timeout_s),
        poolclass=QueuePool,
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=timeout_s,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
    )
    writing = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, read_only=False, timeout_s=0),
        poolclass=StaticPool,
        hide_parameters=True,
    )

    @event.listens_for(writing, "begin")
    def _begin(connection: Connection) -> None:
        # the lock is taken at once, not at the first write, so that no upgrade can fail half way
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return reading, writing


def reading_connection(path: Path, timeout_s: float) -> sqlite3.Connection:
    """Open one more connection that reads and nothing else; the caller closes it."""
    return _connect(path, read_only=True, timeout_s=timeout_s)


class _Connection(sqlite3.Connection):
    """A connection that knows when its present statement has to end."""

    deadline: float = 0.0
    timeout_s: float = 0.0


def _connect(path: Path, *, read_only: bool, timeout_s: float) -> sqlite3.Connection:
    """Open one connection with the pragmas that make a commit durable."""
    if not path.exists():
        # an empty file of our own mode: SQLite would create it readable by everybody
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise sqlite3.OperationalError("unable to open database file") from error
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        factory=_Connection,
    )
    try:
        _prepare(connection, read_only=read_only, timeout_s=timeout_s)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: _Connection, *, read_only: bool, timeout_s: float) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    sqlite_functions.register(connection)
    if read_only:
        connection.execute("PRAGMA query_only=ON")
        connection.timeout_s = timeout_s
        connection.set_progress_handler(
            lambda: int(0 < connection.deadline < time.monotonic()),
            _PROGRESS_STEPS,
        )
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


def start_deadline(driver: Any) -> None:  # noqa: ANN401 - the driver's own type
    """Give the next statement of a reading connection its time."""
    driver.deadline = time.monotonic() + driver.timeout_s


def checkpoint(engine: Engine) -> None:
    """Fold the write-ahead log into the file, so that a copy of the one file is the whole."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def run_script(connection: Connection, script: str) -> None:
    """Run the statements of a migration; triggers keep their own semicolons."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.exec_driver_sql(statement)
            statement = ""


def mark_as_geopackage(connection: Connection) -> None:
    """Write the marks by which programs know a GeoPackage into the file's header."""
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={USER_VERSION}")
