# SPDX-License-Identifier: GPL-2.0-or-later
"""A store whose reads and writes all belong to one open transaction.

Domain modules take a store and write one thing in one transaction.  Given this one instead, the
same functions write many things in one: each write is a savepoint, all or nothing by itself, and
nothing is stored before the transaction around them commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, exc

from geoapi.errors import ServicePointError
from geoapi.store.database import Store, Transaction
from geoapi.store.driver_errors import translate
from geoapi.store.row_memory import memory_of


class JoinedStore(Store):
    """The store as it is seen from inside an open transaction.

    Args:
        store: that the transaction belongs to.
        transaction: of :meth:`Store.write`; nothing here may be used after it has ended.
    """

    def __init__(self, store: Store, transaction: Transaction) -> None:
        """Take over what the store is; no connection is opened."""
        super().__init__(store.backend, store.location, (store.reading, store.writing), store.clock)
        self.transaction = transaction
        self._is_together = False

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one reading statement on the transaction's own connection."""
        driver: Any = self.transaction.connection.connection.driver_connection
        rows: list[tuple[Any, ...]] = driver.execute(sql, parameters).fetchall()
        return rows

    def read[T](self, function: Callable[[Connection], T]) -> T:
        """Call ``function`` with the transaction's connection: it sees what was written here."""
        return function(self.transaction.connection)

    def write[T](self, function: Callable[[Transaction], T]) -> T:
        """Call ``function`` inside a savepoint; what it wrote is undone when it raises.

        Raises:
            ConflictError: a constraint was broken.
        """
        if not self._is_together:
            return self._in_savepoint(function)
        try:
            return function(self.transaction)
        except (ServicePointError, exc.IntegrityError) as error:
            raise _FailedError from error

    def together[T](self, work: Callable[[], T]) -> T | None:
        """Let several writes share one savepoint, which saves two statements for each of them.

        Args:
            work: calls :meth:`write`, any number of times.

        Returns:
            What ``work`` returns; None when one of its writes failed: then nothing of it is
            written, and what was to be done has to be done again, each write by itself.
        """
        self._is_together = True
        try:
            return self._in_savepoint(lambda _transaction: work())
        except _FailedError:
            return None
        finally:
            self._is_together = False

    def _in_savepoint[T](self, function: Callable[[Transaction], T]) -> T:
        transaction = self.transaction
        memory = memory_of(transaction.connection)
        learnt = 0 if memory is None else len(memory.undo)
        changes, freed_photos = len(transaction.changes), len(transaction.freed_photos)
        savepoint = transaction.connection.begin_nested()
        try:
            result = function(transaction)
        except BaseException as error:
            savepoint.rollback()
            del transaction.changes[changes:]
            del transaction.freed_photos[freed_photos:]
            if memory is not None:
                memory.roll_back(learnt)
            ours = translate(error) if isinstance(error, exc.IntegrityError) else None
            if ours is None:
                raise
            raise ours from error
        savepoint.commit()
        return result


class _FailedError(Exception):
    """One of several writes that share a savepoint failed."""
