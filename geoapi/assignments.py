# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments: which place who has to put on the map, and until when.

An assignment names a point, or describes a place that has no point yet.  Its state follows the
point in the same transaction; only "handed over" and "cancelled" are somebody's decision.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from geoapi import tasks
from geoapi.errors import ConflictError, ForbiddenError, InvalidDocumentError, Problem
from geoapi.grants import grant_of
from geoapi.managers import today
from geoapi.point_records import AREA_MEMBERS, point_row, require_point, scope_of_point
from geoapi.point_steps import PointStep
from geoapi.record_collections import ASSIGNMENTS
from geoapi.record_kind import RecordKind
from geoapi.record_writing import documents, put
from geoapi.revisions import WriteContext, document_of, instant
from geoapi.rights import ROLE_PERMISSIONS, scopes
from geoapi.store import Transaction, accounts, features
from geoapi.store import assignments as rows
from geoapi.store.tables import PUBLISHED
from geoapi.tasks import Task
from geoapi.thai import search_text
from geoapi.types import JsonObject, Scope

ACTIVE = frozenset(rows.ACTIVE)
# Until then the place is still to be put on the map, and can be overdue.
UNPLACED = frozenset(rows.UNPLACED)
DECIDED = frozenset({"handed_over", "cancelled"})
OFFICER_ROLES = tuple(r for r, held in ROLE_PERMISSIONS.items() if "points.edit" in held)
_OF_POINT = ("name_th", "name_en", "category", "official_id", *AREA_MEMBERS)
# Set by the functions of this module and its neighbours; a client that leaves them out loses none.
_CARRIED = (
    "accepted_at", "point_state", "predecessor_id", "successor_id", "requested_by",
    "requested_reason",
)  # fmt: skip
_STATE_OF_POINT = {"submitted": "pinned", "verified": "verified", "returned": "accepted"}


def is_overdue(properties: JsonObject, day: date) -> bool:
    """Say whether an assignment is overdue on a day in Bangkok.

    >>> is_overdue({"due_on": "2026-11-23", "state": "accepted"}, date(2026, 11, 24))
    True
    >>> is_overdue({"due_on": "2026-11-24", "state": "accepted"}, date(2026, 11, 24))
    False
    """
    due_on: str = properties.get("due_on") or ""
    return due_on != "" and properties["state"] in UNPLACED and due_on < day.isoformat()


def state_of(properties: JsonObject, point_state: str | None) -> str:
    """Return the state of an assignment whose point is in a state, None without a point.

    >>> state_of({"state": "assigned"}, "submitted"), state_of({"state": "pinned"}, "returned")
    ('pinned', 'accepted')
    """
    said: str = properties.get("state") or "assigned"
    if said in DECIDED:
        return said
    if said == "surveyed" and point_state == "submitted":
        return said
    if point_state in _STATE_OF_POINT:
        return _STATE_OF_POINT[point_state]
    if point_state in (None, "unpinned", "draft"):
        return "accepted" if properties.get("accepted_at") else "assigned"
    # withdrawn, closed, moved: for whoever assigned it to decide
    return said if said in rows.ACTIVE else "assigned"


def _complete(
    transaction: Transaction,
    context: WriteContext,
    feature: JsonObject,
    before: JsonObject | None,
) -> JsonObject:
    """Fill in what the point says, derive the state, and refuse what can't be.

    Raises:
        InvalidDocumentError: no place, or an unknown point, agency or officer.
        ConflictError: the place is assigned already.
    """
    connection = transaction.connection
    earlier = before["properties"] if before is not None else {}
    carried = {name: earlier[name] for name in _CARRIED if name in earlier}
    properties = {**carried, **feature["properties"]}
    properties = _with_point(connection, properties, earlier)
    if not properties.get("name_th"):
        raise _problem("assignments.no_place", "/properties/name_th")
    _check_agency(connection, properties, earlier)
    properties["state"] = state_of(properties, properties["point_state"])
    if properties["state"] in ACTIVE:
        _check_single(connection, context, {**feature, "properties": properties}, earlier)
        if properties.get("owner_id") and properties["owner_id"] != earlier.get("owner_id"):
            _check_officer(transaction, properties)
    return {**feature, "geometry": None, "properties": properties}


