# SPDX-License-Identifier: GPL-2.0-or-later
"""Every read of items, as one statement: filter, rights, sort and cursor in, SQL text out.

This and the modules ``*_sql`` beside it are the only ones that assemble SQL text.  Column names
come from the collection's definition, values are always parameters, and the rights of the reader
are part of each statement.  Columns stay bare, so that the indexes are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from geoapi.store.columns import instant_text
from geoapi.store.database import Backend, Store
from geoapi.store.filter_model import Constant, Predicate
from geoapi.store.filter_sql import by_index_and_by_look, filter_condition
from geoapi.store.item_query import ItemQuery, ItemSource, Page, Reader, Visibility
from geoapi.store.rights_sql import rights_conditions, scope_condition
from geoapi.store.search_sql import (
    SHORTEST_TRIGRAM,
    box_condition,
    contains,
    word_condition,
)
from geoapi.types import Scope

# One more than the largest exact count: beyond it numberMatched is left out.
COUNT_LIMIT = 10_001
# The same for words and filters, which are compared item by item.
LOOKED_AT_LIMIT = 1_001
# Into how many documents a count looks, about 8 microseconds each; a page looks further.
_LOOKED_AT_ROWS = 20_000
# How far a page of frequent words is walked to, in rows: 2 ms when it was in vain.
_WALKED_ROWS = 2_000
# Words are frequent when one item in so many has them.
_FREQUENT = 20
# walk: look at the next rows in order only; the page may be short.  gather: find all that match by
# their own indexes, then put them in order.  '': as the database likes.
type Plan = Literal["", "walk", "gather"]


class _Statement:
    """SQL text in the making: conditions and the parameters they name."""

    def __init__(self, backend: Backend, table: str) -> None:
        self.backend = backend
        self.table = table
        self.conditions: list[str] = []
        self.parameters: dict[str, Any] = {}

    def bind(self, value: Any) -> str:  # noqa: ANN401 - any value a column takes
        """Add a parameter and return its spelling."""
        name = f"p{len(self.parameters)}"
        if self.backend == "geopackage":
            if isinstance(value, datetime):
                value = instant_text(value)
            self.parameters[name] = value
            return f":{name}"
        self.parameters[name] = value
        return f"%({name})s"

    def require(self, condition: str) -> None:
        """Add a condition that every item must meet."""
        self.conditions.append(condition)

    def where(self) -> str:
        """Return the WHERE clause."""
        return " AND ".join(self.conditions) or "1 = 1"


def _add_filters(statement: _Statement, query: ItemQuery) -> None:
    for column, value in (*query.source.fixed, *query.equals):
        statement.require(f"t.{column} = {statement.bind(value)}")
    if query.since is not None:
        statement.require(f"t.updated_at >= {statement.bind(query.since)}")
    if query.until is not None:
        statement.require(f"t.updated_at <= {statement.bind(query.until)}")
    if query.bbox is not None:
        statement.require(box_condition(statement, query.source, query.bbox))
    if query.within != Scope():
        statement.require(scope_condition(statement, query.within))
    for user_id, word in ((query.edited_by, ""), (query.not_edited_by, "NOT ")):
        if user_id:
            statement.require(word + contains(statement, f'"{user_id}"', "editors"))
    if query.filter is not None:
        statement.require(filter_condition(statement, query.filter))
    words = query.search.split()
    has_long_word = any(len(word) >= SHORTEST_TRIGRAM for word in words)
    for word in words:
        if len(word) < SHORTEST_TRIGRAM and has_long_word:
            # the long word's index has narrowed it down: look anywhere, as for long ones
            statement.require(contains(statement, word))
        else:
            statement.require(word_condition(statement, word))


def _order(query: ItemQuery) -> list[tuple[str, bool]]:
    """Return the sort with fid as tie-break, in the direction of the last key."""
    last_descending = query.sort[-1][1] if query.sort else False
    return [*query.sort, ("fid", last_descending)]


def _add_cursor(statement: _Statement, query: ItemQuery) -> None:
    """Continue behind the last item of the page before."""
    if query.after is None:
        return
    order = _order(query)
    spelled = [statement.bind(value) for value in query.after]
    if len({descending for _, descending in order}) == 1:
        columns = ", ".join(f"t.{column}" for column, _ in order)
        sign = "<" if order[0][1] else ">"
        statement.require(f"({columns}) {sign} ({', '.join(spelled)})")
        return
    alternatives = []
    for index, (column, descending) in enumerate(order):
        equal = [f"t.{c} = {spelled[i]}" for i, (c, _) in enumerate(order[:index])]
        beyond = f"t.{column} {'<' if descending else '>'} {spelled[index]}"
        alternatives.append("(" + " AND ".join([*equal, beyond]) + ")")
    statement.require("(" + " OR ".join(alternatives) + ")")


def _start(query: ItemQuery, backend: Backend) -> _Statement:
    statement = _Statement(backend, query.source.table)
    for condition in rights_conditions(statement, query):
        statement.require(condition)
    _add_filters(statement, query)
    return statement


def page_sql(query: ItemQuery, backend: Backend, plan: Plan = "") -> tuple[str, dict[str, Any]]:
    """Return statement and parameters of one page; a row is (feature, sort values..., fid).

    One row more than the limit is asked for: it tells whether there is a following page.

    Args:
        query: what is asked.
        backend: whose SQL it is.
        plan: how the database is to go about it, see :data:`Plan`.
    """
    statement = _start(query, backend)
    _add_cursor(statement, query)
    order = _order(query)
    order_by = ", ".join(f"t.{column} {'DESC' if down else 'ASC'}" for column, down in order)
    keys = ", ".join(f"t.{column}" for column, _ in order)
    limit = statement.bind(query.limit + 1)
    table = query.source.table
    source = f"{table} t"
    if plan == "walk":
        walked = _Statement(backend, table)
        walked.parameters = statement.parameters
        for condition in rights_conditions(walked, query):
            walked.require(condition)
        _add_cursor(walked, query)
        source = (
            f"(SELECT t.* FROM {source} WHERE {walked.where()}"
            f" ORDER BY {order_by} LIMIT {_WALKED_ROWS}) t"
        )
    if plan != "gather" and not query.offset:
        sql = (
            f"SELECT t.feature, {keys} FROM {source} WHERE {statement.where()}"
            f" ORDER BY {order_by} LIMIT {limit}"
        )
        return sql, statement.parameters
    matching = f"{source} WHERE {statement.where()}"
    if plan == "gather":  # OFFSET 0 keeps the order out of how the matching rows are found
        matching = f"(SELECT {keys} FROM {matching} OFFSET 0) t"
    # skipped rows are read from the index alone; features are fetched for the page only
    offset = statement.bind(query.offset)
    sql = (
        f"SELECT t.feature, {keys} FROM {table} t JOIN (SELECT t.fid FROM {matching}"
        f" ORDER BY {order_by} LIMIT {limit} OFFSET {offset}) page"
        f" ON page.fid = t.fid ORDER BY {order_by}"
    )
    return sql, statement.parameters


def _is_searched(query: ItemQuery) -> bool:
    """Say whether a page of words may be walked to: one view in an order that an index has."""
    has_long_word = any(len(word) >= SHORTEST_TRIGRAM for word in query.search.split())
    is_one_view = query.source.visibility == "public" or query.scopes in ((), (Scope(),))
    is_indexed = len(query.sort) <= 1 and not query.offset
    return has_long_word and is_one_view and is_indexed


def count_sql(
    query: ItemQuery, backend: Backend, limit: int, walk: str = ""
) -> tuple[str, dict[str, Any]]:
    """Return the statement that counts matching items, up to one more than ``limit``.

    Args:
        query: its sort, cursor and limit do not count.
        backend: whose SQL it is.
        limit: most items.
        walk: ``OFFSET 0`` to look at row after row, ``LIMIT n`` at so many of the first.
    """
    statement = _start(replace(query, after=None), backend)
    most = statement.bind(limit + 1)
    table = query.source.table
    source = f"(SELECT t.* FROM {table} t ORDER BY t.fid {walk}) t" if walk else f"{table} t"
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {source}"
        f" WHERE {statement.where()} LIMIT {most}) matched"
    )
    return sql, statement.parameters


def item_sql(
    source: ItemSource, item_id: str, reader: Reader, backend: Backend
) -> tuple[str, dict[str, Any]]:
    """Return the statement of one item; a row is (feature, etag, revision, updated_at, view)."""
    query = ItemQuery(
        source, scopes=reader.scopes, owner_id=reader.owner_id, equals=(("id", item_id),)
    )
    statement = _start(query, backend)
    sql = (
        "SELECT t.feature, t.etag, t.revision, t.updated_at, t.view"
        f" FROM {source.table} t WHERE {statement.where()}"
    )
    return sql, statement.parameters


def read_page(store: Store, query: ItemQuery) -> Page:
    """Read one page of items.

    Raises:
        DataUnavailableError: the statement took too long, or the store is away.
    """
    rows: list[tuple[Any, ...]] = []
    if store.backend == "postgis" and _is_searched(query):
        # words that are frequent are met at once, all others are found through their index; what
        # the planner knows of words, above all of several, is not enough to choose
        rows = store.rows(*page_sql(query, store.backend, "walk"))
        if len(rows) <= query.limit:
            rows = store.rows(*page_sql(query, store.backend, "gather"))
    else:
        rows = store.rows(*page_sql(query, store.backend))
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    following = tuple(rows[-1][1:]) if has_more and rows else None
    return Page([row[0] for row in rows], following)


def count_items(store: Store, query: ItemQuery, limit: int | None = None) -> int | None:
    """Count matching items exactly, or return None when there are more than ``limit``.

    Args:
        store: where to look.
        query: its sort, cursor and limit do not count.
        limit: None for :data:`COUNT_LIMIT`, or less where each item has to be looked at.
    """
    if query.filter is not None and by_index_and_by_look(query.filter)[1] is not None:
        return _count_looked_at(store, query, query.filter, limit or LOOKED_AT_LIMIT)
    if limit is None:
        limit = LOOKED_AT_LIMIT if query.search or query.filter is not None else COUNT_LIMIT
    walk = "OFFSET 0" if _goes_together(store, query) else ""
    count = int(store.rows(*count_sql(query, store.backend, limit, walk))[0][0])
    return None if count > limit else count


def _goes_together(store: Store, query: ItemQuery) -> bool:
    """Say whether several words are frequent together, which the planner can't know.

    It takes the product of their frequencies for how many items there are, and reads most of the
    index where looking at row after row finds enough at once.
    """
    if store.backend != "postgis" or len(query.search.split()) < 2 or not _is_searched(query):  # noqa: PLR2004 - several words
        return False
    walk = f"LIMIT {_WALKED_ROWS}"
    sampled = count_sql(query, store.backend, _WALKED_ROWS // _FREQUENT, walk)
    return int(store.rows(*sampled)[0][0]) > _WALKED_ROWS // _FREQUENT


def _count_looked_at(store: Store, query: ItemQuery, chosen: Predicate, limit: int) -> int | None:
    """Count by looking into documents, as long as there are not too many of them to look into."""
    indexed, looked = by_index_and_by_look(chosen)
    statement = _start(replace(query, after=None, filter=indexed), store.backend)
    condition = filter_condition(statement, looked or Constant(True))
    sql = (
        f"SELECT count(*), count(*) FILTER (WHERE {condition}) FROM (SELECT t.*"
        f" FROM {query.source.table} t WHERE {statement.where()}"
        f" LIMIT {_LOOKED_AT_ROWS + 1}) t"
    )
    ((seen, count),) = store.rows(sql, statement.parameters)
    return None if seen > _LOOKED_AT_ROWS or count > limit else int(count)


def count_by(store: Store, query: ItemQuery, column: str) -> dict[str, int]:
    """Count matching items by the values of a column, which the caller names and no client.

    Args:
        store: where to look.
        query: its sort, cursor and limit do not count.
        column: of the collection's table.
    """
    statement = _start(replace(query, after=None), store.backend)
    sql = (
        f"SELECT t.{column}, count(*) FROM {query.source.table} t"
        f" WHERE {statement.where()} GROUP BY t.{column}"
    )
    return {row[0]: int(row[1]) for row in store.rows(sql, statement.parameters)}


@dataclass(frozen=True)
class StoredItem:
    """One item as it is stored.

    Attributes:
        feature: finished GeoJSON text.
        etag: without quotes.
        revision: number of the revision shown.
        updated_at: of that revision, UTC.
        view: ``published`` or ``working``.
    """

    feature: str
    etag: str
    revision: int
    updated_at: datetime
    view: str


def read_item(
    store: Store,
    source: ItemSource,
    item_id: str,
    scopes: Sequence[Scope],
    owner_id: str = "",
) -> StoredItem | None:
    """Read one item as the reader may see it, or None.

    Args:
        store: where to look.
        source: of the collection.
        item_id: id of the item.
        scopes: where the reader holds the right to see working revisions.
        owner_id: the reader, where items have owners.
    """
    reader = Reader(tuple(scopes), owner_id)
    rows = store.rows(*item_sql(source, item_id, reader, store.backend))
    if not rows:
        return None
    feature, etag, revision, updated_at, view = rows[0]
    if isinstance(updated_at, str):
        updated_at = datetime.fromisoformat(updated_at)
    return StoredItem(feature, etag, revision, updated_at, view)


__all__ = [
    "COUNT_LIMIT",
    "LOOKED_AT_LIMIT",
    "ItemQuery",
    "ItemSource",
    "Page",
    "Reader",
    "StoredItem",
    "Visibility",
    "count_items",
    "count_sql",
    "item_sql",
    "page_sql",
    "read_item",
    "read_page",
]
