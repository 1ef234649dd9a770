# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree of agencies as a closure table: rights over a subtree are one look-up."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, delete, insert, select

from geoapi.store.database import Transaction
from geoapi.store.features import scope_condition
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