def _with_point(connection: Connection, properties: JsonObject, earlier: JsonObject) -> JsonObject:
    point_id = properties.get("point_id")
    if not point_id:
        return _areas_filled({**properties, "point_id": None, "point_state": None})
    is_same = point_id == earlier.get("point_id")
    row = point_row(connection, point_id, lock=not is_same)
    if row is None and is_same:
        return properties  # what is over keeps the name of a point that is no more
    if row is None:
        row = require_point(connection, {"properties": properties})
    point = document_of(row)["properties"]
    taken = {name: point.get(name) for name in _OF_POINT}
    agency_id = properties.get("agency_id") or point.get("agency_id")
    return {**properties, **taken, "agency_id": agency_id, "point_state": point["state"]}


def _areas_filled(properties: JsonObject) -> JsonObject:
    """Take the wider areas of a place from the narrower ones.

    Raises:
        InvalidDocumentError: the codes disagree.
    """
    codes = [str(properties.get(name) or "") for name in AREA_MEMBERS]
    narrowest = max(codes, key=len)
    for code in codes:
        if not narrowest.startswith(code):
            params = {"inner": narrowest, "outer": code}
            pointer = "/properties/district_code"
            raise _problem("document.area_codes_disagree", pointer, **params)
    filled = {
        name: narrowest[:digits] if len(narrowest) >= digits else None
        for name, digits in zip(AREA_MEMBERS, (2, 4, 6), strict=True)
    }
    return {**properties, **filled}


def _check_agency(connection: Connection, properties: JsonObject, earlier: JsonObject) -> None:
    agency_id = properties.get("agency_id")
    if not agency_id or agency_id == earlier.get("agency_id"):
        return
    if features.get_row(connection, "agency", agency_id, PUBLISHED) is None:
        raise _problem("assignments.unknown_agency", "/properties/agency_id", agency=agency_id)


def _check_single(
    connection: Connection, context: WriteContext, feature: JsonObject, earlier: JsonObject
) -> None:
    """Refuse a second unfinished assignment of a place.

    Raises:
        ConflictError: there is one.
        ForbiddenError: there is one, and the writer may not know of it.
    """
    properties = feature["properties"]
    point_id = properties["point_id"]
    if point_id and earlier.get("state") in ACTIVE and point_id == earlier.get("point_id"):
        return
    if point_id:
        others = rows.active_of_point(connection, point_id)
    else:
        others = same_places(connection, properties)
    if set(others) <= {feature["id"]}:
        return
    viewer = context.viewer
    held = (*scopes(viewer, "assignments.manage"), *scopes(viewer, "points.edit"))
    if not rows.covers(connection, held, scope_of(properties)):
        raise ForbiddenError("auth.outside_scope")
    raise ConflictError("assignments.already_assigned", name=properties["name_th"])


def same_places(connection: Connection, properties: JsonObject) -> list[str]:
    """Return unfinished assignments, of the same office, of a place that has no point."""
    name_key = search_text(properties["name_th"])
    found = rows.active_places(connection, name_key, properties.get("district_code") or "")
    own = properties.get("agency_id") or ""
    return [item_id for item_id, agency_id in found if agency_id == own]


def _check_officer(transaction: Transaction, properties: JsonObject) -> None:
    """Refuse an officer who is unknown, disabled, or may not edit there."""
    owner_id = properties["owner_id"]
    user = accounts.user_by_id(transaction.connection, owner_id)
    if user is None or user.disabled_at is not None:
        raise _problem("assignments.unknown_officer", "/properties/owner_id")
    held = edit_scopes(transaction, owner_id)
    places = [scope_of(properties)]
    if properties["point_id"]:
        places.append(scope_of_point(transaction.connection, {"properties": properties}))
    if not all(rows.covers(transaction.connection, held, place) for place in places):
        raise _problem("assignments.officer_beyond", "/properties/owner_id")


