# SPDX-License-Identifier: GPL-2.0-or-later
"""How many items match, without counting them anew for each page.

Counting ten thousand index entries costs more than reading a page.  So a page that is the whole
answer counts itself, a count of a thousand or less is always made anew, and a larger one is
remembered: until this process commits a write, or for a second where another process may have
written.  "More than are counted" hardly ever changes, and leaving ``numberMatched`` out is always
right: that is remembered for longer.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from geoapi.store.database import Backend, Store
from geoapi.store.gathering import gathered_sql
from geoapi.store.item_query import ItemQuery, Page
from geoapi.store.query import (
    COUNT_LIMIT,
    LOOKED_AT_LIMIT,
    Steps,
    count_steps,
    page_of,
    page_steps,
    run_steps,
)

_KEPT_S = 1.0
_TOO_MANY_KEPT_S = 30.0
_SMALL = 1_000
_MOST_KEPT = 1_024
# So many times more than are counted must be expected before counting is left out.
_CERTAINLY = 3
# Estimates of how many rows a table has change slowly.
_SIZE_KEPT_S = 300.0


@dataclass(frozen=True)
class Known:
    """A count that needs no asking; None when there are more than are counted."""

    matched: int | None


@dataclass(frozen=True)
class _Kept:
    matched: int | None
    ends_at: float
    commits: int


class Counts:
    """Remembered counts of one process; bounded.

    Args:
        store: whose commits make exact counts void.
        monotonic: seconds that never go back.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin empty."""
        self._store = store
        self._monotonic = monotonic
        self._kept: OrderedDict[ItemQuery, _Kept] = OrderedDict()
        self._sizes: dict[str, tuple[int, float]] = {}

    def rows_in_all(self, table: str) -> int | None:
        """Return about how many rows a table has, None when that has to be asked again."""
        size, ends_at = self._sizes.get(table, (0, 0.0))
        return size if self._monotonic() < ends_at else None

    def keep_rows_in_all(self, table: str, size: int) -> None:
        """Remember about how many rows a table has."""
        self._sizes[table] = (size, self._monotonic() + _SIZE_KEPT_S)

    @property
    def commits(self) -> int:
        """Return how many transactions this process has committed."""
        return self._store.commits

    def known(self, query: ItemQuery, page: Page) -> Known | None:
        """Return the count if it needs no asking.

        Args:
            query: whose page was read.
            page: its page.
        """
        if page.next_after is None and query.after is None and not query.offset:
            return Known(len(page.features))
        kept = self._kept.get(_key(query))
        if kept is None or self._monotonic() >= kept.ends_at:
            return None
        if kept.matched is not None and kept.commits != self._store.commits:
            return None
        return Known(kept.matched)

    def keep(self, query: ItemQuery, matched: int | None, commits: int) -> None:
        """Remember a count.

        Args:
            query: what was counted.
            matched: None when there are more than are counted.
            commits: ``store.commits`` before it was counted.
        """
        if matched is not None and matched <= _SMALL:
            return
        life_s = _TOO_MANY_KEPT_S if matched is None else _KEPT_S
        key = _key(query)
        self._kept.pop(key, None)
        self._kept[key] = _Kept(matched, self._monotonic() + life_s, commits)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def is_too_many(self, query: ItemQuery) -> bool:
        """Say whether more items match than are counted, as far as that is remembered."""
        kept = self._kept.get(_key(query))
        return kept is not None and kept.matched is None and self._monotonic() < kept.ends_at


def size_sql(table: str, backend: Backend) -> tuple[str, dict[str, Any]]:
    """Return the statement for about how many rows a table has, which costs nothing."""
    if backend == "geopackage":
        return f"SELECT coalesce(max(fid), 0) FROM {table}", {}
    return f"SELECT reltuples::bigint FROM pg_class WHERE oid = '{table}'::regclass", {}


def counted_page_steps(
    counts: Counts, query: ItemQuery, backend: Backend
) -> Steps[tuple[Page, int | None]]:
    """Read a page and how many items match, statement by statement.

    Args:
        counts: what is remembered.
        query: of the page.
        backend: for which store.

    Returns:
        The page, and how many items match; None when more than are counted.
    """
    commits = counts.commits
    is_first = query.after is None and not query.offset
    is_boxed = query.bbox is not None and not query.search and query.filter is None
    if is_boxed and is_first and not counts.is_too_many(query):
        rows = yield gathered_sql(query, backend, COUNT_LIMIT)
        matched = int(rows[0][-1]) if rows else 0
        if matched <= COUNT_LIMIT:
            counts.keep(query, matched, commits)
            return page_of([row[:-1] for row in rows], query), matched
        counts.keep(query, None, commits)
    found = yield from page_steps(query, backend, is_too_many=counts.is_too_many(query))
    page = found.page
    if found.is_counted:
        counts.keep(query, found.matched, commits)
        return page, found.matched
    known = counts.known(query, page)
    if known is not None:
        return page, known.matched
    if page.found_in is not None:
        rows_in_all = counts.rows_in_all(query.source.table)
        if rows_in_all is None:
            ((rows_in_all,),) = yield size_sql(query.source.table, backend)
            counts.keep_rows_in_all(query.source.table, int(rows_in_all))
        # far more than are counted, by how soon they were met: counting them would take longer
        # than finding them
        if rows_in_all * len(page.features) / page.found_in > _CERTAINLY * LOOKED_AT_LIMIT:
            counts.keep(query, None, commits)
            return page, None
    counted = yield from count_steps(query, backend)
    counts.keep(query, counted, commits)
    return page, counted


def read_counted_page(store: Store, counts: Counts, query: ItemQuery) -> tuple[Page, int | None]:
    """Read a page and how many items match, None when more than are counted.

    Raises:
        DataUnavailableError: a statement took too long, or the store is away.
    """
    return run_steps(store, counted_page_steps(counts, query, store.backend))


@lru_cache(maxsize=_MOST_KEPT)
def _key(query: ItemQuery) -> ItemQuery:
    """Return what is counted: neither order nor place of the page matter."""
    return replace(query, sort=(), after=None, offset=0, limit=0)
