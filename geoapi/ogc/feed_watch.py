# SPDX-License-Identifier: GPL-2.0-or-later
"""Let requests wait for the next change without a thread each: one look a second for all."""

from __future__ import annotations

import anyio
from anyio import to_thread

from geoapi.site import Site
from geoapi.store import feed

LOOK_EVERY_S = 1.0
# More than these are answered at once: a wait costs memory and a connection.
MOST_WAITING = 200


class FeedWatch:
    """Knows the number of the newest change, at the most a second late.

    Args:
        site: whose changes.
    """

    def __init__(self, site: Site) -> None:
        """Prepare; nothing is asked of the store yet."""
        self._site = site
        self._newest = 0
        self._looked_at = float("-inf")
        self.waiting = 0

    async def newest(self) -> int:
        """Return the number of the newest change, looked up now."""
        self._looked_at = anyio.current_time()
        found = await to_thread.run_sync(lambda: self._site.store.read(feed.last_seq))
        self._newest = max(self._newest, found)
        return self._newest

    async def wait_beyond(self, seq: int, ends_at: float) -> bool:
        """Wait for a change behind a number, and say whether there is one.

        Args:
            seq: number of the newest change that was known.
            ends_at: by :func:`anyio.current_time`.
        """
        if self.waiting >= MOST_WAITING:
            return False
        self.waiting += 1
        try:
            while True:
                if anyio.current_time() - self._looked_at >= LOOK_EVERY_S:
                    await self.newest()
                if self._newest > seq:
                    return True
                left_s = ends_at - anyio.current_time()
                if left_s <= 0:
                    return False
                await anyio.sleep(min(LOOK_EVERY_S, left_s))
        finally:
            self.waiting -= 1
