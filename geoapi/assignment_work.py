# SPDX-License-Identifier: GPL-2.0-or-later
"""Work on assignments: assign many points at once, start an assigned place."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from geoapi import document
from geoapi.assignments import ACTIVE, KIND, scope_of
from geoapi.dependants import write_point
from geoapi.errors import ConflictError, ForbiddenError, NotFoundError
from geoapi.preconditions import precondition_failed
from geoapi.record_writing import put
from geoapi.revisions import TABLE, Edit, WriteContext, document_of, instant
from geoapi.rights import require
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store import assignments as rows
from geoapi.store.assignments import PointChoice
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject, Scope
from geoapi.workflow import state_after_edit

_NEW_POINT = (
    "name_th", "name_en", "category", "official_id", "agency_id", "address_th",
    "province_code", "district_code", "subdistrict_code",
)  # fmt: skip
# Of a place whose type nobody said; the officer corrects it.
_OTHER_CATEGORY = "other"


@dataclass(frozen=True)
class Order:
    """Which points to give to whom, and until when.

    Attributes:
        agency_id: points of this office and those below it, '' for all.
        area_code: points inside this area, '' for all.
        category: points of this category, '' for all.
        owner_id: the officer, '' for the office as a whole.
        due_on: ISO day, '' for none.
        campaign: the project it belongs to.
        letter_no: number of the letter that orders it.
        note: words for the officer.
    """

    agency_id: str = ""
    area_code: str = ""
    category: str = ""
    owner_id: str = ""
    due_on: str = ""
    campaign: str = ""
    letter_no: str = ""
    note: str = ""


def locked(
    transaction: Transaction,
    context: WriteContext,
    item_id: str,
    held: tuple[Scope, ...],
    *,
    or_own: bool = False,
) -> FeatureRow:
    """Lock an assignment inside the scopes, or an own one, and return its row.

    Raises:
        NotFoundError: there is none, or the viewer may not know of it.
        PreconditionFailedError: it is not the revision that the viewer saw.
    """
    connection, table = transaction.connection, KIND.collection.table
    if "\0" in item_id:  # PostgreSQL can't be asked for it
        raise NotFoundError("assignments.not_found")
    row = features.get_row(connection, table, item_id, WORKING, scopes=held, lock=True)
    if row is None and or_own:
        row = features.get_own_row(connection, table, item_id, context.viewer.user_id, lock=True)
    if row is None:
        raise NotFoundError("assignments.not_found")
    wanted = context.if_match
    if wanted is not None and "*" not in wanted and row.etag not in wanted:
        raise precondition_failed(row)
    return row


def start(site: Site, context: WriteContext, item_id: str) -> str:
    """Accept an assignment and return the id of its point, which is made when there is none.

    The new point has the Thai name and the type that were assigned; starting again changes
    nothing.  What belongs to the office as a whole becomes the viewer's.

    Raises:
        NotFoundError: there is no such assignment, or the viewer may not know of it.
        ForbiddenError: it is a colleague's, or the viewer may not edit there.
        ConflictError: it is over.
    """
    viewer = context.viewer
    held = require(viewer, "points.edit")

    def write(transaction: Transaction) -> str:
        found = document_of(locked(transaction, context, item_id, held, or_own=True))
        properties = found["properties"]
        if properties["state"] not in ACTIVE and properties["state"] != "verified":
            raise ConflictError("assignments.over")
        if properties.get("owner_id") not in (None, "", viewer.user_id):
            raise ForbiddenError("assignments.a_colleagues")
        point_id = properties.get("point_id") or _make_point(transaction, context, found, held)
        accepted_at = properties.get("accepted_at") or instant(transaction.now)
        changed = {
            **properties, "owner_id": viewer.user_id, "point_id": point_id,
            "accepted_at": accepted_at,
        }  # fmt: skip
        if changed != properties:
            put(transaction, context, KIND, {**found, "properties": changed}, "update")
        return str(point_id)

    return site.store.write(write)


def _make_point(
    transaction: Transaction, context: WriteContext, assignment: JsonObject, held: tuple[Scope, ...]
) -> str:
    """Create the unplaced point of an assignment, or find the one of its official id."""
    connection, properties = transaction.connection, assignment["properties"]
    official_id = properties.get("official_id")
    known = rows.points_by(connection, "official_id", official_id) if official_id else []
    point_id = known[0] if known else str(uuid.uuid4())
    if not known:
        filled = {name: properties[name] for name in _NEW_POINT if properties.get(name)}
        feature: JsonObject = {
            "type": "Feature",
            "geometry": None,
            "properties": {"category": _OTHER_CATEGORY, **filled},
        }
        document.check(feature)
        kept = document.normalised(feature, point_id)
        editors = (context.viewer.user_id,)
        edit = Edit(kept, state_after_edit(kept), "create", context.reason, editors)
        write_point(transaction, context, edit, None)
    if features.get_row(connection, TABLE, point_id, WORKING, scopes=held) is None:
        raise ForbiddenError("auth.outside_scope")
    return point_id


def assign_points(site: Site, context: WriteContext, order: Order) -> int:
    """Assign all points of an order that have no finished place and nobody working on them.

    Raises:
        ForbiddenError: the viewer assigns nothing, or not there.
        InvalidDocumentError: the officer is unknown or may not edit one of them.
    """
    held = require(context.viewer, "assignments.manage")
    choice = PointChoice(held, order.agency_id, order.area_code, order.category)
    said = {
        "owner_id": order.owner_id, "due_on": order.due_on, "campaign": order.campaign,
        "letter_no": order.letter_no, "note": order.note,
    }  # fmt: skip
    given: JsonObject = {name: value or None for name, value in said.items()}

    def write(transaction: Transaction) -> int:
        point_ids = rows.points_to_assign(transaction.connection, choice)
        for point_id in point_ids:
            create(transaction, context, {**given, "point_id": point_id}, held)
        return len(point_ids)

    return site.store.write(write)


def create(
    transaction: Transaction,
    context: WriteContext,
    properties: JsonObject,
    held: tuple[Scope, ...],
) -> JsonObject:
    """Store a new assignment inside the scopes of whoever assigns; return its document.

    Raises:
        ForbiddenError: it lies outside of them.
        InvalidDocumentError, ConflictError: see :mod:`geoapi.assignments`.
    """
    feature: JsonObject = {
        "type": "Feature",
        "id": str(uuid.uuid4()),
        "geometry": None,
        "properties": {"state": "assigned", **properties},
    }
    stored = put(transaction, context, KIND, feature, "create").feature
    if not rows.covers(transaction.connection, held, scope_of(stored["properties"])):
        raise ForbiddenError("auth.outside_scope")
    return stored
