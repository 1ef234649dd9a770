# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree of agencies as a closure table: rights over a subtree are one look-up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, and_, delete, false, insert, literal, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.database import Transaction
from geoapi.store.features import scope_condition
from geoapi.store.site_meta import AGENCY_TREE, put_meta
from geoapi.store.tables import PUBLISHED, agency, agency_closure
from geoapi.types import Scope


def superiors(connection: Connection) -> dict[str, set[str]]:
    """Return {agency: those it answers to}: its parent and every unit of ``also_under``."""
    rows = connection.execute(
        select(agency.c.id, agency.c.feature).where(agency.c["view"] == PUBLISHED)
    )
    above: dict[str, set[str]] = {}
    for item_id, feature in rows:
        properties = orjson.loads(feature)["properties"]
        units = [properties.get("parent_id"), *(properties.get("also_under") or ())]
        above[item_id] = {unit for unit in units if unit}
    return above


def rebuild_closure(transaction: Transaction) -> None:
    """Write the closure anew; a circle of superiors does no harm, everybody in it is equal."""
    above = superiors(transaction.connection)
    pairs: list[dict[str, str]] = []
    for descendant in above:
        reached, waiting = {descendant}, [descendant]
        while waiting:
            for superior in above.get(waiting.pop(), ()):
                if superior not in reached:
                    reached.add(superior)
                    waiting.append(superior)
        pairs += [{"ancestor_id": a, "descendant_id": descendant} for a in sorted(reached)]
    transaction.connection.execute(delete(agency_closure))
    if pairs:
        transaction.connection.execute(insert(agency_closure), pairs)
    # whoever follows the feed with rights over an agency has to start anew when the tree changed
    lines = sorted(f"{pair['ancestor_id']} {pair['descendant_id']}" for pair in pairs)
    put_meta(transaction, AGENCY_TREE, hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16])


def agencies_in_scopes(
    connection: Connection, scopes: Sequence[Scope], limit: int
) -> list[tuple[str, str, str]]:
    """Return (id, Thai name, English name) of the agencies inside some scopes, by Thai name."""
    statement = (
        select(agency.c.id, agency.c.name_th, agency.c.name_en)
        .where(agency.c["view"] == PUBLISHED, scope_condition(agency, scopes))
        .order_by(agency.c.name_sort_th, agency.c.fid)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def ancestors_of(connection: Connection, agency_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return {agency: itself and every unit it answers to} for the agencies that are known."""
    found: dict[str, list[str]] = {}
    statement = select(agency_closure.c.descendant_id, agency_closure.c.ancestor_id).where(
        agency_closure.c.descendant_id.in_(list(agency_ids))
    )
    for descendant, ancestor in connection.execute(
        statement.order_by(agency_closure.c.ancestor_id)
    ):
        found.setdefault(descendant, []).append(ancestor)
    return found


def inside_scopes(
    connection: Connection, scopes: Sequence[Scope], words: str, limit: int
) -> list[tuple[str, str, str, str]]:
    """Return (id, Thai name, English name, area code) of agencies under a right, by Thai name.

    An agency is inside an area when it lies in it, or serves an area that holds it.

    Args:
        connection: to read with.
        scopes: where the right holds.
        words: canonical search words, all of which must occur; '' for all agencies.
        limit: how many at the most.
    """
    statement = (
        select(agency.c.id, agency.c.name_th, agency.c.name_en, agency.c.scope_area_code)
        .where(agency.c["view"] == PUBLISHED, or_(false(), *(_inside(scope) for scope in scopes)))
        .order_by(agency.c.name_sort_th, agency.c.fid)
        .limit(limit)
    )
    for word in words.split():
        statement = statement.where(agency.c.search.contains(word, autoescape=True))
    return [tuple(row) for row in connection.execute(statement)]


def _inside(scope: Scope) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if scope.agency_id:
        below = select(agency_closure.c.descendant_id).where(
            agency_closure.c.ancestor_id == scope.agency_id
        )
        parts.append(agency.c.id.in_(below))
    if scope.area_code:
        column = agency.c.scope_area_code
        parts.append(
            or_(
                column.startswith(scope.area_code, autoescape=True),
                literal(scope.area_code).startswith(column),
            )
        )
    return and_(true(), *parts)
