# SPDX-License-Identifier: GPL-2.0-or-later
"""Every read of items, as one statement: filter, rights, sort and cursor in, SQL text out.

This and :mod:`geoapi.store.filter_sql` are the only modules that assemble SQL text.  Column names
come from the collection's definition, values are always parameters, and the rights of the reader
are part of each statement.  Columns stay bare, so that the indexes are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from geoapi.store.columns import instant_text
from geoapi.store.database import Backend, Store
from geoapi.store.filter_sql import filter_condition
from geoapi.store.item_query import ItemQuery, ItemSource, Page, Reader, Visibility
from geoapi.types import BBox, Scope

# One more than the largest exact count: beyond it numberMatched is left out.
COUNT_LIMIT = 10_001
# Trigram indexes need three characters; shorter words look at the beginnings of names.
_SHORTEST_TRIGRAM = 3
_AFTER_ALL_TEXT = "\U0010ffff"


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


def _add_rights(statement: _Statement, query: ItemQuery) -> None:
    """Show each reader the rows that the source's visibility allows."""
    visibility = query.source.visibility
    if visibility in ("restricted", "private"):
        _add_owned(statement, query)
        return
    if visibility == "public" or not query.scopes:
        statement.require("t.view = 'published'")
        return
    if any(scope == Scope() for scope in query.scopes):
        statement.require("t.view = 'working'")
        return
    inside = " OR ".join(_scope_sql(statement, scope) for scope in query.scopes)
    # each point has one row that this reader sees: walking in the order of the page finds it soon.
    # The plus keeps SQLite from gathering all rows of either view and sorting them.
    view = "+t.view" if statement.backend == "geopackage" else "t.view"
    statement.require(
        f"(({view} = 'working' AND ({inside})) OR ({view} = 'published' AND NOT ({inside})))"
    )
    if query.equals:  # for the indexes on (view, column, fid)
        statement.require("t.view IN ('published', 'working')")


def _add_owned(statement: _Statement, query: ItemQuery) -> None:
    """Show an owner the own rows, and holders of a right the restricted ones inside its scope."""
    statement.require("t.view = 'working'")
    allowed = []
    if query.owner_id:
        allowed.append(f"t.owner_id = {statement.bind(query.owner_id)}")
    if query.source.visibility == "restricted":
        allowed += [
            "1 = 1" if scope == Scope() else _scope_sql(statement, scope) for scope in query.scopes
        ]
    statement.require(f"({' OR '.join(allowed) or '1 = 0'})")


def _scope_sql(statement: _Statement, scope: Scope) -> str:
    parts = []
    if scope.agency_id:
        parts.append(
            "t.scope_agency_id IN (SELECT descendant_id FROM agency_closure"
            f" WHERE ancestor_id = {statement.bind(scope.agency_id)})"
        )
    if scope.area_code:
        low = statement.bind(scope.area_code)
        high = statement.bind(scope.area_code + _AFTER_ALL_TEXT)
        parts.append(f"(t.scope_area_code >= {low} AND t.scope_area_code < {high})")
    return "(" + " AND ".join(parts) + ")"


def _add_filters(statement: _Statement, query: ItemQuery) -> None:
    for column, value in (*query.source.fixed, *query.equals):
        statement.require(f"t.{column} = {statement.bind(value)}")
    if query.since is not None:
        statement.require(f"t.updated_at >= {statement.bind(query.since)}")
    if query.until is not None:
        statement.require(f"t.updated_at <= {statement.bind(query.until)}")
    if query.bbox is not None:
        _add_bbox(statement, query.source, query.bbox)
    if query.within != Scope():
        statement.require(_scope_sql(statement, query.within))
    for user_id, word in ((query.edited_by, ""), (query.not_edited_by, "NOT ")):
        if user_id:
            statement.require(word + _contains(statement, f'"{user_id}"', "editors"))
    if query.filter is not None:
        statement.require(filter_condition(statement, query.filter))
    words = query.search.split()
    has_long_word = any(len(word) >= _SHORTEST_TRIGRAM for word in words)
    for word in words:
        if len(word) < _SHORTEST_TRIGRAM and has_long_word:
            # the long word's index has narrowed it down: look anywhere, as for long ones
            statement.require(_contains(statement, word))
        else:
            _add_word(statement, word)


