# SPDX-License-Identifier: GPL-2.0-or-later
"""The task of a point to declare which copies it asks for: one per point, closed by itself."""

from __future__ import annotations

import uuid

from geoapi.copy_badge import UNKNOWN
from geoapi.point_records import scope_of_point
from geoapi.record_collections import TASKS
from geoapi.record_kind import RecordKind
from geoapi.record_writing import documents, put
from geoapi.revisions import WriteContext
from geoapi.store import Transaction, features
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject

TASK = "declare_copies"
OPEN, DONE = "open", "done"
_TASK_IDS = uuid.UUID("3d0c1a63-64a0-5b27-9a3e-7c2d7f2a8d10")
KIND = RecordKind(TASKS, scope=scope_of_point)


def task_id(point_id: str) -> str:
    """Return the id of a point's task, the same on every site."""
    return str(uuid.uuid5(_TASK_IDS, point_id))


def ask(transaction: Transaction, context: WriteContext, point_id: str) -> bool:
    """Open the task of a point, again when it was done; say whether it was not open before."""
    known = documents(transaction.connection, KIND, id=task_id(point_id))
    if known and known[0]["properties"].get("state") == OPEN:
        return False
    _put(transaction, context, point_id, OPEN)
    return True


def settle(transaction: Transaction, context: WriteContext, point_id: str) -> None:
    """Close the task of a point when none of its copies is unknown any more."""
    connection = transaction.connection
    known = documents(connection, KIND, id=task_id(point_id))
    if not known or known[0]["properties"].get("state") != OPEN:
        return
    rows = features.rows_where(connection, "copy_requirement", WORKING, {"point_id": point_id})
    if all(row.copy_class != UNKNOWN for row in rows):
        _put(transaction, context, point_id, DONE)


def task_of(point_id: str, state: str) -> JsonObject:
    """Return the task of a point as a document."""
    properties = {"kind": TASK, "point_id": point_id, "state": state}
    return {
        "type": "Feature",
        "id": task_id(point_id),
        "geometry": None,
        "properties": properties,
    }


def _put(transaction: Transaction, context: WriteContext, point_id: str, state: str) -> None:
    put(transaction, context, KIND, task_of(point_id, state), "derive")
