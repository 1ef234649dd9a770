# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the change table as a feed: for each reader what happened to what that reader sees.

A page costs the same at any depth.  Each part of the feed is a range of the index
(collection, public_effect, seq), once for each effect that counts; a reader whose rights cover a
part of the collection has a bounded number of rows looked at for a page, and goes on behind them
even when none of them was theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from geoapi.store.changes import inside_condition, last_seq
from geoapi.store.site_meta import AGENCY_TREE, get_meta
from geoapi.store.tables import change
from geoapi.types import Scope

# So many rows are looked at for one page of a reader who sees a part of the collection.
WINDOW_ROWS = 10_000
_PUBLIC_EFFECTS = ("upsert", "delete")
_EFFECTS = ("", *_PUBLIC_EFFECTS)
_BATCH = 500


@dataclass(frozen=True)
class FeedQuery:
    """Which part of the feed is wanted, and by whom.

    Attributes:
        collection: id of the collection.
        since: changes after this number.
        limit: how many at the most.
        scopes: where the caller sees working revisions; empty for the public.
        owner_id: the caller, where items have owners; '' elsewhere.
        window: how many rows are looked at for a caller who sees a part of the collection.
    """

    collection: str
    since: int
    limit: int
    scopes: tuple[Scope, ...] = ()
    owner_id: str = ""
    window: int = WINDOW_ROWS

    @property
    def is_public(self) -> bool:
        """Say whether the caller sees what everybody sees."""
        return not self.scopes and not self.owner_id

    @property
    def is_partial(self) -> bool:
        """Say whether the caller sees working revisions of some items only."""
        return not self.is_public and Scope() not in self.scopes


@dataclass(frozen=True)
class FeedPage:
    """A part of the feed.

    Attributes:
        rows: columns of ``change``, with ``is_inside`` and ``is_leaving``; a row that leaves what
            the caller sees has ``public_effect`` and ``public_document`` as of that change.
        next: number to go on behind.
        has_more: something may follow at once, also when ``rows`` is empty.
    """

    rows: list[dict[str, Any]]
    next: int
    has_more: bool


def read_feed(connection: Connection, query: FeedQuery) -> FeedPage:
    """Return changes in commit order; rights are part of the statement.

    A reader without a right over a row gets only what happened to the public item, with the
    public document; one who had the right before the change is told that the item left.
    """
    # The end is fixed first: what is committed between the two statements waits for the next page.
    wanted = query.window if query.is_partial else query.limit
    end, looked_at = _end_of_window(connection, query, wanted)
    if not looked_at:
        return FeedPage([], query.since, has_more=False)
    statement = _rows_statement(query, end)
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    _add_public_state(connection, rows)
    is_full = len(rows) == query.limit
    return FeedPage(rows, rows[-1]["seq"] if is_full else end, is_full or looked_at == wanted)


def _ranges(query: FeedQuery, limit: int, end: int | None = None) -> FromClause:
    """Return the numbers behind ``since``, lowest first, one range of the index an effect."""
    parts = []
    for effect in _PUBLIC_EFFECTS if query.is_public else _EFFECTS:
        part = select(change.c.seq).where(
            change.c.collection == query.collection,
            change.c.public_effect == effect,
            change.c.seq > query.since,
        )
        if end is not None:
            part = part.where(change.c.seq <= end)
        ranged = part.order_by(change.c.seq).limit(limit).subquery()
        parts.append(select(ranged.c.seq))
    joined = union_all(*parts).subquery()
    return select(joined.c.seq).order_by(joined.c.seq).limit(limit).subquery("numbers")


def _end_of_window(connection: Connection, query: FeedQuery, wanted: int) -> tuple[int, int]:
    numbers = _ranges(query, wanted)
    found = connection.execute(select(func.max(numbers.c.seq), func.count(numbers.c.seq))).one()
    return int(found[0] or 0), int(found[1])


def _rows_statement(query: FeedQuery, end: int) -> Select[Any]:
    numbers = _ranges(query, query.window if query.is_partial else query.limit, end)
    inside = inside_condition(change, query.scopes, query.owner_id)
    leaving = and_(change.c.public_effect == "", ~inside) if query.is_partial else literal(False)
    statement = (
        select(
            change,
            inside.label("is_inside"),
            leaving.label("is_leaving"),
            case((leaving, _last_public_seq()), else_=null()).label("public_seq"),
        )
        .join(numbers, numbers.c.seq == change.c.seq)
        .order_by(change.c.seq)
        .limit(query.limit)
    )
    if query.is_partial:
        # the cheap answers first: the row before is looked up only when neither of them holds
        theirs = or_(change.c.public_effect != "", inside, _was_inside(query))
        statement = statement.where(theirs)
    return statement