def _add_bbox(statement: _Statement, source: ItemSource, bbox: BBox) -> None:
    min_lon, min_lat, max_lon, max_lat = bbox
    if min_lon > max_lon:  # the box crosses 180 degrees: two boxes, either may touch
        west = _box_sql(statement, source, (min_lon, min_lat, 180.0, max_lat))
        east = _box_sql(statement, source, (-180.0, min_lat, max_lon, max_lat))
        statement.require(f"({west} OR {east})")
        return
    statement.require(_box_sql(statement, source, bbox))


def _box_sql(statement: _Statement, source: ItemSource, bbox: BBox) -> str:
    """Test bounds exactly on the columns, fast through the index, areas by their shape too."""
    x1, y1, x2, y2 = (statement.bind(value) for value in bbox)
    exact = f"t.min_x <= {x2} AND t.max_x >= {x1} AND t.min_y <= {y2} AND t.max_y >= {y1}"
    if statement.backend == "geopackage":
        # a subquery of the R-tree; its floats are rounded outwards, hence the exact test beside it
        fast = (
            f"t.fid IN (SELECT fid FROM {statement.table}_rtree WHERE min_x <= {x2}"
            f" AND max_x >= {x1} AND min_y <= {y2} AND max_y >= {y1})"
        )
        shape = f"pakmud_intersects_box(t.geom, {x1}, {y1}, {x2}, {y2})"
    else:
        box = f"ST_MakeEnvelope({x1}, {y1}, {x2}, {y2}, 4326)"
        fast = f"t.geom && {box}"
        # ST_Envelope makes a point or a line of a box without width or height, as it must be
        corners = f"ST_MakePoint({x1}, {y1}), ST_MakePoint({x2}, {y2})"
        area = f"ST_Envelope(ST_SetSRID(ST_MakeLine({corners}), 4326))"
        shape = f"ST_Intersects(t.geom, {area})"
    parts = [fast, exact]
    if source.has_areas:
        parts.append(shape)
    return "(" + " AND ".join(parts) + ")"


def _add_word(statement: _Statement, word: str) -> None:
    """Look for a word anywhere in the search text, or at the beginning of a name when short."""
    if len(word) < _SHORTEST_TRIGRAM:
        ranges = []
        for column in ("name_th", "name_en"):
            low, high = statement.bind(word), statement.bind(word + _AFTER_ALL_TEXT)
            ranges.append(f"k.{column}_key >= {low} AND k.{column}_key < {high}")
        # a subquery over the index of keys: without it the page is walked in the order of its sort
        found = " UNION ".join(
            f"SELECT k.fid FROM {statement.table} k WHERE k.view IN ('published', 'working')"
            f" AND {condition}"
            for condition in ranges
        )
        statement.require(f"t.fid IN ({found})")
        return
    if statement.backend == "geopackage":
        phrase = statement.bind('"' + word.replace('"', '""') + '"')
        words = f"{statement.table}_fts"
        statement.require(f"t.fid IN (SELECT rowid FROM {words} WHERE {words} MATCH {phrase})")
        return
    statement.require(_contains(statement, word))


def _contains(statement: _Statement, word: str, column: str = "search") -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"t.{column} LIKE {statement.bind(f'%{escaped}%')} ESCAPE '\\'"


def order_of(query: ItemQuery) -> list[tuple[str, bool]]:
    """Return the sort with fid as tie-break, in the direction of the last key."""
    last_descending = query.sort[-1][1] if query.sort else False
    return [*query.sort, ("fid", last_descending)]


