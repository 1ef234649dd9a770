# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody has to do next: tasks opened and closed in the transaction of their cause.

A task without owner belongs to the office that works on its point.  The id of a task follows
from what it is about, so that the same cause never opens two.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from sqlalchemy import Connection

from geoapi.codes import code_list
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.point_records import AREA_MEMBERS, point_row, scope_of_point, with_areas
from geoapi.point_steps import PointStep
from geoapi.record_collections import TASKS
from geoapi.record_kind import RecordKind
from geoapi.record_writing import documents, put, remove
from geoapi.revisions import WriteContext
from geoapi.store import Transaction, accounts
from geoapi.types import JsonObject, Scope

OPEN, DONE = "open", "done"
# States of a point at which nothing remains to be done.
_OVER = frozenset({"withdrawn", "closed", "moved", "merged"})
_TASK_IDS = uuid.UUID("8d8b9b0e-1c8f-5a5d-9d43-5a3f0e2b7c11")


@dataclass(frozen=True)
class Task:
    """Something to do.

    Attributes:
        kind: code of the list ``task_kind``.
        owner_id: the user, '' for the whole office.
        point_id: what it is about, '' when there is no point yet.
        service_id: the service, '' when it is about none.
        assignment_id: the assignment it comes from, '' for none.
        due_on: ISO day, '' for none.
        note: words for whoever does it, such as a reviewer's.
        name_th: of the place, while there is no point.
        scope: office and area while there is no point.
    """

    kind: str
    owner_id: str = ""
    point_id: str = ""
    service_id: str = ""
    assignment_id: str = ""
    due_on: str = ""
    note: str = ""
    name_th: str = ""
    scope: Scope = field(default_factory=Scope)


def _complete(
    transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    """Check the kind and take over the areas of the point.

    Raises:
        InvalidDocumentError: the kind is unknown.
    """
    properties = feature["properties"]
    kind = properties.get("kind")
    if kind not in code_list("task_kind").codes:
        problem = Problem("tasks.unknown_kind", "/properties/kind", params={"kind": kind})
        raise InvalidDocumentError("tasks.unknown_kind", problems=(problem,), kind=kind)
    point_id = properties.get("point_id")
    row = point_row(transaction.connection, point_id) if point_id else None
    return feature if row is None else with_areas(row, feature)


def _scope(connection: Connection, feature: JsonObject) -> Scope:
    properties = feature["properties"]
    if properties.get("point_id"):
        return scope_of_point(connection, feature)
    area = properties.get("district_code") or properties.get("province_code") or ""
    return Scope(properties.get("agency_id") or "", area)


KIND = RecordKind(TASKS, complete=_complete, scope=_scope)


def task_id(task: Task) -> str:
    """Return the id of a task, the same whenever the same is to be done.

    >>> task_id(Task("pin_place", due_on="2026-12-01")) == task_id(Task("pin_place"))
    True
    """
    about = (task.kind, task.point_id, task.service_id, task.assignment_id)
    if task.assignment_id:  # goes on when the place is handed over or gets its point
        about = (task.kind, "", "", task.assignment_id)
    return str(uuid.uuid5(_TASK_IDS, "/".join(about)))


def open_task(
    transaction: Transaction,
    context: WriteContext,
    *,
    kind: str,
    point_id: str,
    service_id: str = "",
    due_on: str | None = None,
) -> str:
    """Open a task of a point's office, again when it was done; return its id.

    Args:
        transaction: the write that causes it.
        context: who and why.
        kind: code of the list ``task_kind``.
        point_id: id of the service point.
        service_id: id of the service, '' when it is about none.
        due_on: ISO day.
    """
    return ask(transaction, context, Task(kind, "", point_id, service_id, due_on=due_on or ""))


def ask(transaction: Transaction, context: WriteContext, task: Task) -> str:
    """Open a task, or bring an open one up to date; return its id."""
    item_id = task_id(task)
    known = documents(transaction.connection, KIND, id=item_id)
    properties: JsonObject = {
        name: getattr(task, name) or None
        for name in ("kind", "owner_id", "point_id", "service_id", "assignment_id", "due_on")
    }
    properties |= {"note": task.note or None, "name_th": task.name_th or None, "state": OPEN}
    if not task.point_id:
        area = task.scope.area_code
        properties |= {
            "agency_id": task.scope.agency_id or None,
            "province_code": area[:2] or None,
            "district_code": area[:4] if len(area) >= 4 else None,  # noqa: PLR2004 - digits
        }
    feature: JsonObject = {
        "type": "Feature", "id": item_id, "geometry": None, "properties": properties,
    }  # fmt: skip
    if known and _says_the_same(known[0]["properties"], properties):
        return item_id
    put(transaction, context, KIND, feature, "update" if known else "create")
    return item_id


def _says_the_same(known: JsonObject, wanted: JsonObject) -> bool:
    areas = {"province_code", "district_code"}
    return all(known.get(n) == wanted[n] for n in wanted if not (wanted["point_id"] and n in areas))


def close_task(
    transaction: Transaction,
    context: WriteContext,
    *,
    kind: str,
    point_id: str,
    service_id: str = "",
) -> None:
    """Close the open tasks of a kind about a point, and about a service when one is named."""
    about = {"kind": kind, "point_id": point_id, "state": OPEN}
    if service_id:
        about["service_id"] = service_id
    for task in documents(transaction.connection, KIND, **about):
        _close(transaction, context, task)


def settle(transaction: Transaction, context: WriteContext, task: Task) -> None:
    """Close a task when it is open."""
    for known in documents(transaction.connection, KIND, id=task_id(task), state=OPEN):
        _close(transaction, context, known)


def _close(transaction: Transaction, context: WriteContext, task: JsonObject) -> None:
    closed = {**task, "properties": {**task["properties"], "state": DONE}}
    put(transaction, context, KIND, closed, "update")


def follow_point(transaction: Transaction, step: PointStep) -> None:
    """Open and close tasks after a step in the life of a point."""
    context, connection = step.context, transaction.connection
    if step.after is None:
        for task in documents(connection, KIND, point_id=step.point_id):
            remove(transaction, context, KIND, task["id"])
        return
    state = step.after["properties"]["state"]
    if state in _OVER:
        for task in documents(connection, KIND, point_id=step.point_id, state=OPEN):
            _close(transaction, context, task)
        return
    if state in ("submitted", "verified"):
        close_task(transaction, context, kind="correct_point", point_id=step.point_id)
    if step.operation == "return":
        ask(transaction, context, _correction(connection, step))
    if step.before is not None and _place(step.before) != _place(step.after):
        # written anew, so that its scope is the point's again
        for task in documents(connection, KIND, point_id=step.point_id, state=OPEN):
            put(transaction, context, KIND, task, "update")


def _correction(connection: Connection, step: PointStep) -> Task:
    """Return the task of whoever submitted the point, with the reviewer's words."""
    submitted = step.before["properties"] if step.before is not None else {}
    sender = accounts.user_by_id(connection, str(submitted.get("updated_by") or ""))
    owner_id = sender.id if sender is not None and sender.disabled_at is None else ""
    return Task("correct_point", owner_id, step.point_id, note=step.context.reason)


def _place(point: JsonObject) -> tuple[str | None, ...]:
    return tuple(point["properties"].get(name) for name in ("agency_id", *AREA_MEMBERS))
