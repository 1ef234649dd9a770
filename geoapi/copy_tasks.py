# SPDX-License-Identifier: GPL-2.0-or-later
"""The task of a point to declare which copies it asks for: one per point, closed by itself."""

from __future__ import annotations

from geoapi import tasks
from geoapi.copy_badge import UNKNOWN
from geoapi.record_writing import documents
from geoapi.revisions import WriteContext
from geoapi.store import Transaction, features
from geoapi.store.tables import WORKING
from geoapi.tasks import Task
from geoapi.types import JsonObject

KIND = tasks.KIND
TASK = "declare_copies"


def ask(transaction: Transaction, context: WriteContext, point_id: str) -> None:
    """Open the task of a point, again when it was done."""
    tasks.open_task(transaction, context, kind=TASK, point_id=point_id)


def settle(transaction: Transaction, context: WriteContext, point_id: str) -> None:
    """Close the task of a point when none of its copies is unknown any more."""
    connection = transaction.connection
    task = Task(TASK, point_id=point_id)
    if not documents(connection, KIND, id=tasks.task_id(task), state=tasks.OPEN):
        return
    rows = features.rows_where(connection, "copy_requirement", WORKING, {"point_id": point_id})
    if all(row.copy_class != UNKNOWN for row in rows):
        tasks.settle(transaction, context, task)


def open_document(point_id: str) -> JsonObject:
    """Return the open task of a point as a document."""
    properties = {"kind": TASK, "point_id": point_id, "state": tasks.OPEN}
    return {
        "type": "Feature",
        "id": tasks.task_id(Task(TASK, point_id=point_id)),
        "geometry": None,
        "properties": properties,
    }
