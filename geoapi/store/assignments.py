# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads about assignments and officers: lists with rights inside, counts, look-ups of imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.accounts import grants_inside
from geoapi.store.features import FeatureRow, scope_condition
from geoapi.store.record_tables import assignment
from geoapi.store.tables import (
    PUBLISHED,
    WORKING,
    agency,
    agency_closure,
    area,
    role_grant,
    service_point,
    user_account,
)
from geoapi.types import Scope

UNPLACED = ("assigned", "accepted")
ACTIVE = (*UNPLACED, "pinned", "surveyed")


@dataclass(frozen=True)
class Wanted:
    """Which assignments to look for.

    Attributes:
        scopes: where the reader holds the right.
        owner_id: who is responsible; '' for anybody, together with ``scopes``.
        unowned: those of no single officer only.
        states: of these states; empty for all.
        overdue_on: only those overdue on this ISO day, '' for all.
        agency_id: of this office, '' for all.
        area_code: inside this area, '' for all.
        item_id: this one only.
        limit: how many at the most.
        offset: how many to leave out.
    """

    scopes: tuple[Scope, ...] | None = None
    owner_id: str = ""
    unowned: bool = False
    states: tuple[str, ...] = ()
    overdue_on: str = ""
    agency_id: str = ""
    area_code: str = ""
    item_id: str = ""
    limit: int = 100
    offset: int = 0


