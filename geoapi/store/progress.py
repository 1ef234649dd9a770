# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts of places by district and agency in one statement, with the reader's rights inside it.

A place is a working service point that is in use, or an unfinished assignment that has no point
yet; docs/progress-report.md defines each number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.assignments import ACTIVE, is_overdue
from geoapi.store.database import Store
from geoapi.store.features import scope_condition
from geoapi.store.record_tables import assignment
from geoapi.store.tables import PUBLISHED, WORKING, agency, agency_closure, area, service_point
from geoapi.types import Scope

# Far below the number of parameters that either database takes.
_BATCH = 5_000
# States of assignments that order nothing any more.
_DECIDED = ("handed_over", "cancelled")
_IN_USE = ("unpinned", "draft", "submitted", "returned", "verified")


@dataclass(frozen=True)
class ProgressQuery:
    """Which places to count.

    Attributes:
        scopes: where the reader holds the right.
        asked: the agency and area that were asked for.
        late_on: ISO day in Asia/Bangkok before which unfinished assignments had to be done.
        campaign: only places assigned in this campaign, '' for all places.
    """

    scopes: tuple[Scope, ...]
    asked: Scope
    late_on: str
    campaign: str = ""


@dataclass(frozen=True)
class ProgressCell:
    """Numbers of the places of one agency in one district; see :class:`Counts` for each."""

    province_code: str
    district_code: str
    agency_id: str
    places: int
    assigned: int
    late: int
    unpinned: int
    draft: int
    submitted: int
    returned: int
    verified: int


def count_places(store: Store, query: ProgressQuery) -> list[ProgressCell]:
    """Count the places inside the scopes, by province, district and agency.

    Raises:
        DataUnavailableError: it took too long, or the store is away.
    """
    # made into cells only when all are read: a reading statement has little time
    return [ProgressCell(*row) for row in _rows(store, statement(query))]


def statement(query: ProgressQuery) -> CompoundSelect[Any]:
    """Return the one statement that counts; tests look at its plan."""
    return union_all(_points(query), _places_without_point(query))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _orders(query: ProgressQuery) -> Subquery:
    """Return the points that somebody has or had the order to pin, each once."""
    named = (
        select(
            assignment.c.point_id,
            func.max(case((is_overdue(query.late_on), 1), else_=0)).label("late"),
        )
        .where(
            assignment.c["view"] == WORKING,
            assignment.c.point_id != "",
            assignment.c.state.not_in(_DECIDED),
            *_in_campaign(query),
        )
        .group_by(assignment.c.point_id)
    )
    return named.subquery("orders")


def _in_campaign(query: ProgressQuery) -> list[ColumnElement[bool]]:
    return [assignment.c.campaign == query.campaign] if query.campaign else []


def _points(query: ProgressQuery) -> Select[Any]:
    """Count points in use; one that the public sees verified is verified whatever is edited."""
    orders = _orders(query)
    public = (
        select(service_point.c.id)
        .where(service_point.c["view"] == PUBLISHED, service_point.c.state == "verified")
        .subquery("public")
    )
    joined = service_point.outerjoin(public, public.c.id == service_point.c.id).join(
        orders, orders.c.point_id == service_point.c.id, isouter=not query.campaign
    )
    # the scope's agency is the point's, and in the index that holds all the rest
    keys = (
        service_point.c.province_code, service_point.c.district_code,
        service_point.c.scope_agency_id.label("agency_id"),
    )  # fmt: skip
    return (
        select(*keys, *_numbers(orders, public))
        .select_from(joined)
        .where(
            service_point.c["view"] == WORKING,
            service_point.c.state.in_(_IN_USE),
            scope_condition(service_point, query.scopes),
            scope_condition(service_point, [query.asked]),
        )
        .group_by(
            service_point.c.province_code,
            service_point.c.district_code,
            service_point.c.scope_agency_id,
        )
    )


def _numbers(orders: Subquery, public: Subquery) -> list[ColumnElement[int]]:
    """Return the sums over points, in the order of the members of :class:`ProgressCell`."""

    def stage(*states: str) -> ColumnElement[int]:
        return _number(and_(public.c.id.is_(None), service_point.c.state.in_(states)))

    return [
        func.count().label("places"),
        _number(orders.c.point_id.is_not(None)).label("assigned"),
        _number(func.coalesce(orders.c.late, 0) == 1).label("late"),
        stage("unpinned").label("unpinned"),
        # "verified" that is not public can't be; it must not vanish from the sum if it is
        stage("draft", "verified").label("draft"),
        stage("submitted").label("submitted"),
        stage("returned").label("returned"),
        _number(public.c.id.is_not(None)).label("verified"),
    ]


