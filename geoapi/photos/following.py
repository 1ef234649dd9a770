# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos follow their point: public when it is verified, hidden and deleted when it is."""

from __future__ import annotations

from dataclasses import replace

from geoapi.photos import point_lists
from geoapi.photos.rules import HIDDEN, SHOWN, WAITING, photo_ids
from geoapi.point_records import AREA_MEMBERS
from geoapi.point_steps import PointStep
from geoapi.record_schemas import public_record
from geoapi.record_writing import documents, public_documents, put, remove
from geoapi.revisions import TABLE, document_of
from geoapi.store import Transaction, features
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject
from geoapi.workflow import TRANSITIONS

# Members that say when and by whom a record was written, not what it shows.
_STAMPS = frozenset({"revision", "created_at", "updated_at"})
_SAID = ("kind", "caption_th", "caption_en")


def follow_point(transaction: Transaction, step: PointStep) -> None:
    """Write in the same transaction what a step of the point means for its photos."""
    step = replace(step, context=replace(step.context, receipt=None, reason=""))
    photos = documents(transaction.connection, WAITING, point_id=step.point_id)
    if not photos:
        return
    seen = {
        photo["id"]: photo
        for photo in public_documents(transaction.connection, WAITING, point_id=step.point_id)
    }
    transition = TRANSITIONS.get(step.operation)
    if step.after is None:
        for photo in photos:
            _delete(transaction, step, photo["id"])
    elif step.operation == "discard":
        _discard(transaction, step, photos, seen)
    elif not step.is_public:
        for photo in photos:
            if photo["id"] in seen:
                put(transaction, step.context, HIDDEN, photo, step.operation)
    elif transition is not None and transition.publishes:
        for photo in photos:
            if _differs(photo, seen.get(photo["id"])):
                put(transaction, step.context, SHOWN, photo, step.operation)
    if step.after is not None and _has_moved(step):
        for photo in documents(transaction.connection, WAITING, point_id=step.point_id):
            put(transaction, step.context, WAITING, photo, step.operation)


def _delete(transaction: Transaction, step: PointStep, photo_id: str) -> None:
    remove(transaction, step.context, WAITING, photo_id)
    transaction.freed_photos.append(photo_id)


def _discard(
    transaction: Transaction,
    step: PointStep,
    photos: list[JsonObject],
    seen: dict[str, JsonObject],
) -> None:
    """Go back to what the public sees: photos that were never verified go as well."""
    public = features.get_row(transaction.connection, TABLE, step.point_id, PUBLISHED)
    kept = [] if public is None else photo_ids(document_of(public))
    for photo in photos:
        if photo["id"] not in kept:
            _delete(transaction, step, photo["id"])
        elif photo["id"] in seen:
            said = {n: seen[photo["id"]]["properties"].get(n) for n in _SAID}
            earlier = {**photo, "properties": {**photo["properties"], **said}}
            if earlier != photo:
                put(transaction, step.context, WAITING, earlier, step.operation)
    text = point_lists.rewrite(transaction, step.point_id, WORKING, kept)
    if text is not None:
        point_lists.tell(transaction, step.point_id, WORKING, text)


def _differs(photo: JsonObject, public: JsonObject | None) -> bool:
    if public is None:
        return True

    def shown(feature: JsonObject) -> JsonObject:
        properties = public_record(WAITING.collection.table, feature)["properties"]
        return {n: v for n, v in properties.items() if n not in _STAMPS}

    return shown(photo) != shown(public)


def _has_moved(step: PointStep) -> bool:
    if step.before is None or step.after is None:
        return False
    before, after = step.before["properties"], step.after["properties"]
    return any(before.get(name) != after.get(name) for name in (*AREA_MEMBERS, "agency_id"))
