# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn errors of the two database drivers into ours, at one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from geoapi.errors import ConflictError, DataUnavailableError, ServicePointError, UsageError

# Beginnings of SQLite's own messages, in the order they are tried.
_SQLITE_MESSAGES: tuple[tuple[str, str], ...] = (
    ("database or disk is full", "store.disk_full"),
    ("database is locked", "store.locked"),
    ("database table is locked", "store.locked"),
    ("interrupted", "store.timeout"),
    ("attempt to write a readonly database", "store.read_only"),
    ("disk i/o error", "store.io_error"),
    ("unable to open database file", "store.cannot_open"),
    ("file is not a database", "store.not_a_database"),
    ("database disk image is malformed", "store.damaged"),
)
_POSTGRES_ERRORS: tuple[tuple[type[psycopg.Error], str], ...] = (
    (psycopg.errors.QueryCanceled, "store.timeout"),
    (psycopg.errors.LockNotAvailable, "store.locked"),
    (psycopg.errors.TransactionRollback, "store.busy"),
    (psycopg.errors.DiskFull, "store.disk_full"),
    (psycopg.errors.ReadOnlySqlTransaction, "store.read_only"),
    (psycopg.errors.InsufficientPrivilege, "store.no_privilege"),
    (psycopg.errors.OperationalError, "store.unreachable"),
    (psycopg.errors.InterfaceError, "store.unreachable"),
)


def translate(error: BaseException) -> ServicePointError | None:
    """Return our error for a driver's, or None when it is a defect that should be seen as such."""
    original = error.orig if isinstance(error, exc.DBAPIError) and error.orig else error
    if isinstance(original, sqlite3.IntegrityError | psycopg.errors.IntegrityError):
        return ConflictError("store.integrity")
    if isinstance(original, psycopg.errors.NumericValueOutOfRange):
        return UsageError("cql2.out_of_range")  # only filters reckon with numbers
    if isinstance(original, sqlite3.DatabaseError):
        text = str(original).lower()
        for beginning, message_id in _SQLITE_MESSAGES:
            if text.startswith(beginning):
                return DataUnavailableError(message_id)
    for kind, message_id in _POSTGRES_ERRORS:
        if isinstance(original, kind):
            return DataUnavailableError(message_id)
    if isinstance(error, exc.TimeoutError):
        return DataUnavailableError("store.busy")
    return None


@contextmanager
def translated_errors() -> Iterator[None]:
    """Run a block; driver errors leave it as errors of :mod:`geoapi.errors`.

    Raises:
        DataUnavailableError: disk full, file locked, database away, statement timeout.
        ConflictError: a constraint was broken by a concurrent write.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error
