# SPDX-License-Identifier: GPL-2.0-or-later
"""The conditions of a read of items: rights, filters, cursor and order, for either store."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from geoapi.store.columns import instant_text
from geoapi.store.database import Backend
from geoapi.store.filter_sql import filter_condition
from geoapi.store.item_query import ItemQuery
from geoapi.store.rights_sql import rights_conditions, scope_condition
from geoapi.store.search_sql import (
    SHORTEST_TRIGRAM,
    box_condition,
    contains,
    looked_for,
    word_condition,
)
from geoapi.types import Scope


class ItemStatement:
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


def add_rights(statement: ItemStatement, query: ItemQuery) -> None:
    """Show each reader the rows that the source's visibility allows."""
    for condition in rights_conditions(statement, query):
        statement.require(condition)


def _add_filters(statement: ItemStatement, query: ItemQuery, by_index: Set[str] | None) -> None:
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
        if by_index is not None and word not in by_index:
            statement.require(looked_for(statement, word))
        elif len(word) < SHORTEST_TRIGRAM and has_long_word:
            # the long word's index has narrowed it down: look anywhere, as for long ones
            statement.require(contains(statement, word))
        else:
            statement.require(word_condition(statement, word))


def order_of(query: ItemQuery) -> list[tuple[str, bool]]:
    """Return the sort with fid as tie-break, in the direction of the last key."""
    last_descending = query.sort[-1][1] if query.sort else False
    return [*query.sort, ("fid", last_descending)]


def add_cursor(statement: ItemStatement, query: ItemQuery) -> None:
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


def start_statement(
    query: ItemQuery, backend: Backend, by_index: Set[str] | None = None
) -> ItemStatement:
    """Begin a statement with the conditions of a query, the reader's rights among them.

    Args:
        query: what is asked.
        backend: whose SQL it is.
        by_index: words to be found through the index of words; the others are compared with the
            text of each row.  None for all.
    """
    statement = ItemStatement(backend, query.source.table)
    add_rights(statement, query)
    _add_filters(statement, query, by_index)
    return statement
