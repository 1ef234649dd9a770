# SPDX-License-Identifier: GPL-2.0-or-later
"""The rights of a reader as conditions, part of every statement of :mod:`geoapi.store.query`."""

from __future__ import annotations

from geoapi.store.filter_sql import Statement
from geoapi.store.item_query import ItemQuery
from geoapi.store.search_sql import AFTER_ALL_TEXT
from geoapi.types import Scope


def rights_conditions(statement: Statement, query: ItemQuery) -> list[str]:
    """Return the conditions that show a reader the rows that the visibility allows."""
    visibility = query.source.visibility
    if visibility in ("restricted", "private"):
        return ["t.view = 'working'", _owned(statement, query)]
    if visibility == "public" or not query.scopes:
        return ["t.view = 'published'"]
    if any(scope == Scope() for scope in query.scopes):
        return ["t.view = 'working'"]
    inside = " OR ".join(scope_condition(statement, scope) for scope in query.scopes)
    # Each point has one row that this reader sees: walking in the order of the page finds it soon.
    # The plus keeps SQLite from gathering all rows of either view and sorting them.
    view = "+t.view" if statement.backend == "geopackage" else "t.view"
    seen = f"(({view} = 'working' AND ({inside})) OR ({view} = 'published' AND NOT ({inside})))"
    # for the indexes on (view, column, fid)
    return [seen, "t.view IN ('published', 'working')"] if query.equals else [seen]


def _owned(statement: Statement, query: ItemQuery) -> str:
    """Show an owner the own rows, and holders of a right the restricted ones inside its scope."""
    allowed = []
    if query.owner_id:
        allowed.append(f"t.owner_id = {statement.bind(query.owner_id)}")
    if query.source.visibility == "restricted":
        allowed += [
            "1 = 1" if scope == Scope() else scope_condition(statement, scope)
            for scope in query.scopes
        ]
    return f"({' OR '.join(allowed) or '1 = 0'})"


def scope_condition(statement: Statement, scope: Scope) -> str:
    """Return the condition that an item lies under an agency and inside an area."""
    parts = []
    if scope.agency_id:
        parts.append(
            "t.scope_agency_id IN (SELECT descendant_id FROM agency_closure"
            f" WHERE ancestor_id = {statement.bind(scope.agency_id)})"
        )
    if scope.area_code:
        low = statement.bind(scope.area_code)
        high = statement.bind(scope.area_code + AFTER_ALL_TEXT)
        parts.append(f"(t.scope_area_code >= {low} AND t.scope_area_code < {high})")
    return "(" + " AND ".join(parts) + ")"