def _add_cursor(statement: _Statement, query: ItemQuery) -> None:
    """Continue behind the last item of the page before."""
    if query.after is None:
        return
    order = order_of(query)
    values = zip(order, query.after, strict=True)
    spelled = [statement.bind(_cursor_value(column, value)) for (column, _), value in values]
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


def _cursor_value(column: str, value: Any) -> Any:  # noqa: ANN401 - any value a column takes
    """Return an instant again of the text that a cursor keeps of it."""
    is_instant = column.endswith("_at") and isinstance(value, str)
    return datetime.fromisoformat(value) if is_instant else value


def start_statement(query: ItemQuery, backend: Backend) -> _Statement:
    """Begin a statement with the conditions of a query, the reader's rights among them."""
    statement = _Statement(backend, query.source.table)
    _add_rights(statement, query)
    _add_filters(statement, query)
    return statement


@lru_cache(maxsize=1_024)
def page_sql(query: ItemQuery, backend: Backend) -> tuple[str, dict[str, Any]]:
    """Return statement and parameters of one page; a row is (feature, sort values..., fid).

    One row more than the limit is asked for: it tells whether there is a following page.
    """
    statement = start_statement(query, backend)
    _add_cursor(statement, query)
    order = order_of(query)
    order_by = ", ".join(f"t.{column} {'DESC' if down else 'ASC'}" for column, down in order)
    keys = ", ".join(f"t.{column}" for column, _ in order)
    limit = statement.bind(query.limit + 1)
    table = query.source.table
    if not query.offset:
        sql = (
            f"SELECT t.feature, {keys} FROM {table} t WHERE {statement.where()}"
            f" ORDER BY {order_by} LIMIT {limit}"
        )
        return sql, statement.parameters
    # skipped rows are read from the index alone; features are fetched for the page only
    offset = statement.bind(query.offset)
    sql = (
        f"SELECT t.feature, {keys} FROM {table} t JOIN (SELECT t.fid FROM {table} t"
        f" WHERE {statement.where()} ORDER BY {order_by} LIMIT {limit} OFFSET {offset}) page"
        f" ON page.fid = t.fid ORDER BY {order_by}"
    )
    return sql, statement.parameters


def count_sql(query: ItemQuery, backend: Backend, limit: int) -> tuple[str, dict[str, Any]]:
    """Return the statement that counts matching items, up to one more than ``limit``."""
    statement = start_statement(replace(query, after=None), backend)
    most = statement.bind(limit + 1)
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {query.source.table} t"
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
    return page_of(store.rows(*page_sql(query, store.backend)), query)


def page_of(rows: Sequence[Sequence[Any]], query: ItemQuery) -> Page:
    """Make a page of the rows of :func:`page_sql`."""
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    following = tuple(rows[-1][1:]) if has_more and rows else None
    return Page([row[0] for row in rows], following)


def count_items(store: Store, query: ItemQuery, limit: int = COUNT_LIMIT) -> int | None:
    """Count matching items exactly, or return None when there are more than ``limit``."""
    return count_of(store.rows(*count_sql(query, store.backend, limit)), limit)


def count_of(rows: Sequence[Sequence[Any]], limit: int) -> int | None:
    """Return the count in the one row of :func:`count_sql`, None when it is above the limit."""
    count = int(rows[0][0])
    return None if count > limit else count


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


def item_of(rows: Sequence[Sequence[Any]]) -> StoredItem | None:
    """Make the item of the rows of :func:`item_sql`, None when there are none."""
    if not rows:
        return None
    feature, etag, revision, updated_at, view = rows[0]
    if isinstance(updated_at, str):
        updated_at = datetime.fromisoformat(updated_at)
    return StoredItem(feature, etag, revision, updated_at, view)


__all__ = [
    "COUNT_LIMIT", "ItemQuery", "ItemSource", "Page", "Reader", "StoredItem", "Visibility",
    "count_items", "count_of", "count_sql", "item_of", "item_sql", "page_of", "page_sql",
    "read_item", "read_page",
]  # fmt: skip
