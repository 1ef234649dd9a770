# SPDX-License-Identifier: GPL-2.0-or-later
"""Entity tags of public items that were read a moment ago: asking again costs no statement.

A tag is remembered until this process commits a write or shows a change in a feed, and for a second
at the most where another process may have written.  So whoever still holds an old item hears of the
new one a second late at the worst, and never after having heard of it from us.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from geoapi.store.database import Store

_KEPT_S = 1.0
_MOST_KEPT = 4_096


@dataclass(frozen=True)
class KnownTag:
    """What answers a conditional request.

    Attributes:
        etag: without quotes.
        headers: of the answer, beside those that every answer has.
    """

    etag: str
    headers: dict[str, str]


class KnownTags:
    """Remembered tags of one process; bounded.

    Args:
        store: whose commits make all of them void.
        monotonic: seconds that never go back.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin empty."""
        self._store = store
        self._monotonic = monotonic
        # {(collection, item id): (tag, until when, moment before it was read)}
        self._kept: OrderedDict[tuple[str, str], tuple[KnownTag, float, int]] = OrderedDict()
        self._forgotten = 0

    @property
    def moment(self) -> int:
        """Return a number that changes with everything that makes tags void; take it first."""
        return self._store.commits + self._forgotten

    def get(self, collection_id: str, item_id: str) -> KnownTag | None:
        """Return the tag of a public item if it needs no asking."""
        found = self._kept.get((collection_id, item_id))
        if found is None:
            return None
        tag, ends_at, moment = found
        return tag if moment == self.moment and self._monotonic() < ends_at else None

    def keep(self, collection_id: str, item_id: str, tag: KnownTag, moment: int) -> None:
        """Remember a tag.

        Args:
            collection_id: of the collection; several may have their items in one table.
            item_id: of the item.
            tag: as the public was told.
            moment: :attr:`moment` before it was read.
        """
        self._kept.pop((collection_id, item_id), None)
        self._kept[collection_id, item_id] = (tag, self._monotonic() + _KEPT_S, moment)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Make all of them void: somebody is about to hear of a change."""
        self._forgotten += 1
