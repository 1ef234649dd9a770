# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments change hands: handed over by whoever assigns, taken over from who left.

The assignment of a predecessor stays, as handed over, beside the one of the successor.  Where
the predecessor still works here, whoever assigns confirms a take-over first.
"""

from __future__ import annotations

from typing import Any

from geoapi.assignment_work import create, locked
from geoapi.assignments import ACTIVE, KIND, edit_scopes
from geoapi.errors import ConflictError, InvalidDocumentError, NotFoundError, Problem
from geoapi.record_writing import documents, put
from geoapi.revisions import COLLECTION, TABLE, WriteContext, document_of, instant
from geoapi.rights import require
from geoapi.site import Site
from geoapi.store import Transaction, accounts, changes, features
from geoapi.store import assignments as rows
from geoapi.store.assignments import Wanted
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject, Scope

# What may change hands: also a finished place, which its successor looks after.
_LIVING = ACTIVE | {"verified"}
_OWN_WORK = ("create", "update", "replace", "submit", "import")
_EVERYWHERE = (Scope(),)


def hand_over(site: Site, context: WriteContext, item_id: str, owner_id: str) -> str:
    """Give an assignment to another officer, or with '' to the office; return the new one's id.

    Raises:
        NotFoundError: there is none inside the viewer's scope.
        ConflictError: it is over, or the officer has it already.
        InvalidDocumentError: no reason, or the officer may not edit there.
    """
    held = require(context.viewer, "assignments.manage")
    _require_reason(context)

    def write(transaction: Transaction) -> str:
        found = document_of(locked(transaction, context, item_id, held))
        if (found["properties"].get("owner_id") or "") == owner_id:
            raise ConflictError("assignments.has_it_already")
        return pass_on(transaction, context, found, owner_id)

    return site.store.write(write)


def hand_over_all(site: Site, context: WriteContext, from_id: str, to_id: str) -> int:
    """Give everything that one officer has, inside the viewer's scope, to another; count it.

    Raises:
        InvalidDocumentError: no reason, both are the same, or the officer may not edit there.
    """
    held = require(context.viewer, "assignments.manage")
    _require_reason(context)
    if not from_id or from_id == to_id:
        raise _problem("assignments.two_officers", "/to")

    def write(transaction: Transaction) -> int:
        wanted = Wanted(held, from_id, states=tuple(_LIVING), limit=100_000)
        found = rows.rows(transaction.connection, wanted)
        for row in found:
            again = locked(transaction, context, row.id, held)
            pass_on(transaction, context, document_of(again), to_id)
        return len(found)

    return site.store.write(write)


def take_over(site: Site, context: WriteContext, item_id: str) -> str:
    """Take an assignment of the own office over, or ask for it; say which.

    Returns:
        ``taken``, or ``asked`` when the colleague still works here.

    Raises:
        NotFoundError: there is none where the viewer may edit.
        ConflictError: somebody was faster.
        InvalidDocumentError: no reason.
    """
    held = require(context.viewer, "points.edit")

    def write(transaction: Transaction) -> str:
        found = document_of(locked(transaction, context, item_id, held))
        return _take(transaction, context, found)

    return site.store.write(write)


def take_over_point(site: Site, context: WriteContext, point_id: str) -> str:
    """Take over the point of a predecessor, whether it was assigned or not; see `take_over`.

    Raises:
        NotFoundError: there is no such point where the viewer may edit.
        ConflictError, InvalidDocumentError: see `take_over`.
    """
    held = require(context.viewer, "points.edit")
    _require_reason(context)

    def write(transaction: Transaction) -> str:
        connection = transaction.connection
        row = None
        if "\0" not in point_id:
            row = features.get_row(connection, TABLE, point_id, WORKING, scopes=held, lock=True)
        if row is None:
            raise NotFoundError("assignments.point_not_found")
        living = [
            found
            for found in documents(connection, KIND, point_id=point_id)
            if found["properties"]["state"] in _LIVING
        ]
        if living:
            return _take(transaction, context, living[-1])
        predecessor = _last_editor(transaction, point_id)
        owner = predecessor if _is_at_work(transaction, predecessor) else ""
        if owner == context.viewer.user_id:
            owner = ""
        made = create(
            transaction, context, {"point_id": point_id, "owner_id": owner or None}, _EVERYWHERE
        )
        return _take(transaction, context, made)

    return site.store.write(write)


def _last_editor(transaction: Transaction, point_id: str) -> str:
    """Return who last worked on a point, from its history; '' for nobody."""
    history = changes.read_history(transaction.connection, COLLECTION, point_id, _EVERYWHERE)
    own = [entry for entry in history if entry["operation"] in _OWN_WORK]
    return str(own[-1]["actor_id"]) if own else ""


def _is_at_work(transaction: Transaction, user_id: str) -> bool:
    """Say whether a user is enabled and may edit somewhere today."""
    user = accounts.user_by_id(transaction.connection, user_id)
    return user is not None and user.disabled_at is None and bool(edit_scopes(transaction, user_id))


def _take(transaction: Transaction, context: WriteContext, found: JsonObject) -> str:
    viewer_id, properties = context.viewer.user_id, found["properties"]
    if properties["state"] not in _LIVING:
        raise ConflictError("assignments.taken_by_another")
    owner_id = properties.get("owner_id") or ""
    if owner_id == viewer_id:
        return "taken"
    if not owner_id:
        _own(transaction, context, found)
        return "taken"
    _require_reason(context)
    if not _is_at_work(transaction, owner_id):
        pass_on(transaction, context, found, viewer_id)
        return "taken"
    if properties.get("requested_by") not in (None, viewer_id):
        raise ConflictError("assignments.asked_by_another")
    asked = {**properties, "requested_by": viewer_id, "requested_reason": context.reason}
    if asked != properties:
        put(transaction, context, KIND, {**found, "properties": asked}, "update")
    return "asked"


def _own(transaction: Transaction, context: WriteContext, found: JsonObject) -> None:
    """Make an assignment of the office the viewer's own."""
    accepted_at = found["properties"].get("accepted_at") or instant(transaction.now)
    own = {
        **found["properties"], "owner_id": context.viewer.user_id, "accepted_at": accepted_at,
    }  # fmt: skip
    put(transaction, context, KIND, {**found, "properties": own}, "update")