def edit_scopes(transaction: Transaction, user_id: str) -> tuple[Scope, ...]:
    """Return where a user may edit points today."""
    day = today(transaction.now)
    return tuple(
        Scope(grant.agency_id, grant.area_code)
        for grant in accounts.grants_of(transaction.connection, [user_id])
        if grant.role in OFFICER_ROLES and grant_of(grant).holds_on(day)
    )


def scope_of(properties: JsonObject) -> Scope:
    """Return office and narrowest area of an assignment."""
    codes = [str(properties.get(name) or "") for name in AREA_MEMBERS]
    return Scope(properties.get("agency_id") or "", max(codes, key=len))


def _after(
    transaction: Transaction,
    context: WriteContext,
    _before: JsonObject | None,
    after: JsonObject | None,
) -> None:
    """Open and close the tasks that follow from an assignment."""
    document = after or _before
    if document is None:
        return
    properties = document["properties"]
    is_there = after is not None
    common: dict[str, Any] = {
        "assignment_id": document["id"],
        "point_id": properties.get("point_id") or "",
        "due_on": properties.get("due_on") or "",
        "name_th": properties["name_th"],
        "scope": scope_of(properties),
    }
    note = properties.get("note") or ""
    pinning = Task("pin_place", properties.get("owner_id") or "", note=note, **common)
    # a returned point has a task of its own, with the reviewer's words
    is_open = properties["state"] in UNPLACED and properties.get("point_state") != "returned"
    asked = Task("confirm_takeover", note=properties.get("requested_reason") or "", **common)
    for task, wanted in ((pinning, is_open), (asked, bool(properties.get("requested_by")))):
        if is_there and wanted:
            tasks.ask(transaction, context, task)
        else:
            tasks.settle(transaction, context, task)


KIND = RecordKind(
    ASSIGNMENTS,
    complete=_complete,
    scope=lambda _connection, feature: scope_of(feature["properties"]),
    after=_after,
)


def follow_point(transaction: Transaction, step: PointStep) -> None:
    """Let the assignments of a point follow it after a step in its life."""
    for found in documents(transaction.connection, KIND, point_id=step.point_id):
        properties = found["properties"]
        state = properties["state"]
        if step.after is None:
            changed = _without_point(properties)
        elif successor_id := _successor(step.after):
            changed = _at_successor(transaction.connection, properties, successor_id)
        else:
            changed = _beside_point(transaction, step, properties)
        if (state in ACTIVE or step.after is None) and changed != properties:
            put(transaction, step.context, KIND, {**found, "properties": changed}, "update")


def _without_point(properties: JsonObject) -> JsonObject:
    """Let the place wait for a new point; what is over stays over, without the point."""
    freed = {**properties, "point_id": None, "point_state": None}
    if properties["state"] == "verified":
        freed["state"] = "cancelled"
    return freed


def _successor(point: JsonObject) -> str:
    properties = point["properties"]
    return properties.get("successor_id") or "" if properties["state"] == "merged" else ""


def _at_successor(connection: Connection, properties: JsonObject, successor_id: str) -> JsonObject:
    """Go on with the point that a merge left; where that is assigned already, this one is over."""
    if rows.active_of_point(connection, successor_id):
        return {**properties, "state": "cancelled"}
    return {**properties, "point_id": successor_id}


def _beside_point(transaction: Transaction, step: PointStep, properties: JsonObject) -> JsonObject:
    point = step.after["properties"] if step.after is not None else {}
    taken = {name: point.get(name) for name in _OF_POINT}
    changed = {**properties, **taken, "point_state": point.get("state")}
    is_own = step.context.viewer.user_id == properties.get("owner_id")
    if is_own and not properties.get("accepted_at"):
        changed["accepted_at"] = instant(transaction.now)
    changed["state"] = state_of(changed, point.get("state"))
    return changed


def _problem(message_id: str, pointer: str, **params: Any) -> InvalidDocumentError:  # noqa: ANN401
    problem = Problem(message_id, pointer, params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)
