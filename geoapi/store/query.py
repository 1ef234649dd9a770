# SPDX-License-Identifier: GPL-2.0-or-later
"""Every read of items as statements: filter, rights, sort and cursor in, SQL text out.

This module, conditions, counting and the modules ``*_sql`` beside it are the only ones that
assemble SQL text.  Column names come from the collection's definition, values are always
parameters, and the rights of the reader are part of each statement.  Columns stay bare, so that
the indexes are used.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from geoapi.store.conditions import (
    ItemStatement,
    add_cursor,
    add_rights,
    order_of,
    start_statement,
)
from geoapi.store.database import Backend, Store
from geoapi.store.filter_model import Constant, Predicate
from geoapi.store.filter_sql import by_index_and_by_look, filter_condition
from geoapi.store.gathering import frequency_sql, gathered_sql, long_words, words_first
from geoapi.store.item_query import ItemQuery, ItemSource, Page, Reader, Visibility
from geoapi.types import Scope

# One more than the largest exact count: beyond it numberMatched is left out.
COUNT_LIMIT = 10_001
# The same for words and filters, which are compared item by item.
LOOKED_AT_LIMIT = 1_001
# Into how many documents a count looks, about 8 microseconds each; a page looks further.
_LOOKED_AT_ROWS = 20_000
# How far a page of frequent words is walked to, in rows: 2 ms when it was in vain.
_WALKED_ROWS = 2_000
# The same when more items are known to match than are counted.
_FAR_ROWS = 20_000
# Words are frequent when one item in so many has them.
_FREQUENT = 20
# walk, far: look at the next rows in order only; the page may be short.  gather: find all that
# match by their own indexes, then put them in order.  '': as the database likes.
type Plan = Literal["", "walk", "far", "gather"]
_ROWS_OF_PLAN = {"walk": _WALKED_ROWS, "far": _FAR_ROWS}
type Rows = Sequence[Sequence[Any]]
# Yields statements with their parameters, is sent their rows, and returns what was read: the event
# loop and a thread read the same way.
type Steps[T] = Generator[tuple[str, dict[str, Any]], Rows, T]


@lru_cache(maxsize=1_024)
def page_sql(
    query: ItemQuery, backend: Backend, plan: Plan = "", by_index: frozenset[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return statement and parameters of one page; a row is (feature, sort values..., fid).

    One row more than the limit is asked for: it tells whether there is a following page.

    Args:
        query: what is asked.
        backend: whose SQL it is.
        plan: how the database is to go about it, see :data:`Plan`.
        by_index: see :func:`~geoapi.store.conditions.start_statement`.
    """
    is_walk = plan in _ROWS_OF_PLAN
    statement = start_statement(query, backend, frozenset() if is_walk else by_index)
    add_cursor(statement, query)
    order = order_of(query)
    order_by = ", ".join(f"t.{column} {'DESC' if down else 'ASC'}" for column, down in order)
    keys = ", ".join(f"t.{column}" for column, _ in order)
    limit = statement.bind(query.limit + 1)
    table = query.source.table
    source = words_first(query, statement, by_index) if plan == "gather" else f"{table} t"
    if is_walk:
        source = _walked(query, statement, _ROWS_OF_PLAN[plan])
    if plan != "gather" and not query.offset:
        where = statement.where()
        if _is_whole(query):
            source = _in_order(table, where, backend)
        sql = (
            f"SELECT t.feature, {keys} FROM {source} WHERE {where}"
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


def _walked(query: ItemQuery, statement: ItemStatement, rows: int) -> str:
    """Return the source that is the next rows in order, whatever they hold."""
    table = query.source.table
    walked = ItemStatement(statement.backend, table)
    walked.parameters = statement.parameters
    add_rights(walked, query)
    add_cursor(walked, query)
    order_by = ", ".join(
        f"t.{column} {'DESC' if down else 'ASC'}" for column, down in order_of(query)
    )
    where = walked.where()
    source = _in_order(table, where, statement.backend)
    return f"(SELECT t.* FROM {source} WHERE {where} ORDER BY {order_by} LIMIT {rows}) t"


def _in_order(table: str, where: str, backend: Backend) -> str:
    """Name the table, and for SQLite the index of one view in the order of fid.

    With statistics it may take another index of the view and sort all rows.
    """
    is_one_view = backend == "geopackage" and "+t.view" not in where
    return f"{table} t INDEXED BY ix_{table}_fid" if is_one_view else f"{table} t"


def _is_whole(query: ItemQuery) -> bool:
    """Say whether a page is in the order of the table and narrowed down by rights alone."""
    source = query.source
    plain = replace(query, scopes=(), owner_id="", after=None, offset=0, limit=10)
    is_shared = source.visibility in ("public", "views")
    return is_shared and plain == ItemQuery(source) and not source.fixed


def _is_searched(query: ItemQuery) -> bool:
    """Say whether a page of words may be walked to: one view in an order that an index has."""
    has_long_word = bool(long_words(query))
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
    statement = start_statement(replace(query, after=None), backend)
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
    sql, parameters, name = _item_statement(source, reader, backend)
    return sql, {**parameters, name: item_id}


@lru_cache(maxsize=512)
def _item_statement(
    source: ItemSource, reader: Reader, backend: Backend
) -> tuple[str, dict[str, Any], str]:
    """Return the statement, its parameters without the item's id, and the name of that one."""
    query = ItemQuery(source, scopes=reader.scopes, owner_id=reader.owner_id)
    statement = start_statement(query, backend)
    name = f"p{len(statement.parameters)}"
    statement.require(f"t.id = {statement.bind('')}")
    sql = (
        "SELECT t.feature, t.etag, t.revision, t.updated_at, t.view"
        f" FROM {source.table} t WHERE {statement.where()}"
    )
    return sql, statement.parameters, name


def read_page(store: Store, query: ItemQuery) -> Page:
    """Read one page of items.

    Raises:
        DataUnavailableError: the statement took too long, or the store is away.
    """
    return run_steps(store, page_steps(query, store.backend)).page


@dataclass(frozen=True)
class Found:
    """A page, and what was learned of the count on the way.

    Attributes:
        page: the page.
        is_counted: whether ``matched`` is the answer.
        matched: how many items match in all; None for more than are counted.
    """

    page: Page
    is_counted: bool = False
    matched: int | None = None


def page_steps(query: ItemQuery, backend: Backend, *, is_too_many: bool = False) -> Steps[Found]:
    """Read one page, statement by statement; see :data:`Steps`.

    Args:
        query: of the page.
        backend: for which store.
        is_too_many: more items are known to match than are counted.
    """
    if not _is_searched(query) or (backend == "geopackage" and query.sort):
        return Found(page_of((yield page_sql(query, backend)), query))
    # Words that are frequent are met at once, all others are found through their index; what the
    # planner knows of words, above all of several, is not enough to choose.
    rows = yield page_sql(query, backend, "walk")
    if len(rows) > query.limit:
        return Found(replace(page_of(rows, query), found_in=_WALKED_ROWS))
    by_index = yield from _rare_words(query, backend)
    if query.after is None and not is_too_many:
        rows = yield gathered_sql(query, backend, LOOKED_AT_LIMIT, by_index)
        matched = int(rows[0][-1]) if rows else 0
        if matched <= LOOKED_AT_LIMIT:
            return Found(page_of([row[:-1] for row in rows], query), True, matched)
        is_too_many = True
    if is_too_many:
        rows = yield page_sql(query, backend, "far")
        if len(rows) > query.limit:
            return Found(page_of(rows, query), True, None)
    plan: Plan = "gather" if backend == "postgis" else ""
    rows = yield page_sql(query, backend, plan, by_index)
    return Found(page_of(rows, query), is_too_many, None)


def _rare_words(query: ItemQuery, backend: Backend) -> Steps[frozenset[str] | None]:
    """Choose the words to be found by index; None for all.

    The index reads all that it has of a frequent word, which takes longer than comparing the few
    items that a rare one leaves.
    """
    words = long_words(query)
    if len(words) < 2:  # noqa: PLR2004
        return None
    (met,) = yield frequency_sql(replace(query, after=None), backend, _WALKED_ROWS)
    rare = frozenset(
        word for word, count in zip(words, met, strict=True) if count * _FREQUENT <= _WALKED_ROWS
    )
    return rare or frozenset({min(zip(met, words, strict=True))[1]})


def run_steps[T](store: Store, steps: Steps[T]) -> T:
    """Read what takes several statements, in the thread we are in.

    Raises:
        DataUnavailableError: a statement took too long, or the store is away.
    """
    statement = next(steps)
    while True:
        try:
            statement = steps.send(store.rows(*statement))
        except StopIteration as done:
            read: T = done.value
            return read


def page_of(rows: Rows, query: ItemQuery) -> Page:
    """Make a page of the rows of :func:`page_sql`."""
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
    return run_steps(store, count_steps(query, store.backend, limit))


def count_steps(query: ItemQuery, backend: Backend, limit: int | None = None) -> Steps[int | None]:
    """Count matching items by statements; see :func:`count_items`."""
    if query.filter is not None and by_index_and_by_look(query.filter)[1] is not None:
        ((seen, count),) = yield _looked_at_sql(query, query.filter, backend)
        is_known = seen <= _LOOKED_AT_ROWS and count <= (limit or LOOKED_AT_LIMIT)
        return int(count) if is_known else None
    if limit is None:
        limit = LOOKED_AT_LIMIT if query.search or query.filter is not None else COUNT_LIMIT
    walk = ""
    if backend == "postgis" and len(query.search.split()) > 1 and _is_searched(query):
        # The planner can't know that several words are frequent together: it takes the product of
        # their frequencies for how many items there are, and reads most of the index where looking
        # at row after row finds enough at once.
        most = _WALKED_ROWS // _FREQUENT
        ((met,),) = yield count_sql(query, backend, most, f"LIMIT {_WALKED_ROWS}")
        walk = "OFFSET 0" if met > most else ""
    ((count,),) = yield count_sql(query, backend, limit, walk)
    return int(count) if count <= limit else None


def _looked_at_sql(
    query: ItemQuery, chosen: Predicate, backend: Backend
) -> tuple[str, dict[str, Any]]:
    """Count by looking into documents, as long as there are not too many of them to look into."""
    indexed, looked = by_index_and_by_look(chosen)
    statement = start_statement(replace(query, after=None, filter=indexed), backend)
    condition = filter_condition(statement, looked or Constant(True))
    sql = (
        f"SELECT count(*), count(*) FILTER (WHERE {condition}) FROM (SELECT t.*"
        f" FROM {query.source.table} t WHERE {statement.where()}"
        f" LIMIT {_LOOKED_AT_ROWS + 1}) t"
    )
    return sql, statement.parameters


def count_by(store: Store, query: ItemQuery, column: str) -> dict[str, int]:
    """Count matching items by the values of a column, which the caller names and no client.

    Args:
        store: where to look.
        query: its sort, cursor and limit do not count.
        column: of the collection's table.
    """
    statement = start_statement(replace(query, after=None), store.backend)
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
    return item_of(store.rows(*item_sql(source, item_id, reader, store.backend)))


def item_of(rows: Rows) -> StoredItem | None:
    """Make the item of the rows of :func:`item_sql`, None when there are none."""
    if not rows:
        return None
    feature, etag, revision, updated_at, view = rows[0]
    if isinstance(updated_at, str):
        updated_at = datetime.fromisoformat(updated_at)
    return StoredItem(feature, etag, revision, updated_at, view)


__all__ = [
    "COUNT_LIMIT", "LOOKED_AT_LIMIT", "Found", "ItemQuery", "ItemSource", "Page", "Reader",
    "StoredItem", "Visibility", "count_items", "count_sql", "count_steps", "item_of", "item_sql",
    "page_of", "page_sql", "page_steps", "read_item", "read_page", "run_steps",
]  # fmt: skip