def answer_request(site: Site, context: WriteContext, item_id: str, *, accept: bool) -> None:
    """Confirm that a colleague takes an assignment over, or decline it.

    Raises:
        NotFoundError: there is none inside the viewer's scope.
        ConflictError: nobody asks for it any more.
        InvalidDocumentError: the colleague may no longer edit there.
    """
    held = require(context.viewer, "assignments.manage")

    def write(transaction: Transaction) -> None:
        found = document_of(locked(transaction, context, item_id, held))
        properties = found["properties"]
        asking = properties.get("requested_by")
        if not asking or properties["state"] not in _LIVING:
            raise ConflictError("assignments.nobody_asks")
        if accept:
            pass_on(transaction, context, found, asking)
            return
        declined = {**properties, "requested_by": None, "requested_reason": None}
        put(transaction, context, KIND, {**found, "properties": declined}, "update")

    site.store.write(write)


def pass_on(
    transaction: Transaction, context: WriteContext, found: JsonObject, owner_id: str
) -> str:
    """End an assignment as handed over and open the successor's; both stay in the history."""
    properties = found["properties"]
    if properties["state"] not in _LIVING:
        raise ConflictError("assignments.taken_by_another")
    ended = {
        **properties, "state": "handed_over", "requested_by": None, "requested_reason": None,
    }  # fmt: skip
    put(transaction, context, KIND, {**found, "properties": ended}, "update")
    is_own = owner_id == context.viewer.user_id
    following = {
        **ended,
        "state": "assigned",
        "owner_id": owner_id or None,
        "accepted_at": instant(transaction.now) if is_own else None,
        "predecessor_id": found["id"],
    }
    made = create(transaction, context, following, _EVERYWHERE)
    ended["successor_id"] = made["id"]
    put(transaction, context, KIND, {**found, "properties": ended}, "update")
    return str(made["id"])


def _require_reason(context: WriteContext) -> None:
    if not context.reason.strip():
        raise _problem("assignments.reason_missing", "/reason")


def _problem(message_id: str, pointer: str, **params: Any) -> InvalidDocumentError:  # noqa: ANN401
    problem = Problem(message_id, pointer, params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)