def _was_inside(query: FeedQuery) -> ColumnElement[bool]:
    """Say whether the reader saw the revision before as an insider."""
    before, earlier = change.alias("before"), change.alias("earlier")
    last = (
        select(func.max(earlier.c.seq))
        .where(
            earlier.c.collection == change.c.collection,
            earlier.c.item_id == change.c.item_id,
            earlier.c.seq < change.c.seq,
        )
        .correlate(change)
        .scalar_subquery()
    )
    seen = inside_condition(before, query.scopes, query.owner_id)
    return exists(
        select(before.c.seq)
        .where(before.c.seq == last, before.c.operation != "delete", seen)
        .correlate(change)
    )


def _last_public_seq() -> ColumnElement[int]:
    """Return the number of the change that made the public item what it is at a change."""
    public = change.alias("public")
    return (
        select(func.max(public.c.seq))
        .where(
            public.c.collection == change.c.collection,
            public.c.item_id == change.c.item_id,
            public.c.seq < change.c.seq,
            public.c.public_effect != "",
        )
        .correlate(change)
        .scalar_subquery()
    )


def _add_public_state(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Give rows that leave what their reader sees the public item, or its absence."""
    leaving = [row for row in rows if row["is_leaving"]]
    wanted = sorted({row["public_seq"] for row in leaving if row["public_seq"] is not None})
    known: dict[int, Any] = {}
    for start in range(0, len(wanted), _BATCH):
        statement = select(
            change.c.seq, change.c.public_effect, change.c.public_document, change.c.revision
        ).where(change.c.seq.in_(wanted[start : start + _BATCH]))
        known |= {row.seq: row for row in connection.execute(statement)}
    for row in leaving:
        public = known.get(row["public_seq"])
        if public is None or public.public_effect != "upsert":
            # the number of a revision that the reader may not see stays untold
            row |= {"public_effect": "delete", "revision": row["revision"] - 1}
        else:
            text = public.public_document
            row |= {"public_effect": "upsert", "public_document": text, "revision": public.revision}


def last_seq_of(connection: Connection, collection: str) -> int:
    """Return the number of the newest change of a collection, 0 when there is none."""
    parts = [
        select(func.max(change.c.seq).label("seq")).where(
            change.c.collection == collection, change.c.public_effect == effect
        )
        for effect in _EFFECTS
    ]
    newest = union_all(*parts).subquery()
    return int(connection.execute(select(func.coalesce(func.max(newest.c.seq), 0))).scalar_one())


def mark_of(connection: Connection, seq: int) -> str | None:
    """Return what tells a change from another of the same number, None when there is none.

    Two lives of a store (a backup restored, a file copied) give the same numbers to different
    changes from where they parted.  Documents stay out of it: what is erased from them by law
    must not end anybody's cursor.
    """
    if seq == 0:
        return "0"
    columns = (
        change.c.at, change.c.collection, change.c.item_id, change.c.revision,
        change.c.operation, change.c.request_id,
    )  # fmt: skip
    row = connection.execute(select(*columns).where(change.c.seq == seq)).one_or_none()
    if row is None:
        return None
    parts = [row[0].isoformat(timespec="milliseconds"), *(str(value) for value in row[1:])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def view_of(connection: Connection, scopes: Sequence[Scope], owner_id: str) -> str:
    """Return what tells the view of one reader from that of another: rights, and what they cover.

    Whose rights change sees other items without any of them being changed, which no feed tells.
    """
    if not scopes and not owner_id:
        return "public"
    held = sorted((scope.agency_id, scope.area_code) for scope in scopes)
    covers_agencies = any(agency_id for agency_id, _ in held)
    tree = get_meta(connection, AGENCY_TREE) if covers_agencies else None
    text = "\0".join([owner_id, tree or "", *(f"{agency}/{area}" for agency, area in held)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = [
    "WINDOW_ROWS",
    "FeedPage",
    "FeedQuery",
    "last_seq",
    "last_seq_of",
    "mark_of",
    "read_feed",
    "view_of",
]
