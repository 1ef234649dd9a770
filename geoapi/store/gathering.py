# SPDX-License-Identifier: GPL-2.0-or-later
"""Statements that find all that match before they put a page of it in order, and count it too."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from typing import Any

from geoapi.store.conditions import ItemStatement, add_rights, order_of, start_statement
from geoapi.store.database import Backend
from geoapi.store.item_query import ItemQuery
from geoapi.store.search_sql import SHORTEST_TRIGRAM, looked_for, word_condition


def gathered_sql(
    query: ItemQuery, backend: Backend, most: int, by_index: Set[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the statement of a first page together with its count.

    What picks few items and has no order has to be looked at whole for the first page anyway, so
    the items are gathered once, counted, and sorted.  A row is (feature, sort values..., fid,
    count); with a count above ``most`` the rows are not the first page.

    Args:
        query: a first page.
        backend: whose SQL it is.
        most: how many items are gathered, and one more.
        by_index: see :func:`~geoapi.store.conditions.start_statement`.
    """
    statement = start_statement(query, backend, by_index)
    order = order_of(query)
    order_by = ", ".join(f"{column} {'DESC' if down else 'ASC'}" for column, down in order)
    keys = ", ".join(f"t.{column}" for column, _ in order)
    sorted_keys = ", ".join(f"page.{column}" for column, _ in order)
    gathered, limit = statement.bind(most + 1), statement.bind(query.limit + 1)
    table, where = query.source.table, statement.where()
    source = words_first(query, statement, by_index)
    sql = (
        f"WITH found AS MATERIALIZED (SELECT {keys} FROM {source} WHERE {where}"
        f" LIMIT {gathered}), page AS (SELECT * FROM found ORDER BY {order_by} LIMIT {limit})"
        f" SELECT t.feature, {sorted_keys}, (SELECT count(*) FROM found)"
        f" FROM page JOIN {table} t ON t.fid = page.fid"
        f" ORDER BY {', '.join(f'page.{part}' for part in order_by.split(', '))}"
    )
    return sql, statement.parameters


def words_first(query: ItemQuery, statement: ItemStatement, by_index: Set[str] | None) -> str:
    """Return the source of a statement that finds words through their index and nothing else.

    PostgreSQL thinks that a rare word has many rows, and then reads the index of a whole view as
    well; OFFSET 0 keeps the two apart.

    Args:
        query: whose words.
        statement: gets the parameters.
        by_index: see :func:`~geoapi.store.conditions.start_statement`.
    """
    table = query.source.table
    words = [word for word in long_words(query) if by_index is None or word in by_index]
    if statement.backend == "geopackage" or not words:
        return f"{table} t"
    found = " AND ".join(word_condition(statement, word) for word in words)
    return f"(SELECT t.* FROM {table} t WHERE {found} OFFSET 0) t"


def long_words(query: ItemQuery) -> tuple[str, ...]:
    """Return the words of a search that the index of words can find."""
    return tuple(word for word in query.search.split() if len(word) >= SHORTEST_TRIGRAM)


@lru_cache(maxsize=256)
def frequency_sql(query: ItemQuery, backend: Backend, rows: int) -> tuple[str, dict[str, Any]]:
    """Return the statement for how many of the first rows have each long word; one row.

    Args:
        query: whose words.
        backend: whose SQL it is.
        rows: how many rows to look at.
    """
    statement = ItemStatement(backend, query.source.table)
    add_rights(statement, query)
    where, most = statement.where(), statement.bind(rows)
    counted = ", ".join(
        f"count(*) FILTER (WHERE {looked_for(statement, word)})" for word in long_words(query)
    )
    sql = (
        f"SELECT {counted} FROM (SELECT t.search FROM {query.source.table} t WHERE {where}"
        f" ORDER BY t.fid LIMIT {most}) t"
    )
    return sql, statement.parameters