def is_overdue(day: str) -> ColumnElement[bool]:
    """Build the SQL condition that an assignment is overdue on an ISO day."""
    return and_(
        assignment.c.due_on != "", assignment.c.due_on < day, assignment.c.state.in_(UNPLACED)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [assignment.c["view"] == WORKING]
    if wanted.scopes is not None:
        conditions.append(scope_condition(assignment, wanted.scopes))
    if wanted.owner_id or wanted.unowned:
        conditions.append(assignment.c.owner_id == wanted.owner_id)
    if wanted.item_id:
        conditions.append(assignment.c.id == wanted.item_id)
    if wanted.states:
        conditions.append(assignment.c.state.in_(wanted.states))
    if wanted.overdue_on:
        conditions.append(is_overdue(wanted.overdue_on))
    if wanted.agency_id:
        conditions.append(assignment.c.agency_id == wanted.agency_id)
    if wanted.area_code:
        conditions.append(
            assignment.c.scope_area_code.startswith(wanted.area_code, autoescape=True)
        )
    return conditions


def rows(connection: Connection, wanted: Wanted) -> list[FeatureRow]:
    """Return assignments by due day, those without one last, then by name."""
    statement = (
        select(*[c for c in assignment.columns if c.name != "geom"])
        .where(*_conditions(wanted))
        .order_by(
            assignment.c.due_on == "", assignment.c.due_on, assignment.c.name_sort_th,
            assignment.c.fid,
        )
        .limit(wanted.limit)
        .offset(wanted.offset)
    )  # fmt: skip
    return [FeatureRow(dict(row)) for row in connection.execute(statement).mappings()]


def count(connection: Connection, wanted: Wanted) -> int:
    """Count the assignments that match."""
    statement = select(func.count()).select_from(assignment).where(*_conditions(wanted))
    return int(connection.execute(statement).scalar_one())


def counts(
    connection: Connection, wanted: Wanted, column: str, today: str
) -> dict[str, dict[str, int]]:
    """Return {value of the column: {state: how many}}, ``overdue`` among the states.

    Args:
        connection: for reading.
        wanted: which assignments; its limit and offset do not count.
        column: ``district_code`` or ``agency_id``.
        today: ISO day by which something is overdue.
    """
    group = assignment.c[column]
    statement = (
        select(group, assignment.c.state, func.count())
        .where(*_conditions(wanted))
        .group_by(group, assignment.c.state)
        .order_by(group)
    )
    found: dict[str, dict[str, int]] = {}
    for value, state, number in connection.execute(statement):
        found.setdefault(value, {})[state] = number
    late = (
        select(group, func.count()).where(*_conditions(wanted), is_overdue(today)).group_by(group)
    )
    for value, number in connection.execute(late):
        found[value]["overdue"] = number
    return found


def covers(connection: Connection, scopes: Sequence[Scope], place: Scope) -> bool:
    """Say whether some scope covers what belongs to an agency and lies in an area."""
    near = [scope for scope in scopes if place.area_code.startswith(scope.area_code)]
    if any(not scope.agency_id for scope in near):
        return True
    statement = (
        select(agency_closure.c.descendant_id)
        .where(
            agency_closure.c.ancestor_id.in_([scope.agency_id for scope in near]),
            agency_closure.c.descendant_id == place.agency_id,
        )
        .limit(1)
    )
    return bool(near) and connection.execute(statement).one_or_none() is not None


def active_of_point(connection: Connection, point_id: str) -> list[str]:
    """Return the ids of the assignments of a point that are not finished."""
    statement = select(assignment.c.id).where(
        assignment.c["view"] == WORKING,
        assignment.c.point_id == point_id,
        assignment.c.state.in_(ACTIVE),
    )
    return list(connection.execute(statement).scalars())


def active_places(
    connection: Connection, name_key: str, district_code: str
) -> list[tuple[str, str]]:
    """Return (id, agency id) of unfinished assignments of a place that has no point yet."""
    statement = select(assignment.c.id, assignment.c.agency_id).where(
        assignment.c["view"] == WORKING,
        assignment.c.point_id == "",
        assignment.c.name_th_key == name_key,
        assignment.c.district_code == district_code,
        assignment.c.state.in_(ACTIVE),
    )
    return [(row[0], row[1]) for row in connection.execute(statement)]


def points_by(connection: Connection, column: str, value: str) -> list[str]:
    """Return ids of working points whose column has a value, two at the most."""
    statement = (
        select(service_point.c.id)
        .where(service_point.c["view"] == WORKING, service_point.c[column] == value)
        .limit(2)
    )
    return list(connection.execute(statement).scalars())


def points_of_name(connection: Connection, name_key: str, district_code: str) -> list[str]:
    """Return ids of working points of a name in a district, two at the most."""
    statement = (
        select(service_point.c.id)
        .where(
            service_point.c["view"] == WORKING,
            service_point.c.name_th_key == name_key,
            service_point.c.district_code == district_code,
        )
        .limit(2)
    )
    return list(connection.execute(statement).scalars())


@dataclass(frozen=True)
class PointChoice:
    """Which points to assign: all that have no verified place and nobody working on them.

    Attributes:
        scopes: where whoever assigns holds the right.
        agency_id: of this office and those below it, '' for all.
        area_code: inside this area, '' for all.
        category: of this category, '' for all.
        limit: how many at the most.
    """

    scopes: tuple[Scope, ...]
    agency_id: str = ""
    area_code: str = ""
    category: str = ""
    limit: int = 1000


def points_to_assign(connection: Connection, choice: PointChoice) -> list[str]:
    """Return the ids of points without a finished place that no unfinished assignment names."""
    taken = select(assignment.c.fid).where(
        assignment.c["view"] == WORKING,
        assignment.c.point_id == service_point.c.id,
        assignment.c.state.in_(ACTIVE),
    )
    statement = (
        select(service_point.c.id)
        .where(
            service_point.c["view"] == WORKING,
            service_point.c.state.in_(("unpinned", "draft", "returned")),
            scope_condition(service_point, choice.scopes),
            scope_condition(service_point, [Scope(choice.agency_id, choice.area_code)]),
            ~exists(taken),
        )
        .order_by(service_point.c.name_sort_th, service_point.c.fid)
        .limit(choice.limit)
    )
    if choice.category:
        statement = statement.where(service_point.c.category == choice.category)
    return list(connection.execute(statement).scalars())


def officers(
    connection: Connection, scopes: Sequence[Scope], roles: Sequence[str], today: date
) -> list[tuple[str, str, str]]:
    """Return (id, username, display name) of enabled users with a role inside the scopes today."""
    holds = select(role_grant.c.id).where(
        role_grant.c.user_id == user_account.c.id,
        role_grant.c.role.in_(list(roles)),
        or_(role_grant.c.valid_from.is_(None), role_grant.c.valid_from <= today),
        or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= today),
        grants_inside(scopes),
    )
    statement = (
        select(user_account.c.id, user_account.c.username, user_account.c.display_name)
        .where(user_account.c.disabled_at.is_(None), exists(holds))
        .order_by(user_account.c.username)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def display_names(connection: Connection, user_ids: Sequence[str]) -> dict[str, str]:
    """Return {id: display name} of users."""
    statement = select(user_account.c.id, user_account.c.display_name).where(
        user_account.c.id.in_(list(user_ids))
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def offices(connection: Connection, scopes: Sequence[Scope]) -> list[tuple[str, str, str, str]]:
    """Return (id, code, Thai name, English name) of the agencies inside the scopes, by name."""
    parts: list[ColumnElement[bool]] = []
    for scope in scopes:
        inside: list[ColumnElement[bool]] = []
        if scope.agency_id:
            below = select(agency_closure.c.descendant_id).where(
                agency_closure.c.ancestor_id == scope.agency_id
            )
            inside.append(agency.c.id.in_(below))
        if scope.area_code:
            inside.append(
                or_(
                    agency.c.district_code.startswith(scope.area_code, autoescape=True),
                    agency.c.province_code == scope.area_code,
                    and_(
                        agency.c.district_code == "",
                        literal(scope.area_code).startswith(agency.c.province_code),
                    ),
                )
            )
        parts.append(and_(true(), *inside))
    statement = (
        select(agency.c.id, agency.c.code, agency.c.name_th, agency.c.name_en)
        .where(agency.c["view"] == PUBLISHED, or_(false(), *parts))
        .order_by(agency.c.name_sort_th, agency.c.fid)
        .limit(500)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(statement)]


def districts(connection: Connection) -> list[tuple[str, str, str]]:
    """Return (code, Thai name, English name) of all districts, by code."""
    statement = (
        select(area.c.code, area.c.name_th, area.c.name_en)
        .where(area.c["view"] == PUBLISHED, area.c.level == "district")
        .order_by(area.c.code)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def owners(connection: Connection, scopes: Sequence[Scope]) -> list[tuple[str, str, int]]:
    """Return (id, display name, how many) of officers with unfinished or verified assignments."""
    statement = (
        select(user_account.c.id, user_account.c.display_name, func.count())
        .join(assignment, assignment.c.owner_id == user_account.c.id)
        .where(
            assignment.c["view"] == WORKING,
            assignment.c.state.in_((*ACTIVE, "verified")),
            scope_condition(assignment, scopes),
        )
        .group_by(user_account.c.id, user_account.c.display_name)
        .order_by(user_account.c.display_name)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def point_names(connection: Connection, point_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return {id: (Thai name, English name)} of working points."""
    statement = select(service_point.c.id, service_point.c.name_th, service_point.c.name_en).where(
        service_point.c["view"] == WORKING, service_point.c.id.in_(list(point_ids))
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(statement)}
