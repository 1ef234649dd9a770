# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of assignments and tasks as pages show them, with the reader's rights in each query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import orjson
from sqlalchemy import Connection

from geoapi.assignments import ACTIVE, OFFICER_ROLES, is_overdue
from geoapi.errors import NotFoundError
from geoapi.managers import today
from geoapi.record_collections import TASKS
from geoapi.revisions import document_of
from geoapi.rights import Viewer, require, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow
from geoapi.store import assignments as rows
from geoapi.store.assignments import Wanted
from geoapi.store.query import ItemQuery, read_page
from geoapi.tasks import OPEN
from geoapi.types import JsonObject

LIVING = (*sorted(ACTIVE), "verified")


@dataclass(frozen=True)
class AssignmentView:
    """An assignment as a page shows it.

    Attributes:
        id: its id.
        etag: of the revision shown.
        properties: of the document.
        days_late: since the due day, 0 when it is not overdue.
        owner: display name of the officer, '' for the office as a whole.
        requester: display name of who wants to take it over, '' for nobody.
    """

    id: str
    etag: str
    properties: JsonObject
    days_late: int
    owner: str
    requester: str

    @property
    def state(self) -> str:
        """Return the state to show: ``overdue`` stands over the stored one."""
        return "overdue" if self.days_late else str(self.properties["state"])


def _views(connection: Connection, found: Iterable[FeatureRow], day: date) -> list[AssignmentView]:
    documents = [(row, document_of(row)["properties"]) for row in found]
    people = {p.get(n) for _, p in documents for n in ("owner_id", "requested_by")} - {None, ""}
    names = rows.display_names(connection, sorted(str(person) for person in people))
    return [
        AssignmentView(
            row.id,
            row.etag,
            properties,
            _days_late(properties, day),
            names.get(properties.get("owner_id") or "", ""),
            names.get(properties.get("requested_by") or "", ""),
        )
        for row, properties in documents
    ]


def _days_late(properties: JsonObject, day: date) -> int:
    if not is_overdue(properties, day):
        return 0
    return (day - date.fromisoformat(properties["due_on"])).days


def open_for(site: Site, viewer: Viewer, limit: int) -> list[AssignmentView]:
    """Return what a user still has to do, overdue and then by due day."""
    return mine(site, viewer, tuple(sorted(ACTIVE)), limit)


def mine(
    site: Site, viewer: Viewer, states: tuple[str, ...], limit: int, offset: int = 0
) -> list[AssignmentView]:
    """Return a user's own assignments of some states, those due first at the beginning."""
    if viewer.is_anonymous:
        return []
    wanted = Wanted(owner_id=viewer.user_id, states=states, limit=limit, offset=offset)
    return _read(site, wanted)


def of_office(site: Site, viewer: Viewer, limit: int, offset: int = 0) -> list[AssignmentView]:
    """Return the living assignments where the viewer may edit."""
    held = require(viewer, "points.edit")
    return _read(site, Wanted(held, states=LIVING, limit=limit, offset=offset))


def _read(site: Site, wanted: Wanted) -> list[AssignmentView]:
    day = today(site.clock())

    def read(connection: Connection) -> list[AssignmentView]:
        return _views(connection, rows.rows(connection, wanted), day)

    return site.store.read(read)


@dataclass(frozen=True)
class Managed:
    """What whoever assigns sees.

    Attributes:
        found: one page of assignments.
        total: how many match.
        districts: {district code: {state: number}}.
        agencies: {agency id: {state: number}}.
    """

    found: list[AssignmentView]
    total: int
    districts: dict[str, dict[str, int]]
    agencies: dict[str, dict[str, int]]


def managed(site: Site, viewer: Viewer, wanted: Wanted) -> Managed:
    """Return assignments and numbers inside the scope of whoever assigns.

    Raises:
        ForbiddenError: the viewer assigns nothing.
    """
    held = require(viewer, "assignments.manage")
    day = today(site.clock())
    wanted = replace(wanted, scopes=held)
    everything = replace(wanted, states=(), overdue_on="")

    def read(connection: Connection) -> Managed:
        return Managed(
            _views(connection, rows.rows(connection, wanted), day),
            rows.count(connection, wanted),
            rows.counts(connection, everything, "district_code", day.isoformat()),
            rows.counts(connection, everything, "agency_id", day.isoformat()),
        )

    return site.store.read(read)


def one(site: Site, viewer: Viewer, item_id: str) -> AssignmentView:
    """Return an assignment inside the scope of whoever assigns.

    Raises:
        NotFoundError: there is none.
        ForbiddenError: the viewer assigns nothing.
    """
    held = require(viewer, "assignments.manage")
    found = [] if "\0" in item_id else _read(site, Wanted(held, item_id=item_id))
    if not found:
        raise NotFoundError("assignments.not_found")
    return found[0]


def officers(site: Site, viewer: Viewer) -> list[tuple[str, str, str]]:
    """Return (id, username, display name) of those to whom the viewer can assign."""
    held = require(viewer, "assignments.manage")
    day = today(site.clock())
    return site.store.read(lambda c: rows.officers(c, held, OFFICER_ROLES, day))


def offices(site: Site, viewer: Viewer) -> list[tuple[str, str, str, str]]:
    """Return (id, code, Thai name, English name) of the offices where the viewer assigns."""
    held = require(viewer, "assignments.manage")
    return site.store.read(lambda c: rows.offices(c, held))


def open_tasks(site: Site, viewer: Viewer, limit: int = 200) -> tuple[list[JsonObject], ...]:
    """Return (own open tasks, those of the office), by due day, those without one last."""
    held = scopes(viewer, "points.edit")

    def read(owner_id: str) -> list[JsonObject]:
        about = (("state", OPEN), ("owner_id", owner_id))
        query = ItemQuery(
            TASKS.source, scopes=held, owner_id=viewer.user_id, equals=about,
            sort=(("due_on", False),), limit=limit,
        )  # fmt: skip
        found = [orjson.loads(text) for text in read_page(site.store, query).features]
        return sorted(found, key=lambda task: task["properties"].get("due_on") or "9")

    if viewer.is_anonymous:
        return [], []
    return read(viewer.user_id), read("")


def owners(site: Site, viewer: Viewer) -> list[tuple[str, str, int]]:
    """Return (id, display name, how many) of officers who have something in the viewer's scope."""
    held = require(viewer, "assignments.manage")
    return site.store.read(lambda c: rows.owners(c, held))


def district_codes(site: Site) -> list[str]:
    """Return the codes of all districts."""
    return [code for code, _, _ in site.store.read(rows.districts)]


def point_names(site: Site, point_ids: Iterable[str | None]) -> dict[str, tuple[str, str]]:
    """Return {id: (Thai name, English name)} of points named by tasks that the reader may see."""
    wanted = sorted({item_id for item_id in point_ids if item_id})
    return site.store.read(lambda c: rows.point_names(c, wanted)) if wanted else {}
