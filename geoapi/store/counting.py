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

from geoapi.store.database import Store
from geoapi.store.item_query import ItemQuery, Page
from geoapi.store.query import COUNT_LIMIT, count_items

_KEPT_S = 1.0
_TOO_MANY_KEPT_S = 30.0
_SMALL = 1_000
_MOST_KEPT = 1_024


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

    def of(self, query: ItemQuery, page: Page) -> int | None:
        """Return how many items match the query of a page, None when more than are counted.

        Raises:
            DataUnavailableError: the statement took too long, or the store is away.
        """
        known = self.known(query, page)
        if known is not None:
            return known.matched
        commits = self._store.commits
        matched = count_items(self._store, query)
        self.keep(query, matched, commits)
        return matched


@lru_cache(maxsize=_MOST_KEPT)
def _key(query: ItemQuery) -> ItemQuery:
    """Return what is counted: neither order nor place of the page matter."""
    return replace(query, sort=(), after=None, offset=0, limit=0)


__all__ = ["COUNT_LIMIT", "Counts", "Known"]
