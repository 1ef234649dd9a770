# SPDX-License-Identifier: GPL-2.0-or-later
"""Follow the changes of a collection: cursors that count for ever, or say clearly that they don't.

A cursor names the last change that its holder has, a mark of that change's contents and a mark of
the holder's view.  A store that was restored or copied gives the same numbers to other changes:
the mark tells.  Rights that changed show other items without a change: the view tells.  In both
cases the holder reads everything once more and goes on from a new cursor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from geoapi.collection_model import Collection
from geoapi.errors import GoneError, Problem, UsageError
from geoapi.site import Site
from geoapi.store import feed
from geoapi.store.feed import FeedQuery
from geoapi.store.query import Reader

NOW = "now"
_CURSOR = re.compile(r"c1\.(\d{1,16})\.([0-9a-f]{1,16})\.([0-9a-z]{1,16})", re.ASCII)
_NUMBER = re.compile(r"\d{1,16}", re.ASCII)
_LARGEST = 2**53


@dataclass(frozen=True)
class Cursor:
    """A place in the feed.

    Attributes:
        seq: number of the last change that its holder has.
        mark: of that change's contents, '' for a bare number, which nothing can be asked of.
        view: of the holder's rights, '' for a bare number.
    """

    seq: int
    mark: str = ""
    view: str = ""

    def __str__(self) -> str:
        """Write it as clients carry it."""
        return f"c1.{self.seq}.{self.mark}.{self.view}" if self.mark else str(self.seq)


@dataclass(frozen=True)
class Following:
    """A part of the feed for one reader.

    Attributes:
        rows: see :class:`geoapi.store.feed.FeedPage`.
        next: cursor to go on from.
        has_more: something may follow at once.
    """

    rows: list[dict[str, Any]]
    next: str
    has_more: bool


def parse_cursor(text: str) -> Cursor | None:
    """Read ``since``; None stands for the present end of the feed.

    Raises:
        UsageError: it is neither a cursor, nor a number, nor ``now``.

    >>> parse_cursor("c1.12.00ff.public"), parse_cursor("now")
    (Cursor(seq=12, mark='00ff', view='public'), None)
    """
    if text == NOW:
        return None
    found = _CURSOR.fullmatch(text)
    cursor = None
    if found is not None:
        cursor = Cursor(int(found[1]), found[2], found[3])
    elif _NUMBER.fullmatch(text):
        cursor = Cursor(int(text))
    if cursor is None or cursor.seq > _LARGEST:
        problem = Problem("feed.since_unreadable", parameter="since", params={"value": text[:40]})
        raise UsageError("ogc.invalid_parameters", problems=(problem,))
    return cursor


def follow(
    site: Site, collection: Collection, reader: Reader, since: Cursor | None, limit: int
) -> Following:
    """Read what comes after a cursor, as the reader may see it.

    Args:
        site: whose feed.
        collection: of the feed.
        reader: with the rights of now.
        since: where to begin, None for the present end: nothing is read, a cursor is given.
        limit: how many changes at the most.

    Raises:
        GoneError: the cursor does not belong to this feed or to these rights; ``extra`` holds
            a new one, taken before whatever the reader reads next.
    """

    def read(connection: Connection) -> Following:
        # before anything else: rights that change meanwhile are found at the next request
        view = feed.view_of(connection, reader.scopes, reader.owner_id)
        last = feed.last_seq_of(connection, collection.id)
        if since is None:
            return Following([], _write(connection, last, view), has_more=False)
        reason = _why_gone(connection, since, view)
        if reason:
            raise GoneError(reason, extra={"next": _write(connection, last, view)})
        query = FeedQuery(collection.id, since.seq, limit, reader.scopes, reader.owner_id)
        page = feed.read_feed(connection, query)
        return Following(page.rows, _write(connection, page.next, view), page.has_more)

    return site.store.read(read)


def _write(connection: Connection, seq: int, view: str) -> str:
    return str(Cursor(seq, feed.mark_of(connection, seq) or "", view))


def _why_gone(connection: Connection, since: Cursor, view: str) -> str:
    """Return the message that says why a cursor no longer counts, '' when it does."""
    if since.seq == 0:
        return ""  # whoever has nothing yet misses nothing
    mark = feed.mark_of(connection, since.seq)
    if mark is None and (since.mark or since.seq > feed.last_seq(connection)):
        return "feed.another_life"
    if since.mark and since.mark != mark:
        return "feed.another_life"
    return "feed.other_rights" if since.view and since.view != view else ""
