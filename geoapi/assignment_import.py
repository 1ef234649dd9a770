# SPDX-License-Identifier: GPL-2.0-or-later
"""Merge a list of assignments into the store: new ones, new due days, other officers."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from geoapi.assignment_work import create
from geoapi.assignments import ACTIVE, KIND, same_places
from geoapi.record_writing import documents, put
from geoapi.revisions import WriteContext
from geoapi.rights import require
from geoapi.store import Transaction
from geoapi.take_over import pass_on
from geoapi.types import JsonObject

# What a list may change of an assignment that is there already.
_SAID = ("due_on", "campaign", "letter_no", "note")


def put_assignments(
    transaction: Transaction, context: WriteContext, rows: Iterable[JsonObject]
) -> dict[str, int]:
    """Store assignments; what is assigned already gets its new due day and officer.

    Args:
        transaction: the write it belongs to.
        context: who imports.
        rows: properties of assignments, checked row by row.

    Returns:
        Counts of created, changed and unchanged assignments.

    Raises:
        ForbiddenError: one lies outside the importer's scope; nothing is stored.
    """
    held = require(context.viewer, "assignments.manage")
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    for properties in rows:
        known = _known(transaction.connection, properties)
        if known is None:
            create(transaction, context, properties, held)
            counts["created"] += 1
        else:
            is_changed = _update(transaction, context, known, properties)
            counts["changed" if is_changed else "unchanged"] += 1
    return counts


def _known(connection: Connection, properties: JsonObject) -> JsonObject | None:
    """Return the unfinished assignment of a place, or a finished one of the same campaign."""
    point_id = properties.get("point_id")
    if point_id:
        found = documents(connection, KIND, point_id=point_id)
    else:
        ids = same_places(connection, properties)
        found = [one for item_id in ids for one in documents(connection, KIND, id=item_id)]
    for one in found:
        if one["properties"]["state"] in ACTIVE:
            return one
    campaign = properties.get("campaign")
    for one in found:
        own = one["properties"]
        if own["state"] == "verified" and own.get("campaign") == campaign:
            return one
    return None


def _update(
    transaction: Transaction, context: WriteContext, known: JsonObject, properties: JsonObject
) -> bool:
    """Take over what a list says of an assignment; say whether that changed anything."""
    before = known["properties"]
    said = {name: properties[name] for name in _SAID if name in properties}
    owner_id = properties.get("owner_id")
    if owner_id and not before.get("owner_id"):
        said["owner_id"] = owner_id
    after = {**before, **said}
    is_changed = bool(after != before)
    document = {**known, "properties": after}
    if is_changed:
        put(transaction, context, KIND, document, "import")
    if owner_id and after.get("owner_id") != owner_id:
        pass_on(transaction, context, document, owner_id)
        return True
    return is_changed
