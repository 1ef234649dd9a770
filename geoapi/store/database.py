# SPDX-License-Identifier: GPL-2.0-or-later
"""Open a store, read from it, write to it: the same few verbs over both backends.

Reads go through a pool of read-only connections.  Writes are functions that get a
:class:`Transaction`: in a GeoPackage they queue up first come, first served before the one
connection that writes; in PostgreSQL each takes a connection and is tried again after a
deadlock.  ``change`` rows are held back to the end of the transaction and numbered under a lock,
so that ``seq`` is in commit order and a reader of the feed never misses a slow writer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg
from sqlalchemy import Connection, Engine, exc, insert, text

from geoapi.errors import DataUnavailableError, UsageError
from geoapi.store import geopackage, postgis, tile_ranks
from geoapi.store.driver_errors import translated_errors
from geoapi.store.tables import change

LOG = logging.getLogger(__name__)

Backend = Literal["geopackage", "postgis"]
Clock = Callable[[], datetime]

# Any fixed number: the lock under which numbers of the change table are handed out.
_CHANGE_LOCK = 0x70616B6D
_ATTEMPTS = 3
_LOST_SESSION = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC, cut to the millisecond that both stores keep."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass
class Transaction:
    """What a writing function works with.

    Attributes:
        connection: SQLAlchemy connection inside the transaction.
        backend: which store it is.
        now: one instant for the whole transaction, UTC.
        changes: rows for the ``change`` table, written last.
        freed_photos: ids of photos whose files nobody needs once this is committed.
        public_rows: (feature table, id) of published rows written or deleted that maps show.
    """

    connection: Connection
    backend: Backend
    now: datetime
    changes: list[dict[str, Any]] = field(default_factory=list)
    freed_photos: list[str] = field(default_factory=list)
    public_rows: set[tuple[str, str]] = field(default_factory=set)


class Store:
    """A site's data: reads, writes, and nothing remembered between them.

    Args:
        backend: which of the two it is.
        location: path of the GeoPackage, or the DSN without its password for messages.
        engines: (for reading, for writing).
        clock: gives the present instant; tests hand in their own.
        timeout_s: how long one reading statement may run.

    Attributes:
        commits: how many transactions this process has committed.
    """

    def __init__(
        self,
        backend: Backend,
        location: str,
        engines: tuple[Engine, Engine],
        clock: Clock,
        timeout_s: float = 5.0,
    ) -> None:
        """Keep the engines; nothing is opened before the first use."""
        self.backend: Backend = backend
        self.location = location
        self.reading, self.writing = engines
        self.clock = clock
        self.timeout_s = timeout_s
        self.commits = 0
        # deletes the files of photos after the commit that freed them
        self.on_freed_photos: Callable[[list[str]], None] | None = None
        self._queue = ThreadPoolExecutor(1, "store-writer") if backend == "geopackage" else None
        self._has_written = False
        # transactions of this process that changed what maps show
        self.map_changes = 0

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one reading statement of :mod:`geoapi.store.query` on the bare driver.

        Args:
            sql: text in the driver's own parameter style.
            parameters: values by name.

        Raises:
            DataUnavailableError: timeout, or the database is away.
        """
        with translated_errors():
            try:
                return self._rows_now(sql, parameters)
            except psycopg.OperationalError as error:
                # the server was restarted: every waiting connection is as dead as this one
                if not isinstance(error, _LOST_SESSION) and error.sqlstate is not None:
                    raise
                self.reading.dispose()
                return self._rows_now(sql, parameters)

    def _rows_now(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        pooled = self.reading.raw_connection()
        try:
            driver: Any = pooled.driver_connection
            if self.backend == "geopackage":
                geopackage.start_deadline(driver)
            rows: list[tuple[Any, ...]] = driver.execute(sql, parameters).fetchall()
        except BaseException:
            pooled.invalidate()
            raise
        pooled.close()
        return rows

    def read[T](self, function: Callable[[Connection], T]) -> T:
        """Call ``function`` with a reading connection and return what it returns.

        Raises:
            DataUnavailableError: timeout, or the database is away.
        """
        with translated_errors(), self.reading.connect() as connection:
            if self.backend == "geopackage":
                geopackage.start_deadline(connection.connection.driver_connection)
            return function(connection)

    def write[T](self, function: Callable[[Transaction], T]) -> T:
        """Call ``function`` in one transaction: all of it is stored durably, or none.

        ``function`` may run more than once in PostgreSQL (after a deadlock), so it must change
        nothing but the store.

        Raises:
            DataUnavailableError: disk full, locked, or the database is away; nothing is stored.
            ConflictError: a constraint was broken by a concurrent write.
        """
        if self._queue is None:
            return self._write_now(function)
        try:
            waiting = self._queue.submit(self._write_now, function)
        except RuntimeError as error:  # the executor's answer after shutdown
            raise DataUnavailableError("store.closed") from error
        return waiting.result()

    def _write_now[T](self, function: Callable[[Transaction], T]) -> T:
        with translated_errors():
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    with self.writing.begin() as connection:
                        transaction = Transaction(connection, self.backend, self.clock())
                        result = function(transaction)
                        tile_ranks.settle(connection, transaction.public_rows)
                        _write_changes(transaction)
                    self._has_written = True
                    self.commits += 1
                    self.map_changes += bool(transaction.public_rows)
                    if transaction.freed_photos and self.on_freed_photos is not None:
                        self.on_freed_photos(transaction.freed_photos)
                    return result
                except exc.OperationalError as error:
                    if attempt == _ATTEMPTS or not isinstance(
                        error.orig,
                        psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure,
                    ):
                        raise
        raise AssertionError("unreachable")  # pragma: no cover

    def close(self) -> None:
        """Finish queued writes, fold the write-ahead log into the file, let go of connections."""
        if self._queue is not None:
            self._queue.shutdown(wait=True)
        # before the checkpoint, which waits for readers
        self.reading.dispose()
        try:
            if self._queue is not None and self._has_written:
                with translated_errors():
                    geopackage.checkpoint(self.writing)
        except DataUnavailableError as error:
            # nothing is lost: the log stays beside the file and is folded in at the next start
            LOG.warning("checkpoint failed error=%s", error.message_id)
        finally:
            self._has_written = False
            self.writing.dispose()

    @property
    def path(self) -> Path:
        """Return the path of a GeoPackage's file."""
        return Path(self.location)

    @property
    def waiting_writes(self) -> int:
        """Return how many writes stand in the queue before the one that runs; 0 in PostgreSQL."""
        return self._queue._work_queue.qsize() if self._queue is not None else 0


def _write_changes(transaction: Transaction) -> None:
    """Number and store the change rows; in PostgreSQL under a lock that ends with the commit."""
    if not transaction.changes:
        return
    if transaction.backend == "postgis":
        transaction.connection.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHANGE_LOCK}
        )
    transaction.connection.execute(insert(change), transaction.changes)


def open_store(location: str | Path, *, clock: Clock = utc_now, timeout_s: float = 5.0) -> Store:
    """Open a store by its address; nothing is created.

    Args:
        location: path of a GeoPackage, or ``postgresql://user@host/db``.
        clock: gives the present instant.
        timeout_s: how long one reading statement may run.

    Raises:
        UsageError: the address names neither.
    """
    address = str(location)
    if address.startswith(("postgresql://", "postgres://")):
        return Store("postgis", *postgis.engines(address, timeout_s), clock, timeout_s)
    if "://" in address:
        raise UsageError("store.unknown_address", schemes="postgresql://, *.gpkg")
    engines = geopackage.engines(Path(address), timeout_s)
    return Store("geopackage", address, engines, clock, timeout_s)
