# SPDX-License-Identifier: GPL-2.0-or-later
"""Read items without leaving the event loop, for the few statements that are asked all the time.

PostgreSQL is asked through asyncpg, whose prepared statements cost a third of a thread and a
driver; a GeoPackage is asked on the spot, with so little time that nobody else has to wait.  The
statements are those of :mod:`geoapi.store.query`, with the reader's rights in them.  Whatever goes
wrong here is no answer: callers turn to :class:`~geoapi.store.database.Store`, which tries again
in its own time and says what is wrong.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import asyncpg

from geoapi.store import geopackage, postgis
from geoapi.store.database import Store

# A statement on the spot holds up everybody else: it gets this long, then a thread.
_ON_THE_SPOT_S = 0.02
# What takes longer than this is work for a thread, which has the whole time of a statement.
_SHORT_S = 0.5
_CONNECTIONS = 6
_CONNECT_TIMEOUT_S = 5.0
# After a failure nobody asks here for so long.
_PAUSE_S = 2.0
_NAMED = re.compile(r"%\(p(\d+)\)s")


class NotAnsweredError(Exception):
    """Nothing was read here; the store has to be asked."""


@lru_cache(maxsize=512)
def numbered(sql: str) -> str:
    """Spell the parameters of a statement as PostgreSQL numbers them.

    >>> numbered("SELECT 1 WHERE a = %(p0)s AND b LIKE %(p1)s")
    'SELECT 1 WHERE a = $1 AND b LIKE $2'
    """
    return _NAMED.sub(lambda match: f"${int(match[1]) + 1}", sql).replace("%%", "%")


class AsyncReader:
    """The connections of one process for reading on its event loop; opened when first used.

    Args:
        store: whose items are read.
    """

    def __init__(self, store: Store) -> None:
        """Keep the store; nothing is opened."""
        self._store = store
        self._idle: deque[asyncpg.Connection[asyncpg.Record]] = deque()
        self._turns = asyncio.Semaphore(_CONNECTIONS)
        self._file: sqlite3.Connection | None = None
        self._paused_until = 0.0
        self._is_closed = False

    async def rows(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run one statement of :mod:`geoapi.store.query`.

        Raises:
            NotAnsweredError: too slow, too busy, or the database is away.
        """
        if self._is_closed or time.monotonic() < self._paused_until:
            raise NotAnsweredError
        if self._store.backend == "geopackage":
            return self._rows_of_file(sql, parameters)
        return await self._rows_of_server(sql, tuple(parameters.values()))

    def _rows_of_file(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        try:
            if self._file is None:
                self._file = geopackage.reading_connection(self._store.path, _ON_THE_SPOT_S)
            geopackage.start_deadline(self._file)
            return self._file.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise NotAnsweredError from error

    async def _rows_of_server(
        self, sql: str, parameters: tuple[Any, ...]
    ) -> Sequence[Sequence[Any]]:
        async with self._turns:
            try:
                connection = self._idle.pop() if self._idle else await self._connect()
            except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
                self._paused_until = time.monotonic() + _PAUSE_S
                raise NotAnsweredError from error
            is_usable = False
            try:
                rows: Sequence[Sequence[Any]] = await connection.fetch(numbered(sql), *parameters)
                is_usable = True
            except asyncpg.DataError as error:  # a value of another type than the column's
                is_usable = True
                raise NotAnsweredError from error
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise NotAnsweredError from error
            finally:
                if is_usable and not self._is_closed:
                    self._idle.append(connection)
                else:  # cut off, timed out or away: its state is not known
                    connection.terminate()
            return rows

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            self._store.reading.url.set(drivername="postgresql").render_as_string(
                hide_password=False
            ),
            timeout=_CONNECT_TIMEOUT_S,
            server_settings=postgis.reading_settings(min(_SHORT_S, self._store.timeout_s)),
        )
        return connection

    async def close(self) -> None:
        """Let go of every connection; those at work end with their statement."""
        self._is_closed = True
        if self._file is not None:
            self._file.close()
            self._file = None
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.close(timeout=1)
            except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()