def _places_without_point(query: ProgressQuery) -> Select[Any]:
    """Count what is assigned and has no point yet, under the agency and area of the order."""
    nothing = literal(0)
    return (
        select(
            assignment.c.province_code,
            assignment.c.district_code,
            assignment.c.agency_id,
            func.count(),
            func.count(),
            _number(is_overdue(query.late_on)),
            func.count(),
            nothing,
            nothing,
            nothing,
            nothing,
        )
        .where(
            assignment.c["view"] == WORKING,
            assignment.c.point_id == "",
            assignment.c.state.in_(ACTIVE),
            scope_condition(assignment, query.scopes),
            scope_condition(assignment, [query.asked]),
            *_in_campaign(query),
        )
        .group_by(assignment.c.province_code, assignment.c.district_code, assignment.c.agency_id)
    )


def _rows(store: Store, wanted: Select[Any] | CompoundSelect[Any]) -> list[tuple[Any, ...]]:
    """Run one statement with a time of its own: what is computed between them costs no reader."""
    return store.read(lambda connection: [tuple(row) for row in connection.execute(wanted)])


@dataclass(frozen=True)
class Named:
    """An area or agency with its names.

    Attributes:
        code: DOPA code, or id of the agency.
        name_th: '' when it has none.
        name_en: '' when it has none.
    """

    code: str
    name_th: str = ""
    name_en: str = ""


def areas(store: Store, codes: Iterable[str]) -> dict[str, Named]:
    """Return {code: names} of the areas of some codes, as far as they are known."""
    found: dict[str, Named] = {}
    for chunk in batched(sorted({code for code in codes if code}), _BATCH):
        wanted = select(area.c.code, area.c.name_th, area.c.name_en).where(
            area.c["view"] == PUBLISHED, area.c.code.in_(chunk)
        )
        found |= {row[0]: Named(*row) for row in _rows(store, wanted)}
    return found


def districts_in(store: Store, area_codes: Sequence[str]) -> list[Named]:
    """Return the districts inside some areas, or around a subdistrict, by code."""
    inside = [
        or_(
            area.c.code.startswith(code, autoescape=True),
            literal(code).startswith(area.c.code),
        )
        for code in area_codes
    ]
    wanted = (
        select(area.c.code, area.c.name_th, area.c.name_en)
        .where(area.c["view"] == PUBLISHED, area.c.level == "district", or_(*inside))
        .order_by(area.c.code)
    )
    return [Named(*row) for row in _rows(store, wanted)]


def agencies(store: Store, ids: Iterable[str]) -> dict[str, tuple[Named, str]]:
    """Return {id: (names, sort key of the Thai name)} of agencies, as far as they are known."""
    found: dict[str, tuple[Named, str]] = {}
    for chunk in batched(sorted({item for item in ids if item}), _BATCH):
        wanted = select(agency.c.id, agency.c.name_th, agency.c.name_en, agency.c.name_sort_th)
        wanted = wanted.where(agency.c["view"] == PUBLISHED, agency.c.id.in_(chunk))
        found |= {row[0]: (Named(row[0], row[1], row[2]), row[3]) for row in _rows(store, wanted)}
    return found


def below(store: Store, agency_id: str) -> frozenset[str]:
    """Return an agency and everything under it; an unknown agency stands alone."""
    wanted = select(agency_closure.c.descendant_id).where(agency_closure.c.ancestor_id == agency_id)
    return frozenset(row[0] for row in _rows(store, wanted)) | {agency_id}


def above(store: Store, ids: Iterable[str]) -> dict[str, list[str]]:
    """Return {agency: itself and every unit it answers to, by any path}."""
    found: dict[str, list[str]] = {}
    for chunk in batched(sorted({item for item in ids if item}), _BATCH):
        wanted = (
            select(agency_closure.c.descendant_id, agency_closure.c.ancestor_id)
            .where(agency_closure.c.descendant_id.in_(chunk))
            .order_by(agency_closure.c.descendant_id, agency_closure.c.ancestor_id)
        )
        for descendant, ancestor in _rows(store, wanted):
            found.setdefault(descendant, []).append(ancestor)
    return found
