# SPDX-License-Identifier: GPL-2.0-or-later
"""Which points offer which services: reads that cross tables, for rules and imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

import orjson
from sqlalchemy import Connection, select

from geoapi.store.record_tables import copy_requirement, point_service, service
from geoapi.store.tables import PUBLISHED, WORKING, service_point
from geoapi.types import JsonObject

# SQLite takes 32,766 parameters of one statement, PostgreSQL more.
_MOST_PARAMETERS = 10_000


def services_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, JsonObject]:
    """Return {id: properties} of the services of the catalogue."""
    found: dict[str, JsonObject] = {}
    for batch in batched(dict.fromkeys(ids), _MOST_PARAMETERS):
        statement = select(service.c.id, service.c.feature).where(
            service.c["view"] == PUBLISHED, service.c.id.in_(batch)
        )
        for item_id, text in connection.execute(statement):
            found[item_id] = orjson.loads(text)["properties"]
    return found


def service_by_code(connection: Connection, code: str) -> tuple[str, JsonObject] | None:
    """Return (id, properties) of the service of a code, None when there is none."""
    row = connection.execute(
        select(service.c.id, service.c.feature).where(
            service.c["view"] == PUBLISHED, service.c.code == code
        )
    ).one_or_none()
    return None if row is None else (row[0], orjson.loads(row[1])["properties"])


def points_of_categories(connection: Connection, categories: Sequence[str]) -> Iterator[str]:
    """Yield the ids of the points of some categories that still exist as places."""
    if not categories:
        return
    statement = select(service_point.c.id).where(
        service_point.c["view"] == WORKING,
        service_point.c.category.in_(categories),
        service_point.c.state.not_in(("withdrawn", "merged", "closed", "moved")),
    )
    yield from connection.execute(statement.order_by(service_point.c.id)).scalars()


def points_with_service(
    connection: Connection, service_id: str, *, offered_only: bool = False
) -> dict[str, bool]:
    """Return {id of the point: whether it is offered there} for a service."""
    statement = select(point_service.c.point_id, point_service.c.is_offered).where(
        point_service.c["view"] == WORKING, point_service.c.service_id == service_id
    )
    if offered_only:
        statement = statement.where(point_service.c.is_offered.is_(True))
    return {row[0]: bool(row[1]) for row in connection.execute(statement)}


def points_lacking(connection: Connection, service_id: str, kinds: set[str]) -> list[str]:
    """Return the points that offer a service and have no row for one of some documents."""
    statement = select(copy_requirement.c.point_id, copy_requirement.c.document_type).where(
        copy_requirement.c["view"] == WORKING, copy_requirement.c.service_id == service_id
    )
    known: dict[str, set[str]] = {}
    for point_id, kind in connection.execute(statement):
        known.setdefault(point_id, set()).add(kind)
    offering = points_with_service(connection, service_id, offered_only=True)
    return [point_id for point_id in offering if kinds - known.get(point_id, set())]


def row_id(connection: Connection, table_name: str, **equals: Any) -> str | None:  # noqa: ANN401
    """Return the id of the working row of a point, service and so on, None when there is none.

    The point's rows are few; they are found by its index and compared here, so that no store
    walks along all rows of a service instead.
    """
    table = {"point_service": point_service, "copy_requirement": copy_requirement}[table_name]
    names = [name for name in equals if name != "point_id"]
    statement = select(table.c.id, *(table.c[name] for name in names)).where(
        table.c["view"] == WORKING, table.c.point_id == equals["point_id"]
    )
    wanted = tuple(equals[name] for name in names)
    return next((r[0] for r in connection.execute(statement) if tuple(r[1:]) == wanted), None)
