# SPDX-License-Identifier: GPL-2.0-or-later
"""Which services a point offers: one row per point and service, with what is different there."""

from __future__ import annotations

import uuid
from dataclasses import replace

from geoapi import copies, copy_summary
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.point_records import (
    AREA_MEMBERS,
    is_point_public,
    require_point,
    scope_of_point,
    with_areas,
)
from geoapi.point_steps import PointStep
from geoapi.record_collections import POINT_SERVICES
from geoapi.record_kind import RecordKind, nothing_more
from geoapi.record_writing import documents, public_documents, put, remove
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject

_ROW_IDS = uuid.UUID("0f0a6b55-3c51-5a7e-b8a1-1d1c7c5f2a90")
_IDENTITY = ("point_id", "service_id")
_LOCAL = ("local_documents", "local_fees")


def row_id(point_id: str, service_id: str) -> str:
    """Return the id that a row made by the server gets, the same on every site."""
    return str(uuid.uuid5(_ROW_IDS, f"{point_id}/{service_id}"))


def _complete(
    transaction: Transaction, _context: WriteContext, feature: JsonObject, before: JsonObject | None
) -> JsonObject:
    connection = transaction.connection
    point = require_point(connection, feature)
    said = (before or {}).get("properties", {})
    properties = {"is_offered": True, **feature["properties"]}
    copies.check_identity(connection, POINT_SERVICES.table, feature, said, _IDENTITY)
    copies.require_service(connection, properties["service_id"])
    problems = tuple(fee_problems(properties.get("local_fees") or [], "/properties/local_fees"))
    if problems:
        raise InvalidDocumentError("document.invalid", problems=problems)
    is_different = any(properties.get(name) for name in _LOCAL)
    properties["differs_from_guide"] = bool(properties.get("differs_from_guide")) or is_different
    return with_areas(point, {**feature, "properties": properties})


def fee_problems(fees: list[JsonObject], pointer: str) -> list[Problem]:
    """Return what a schema can't say of fees: an amount or a share, not both."""
    return [
        Problem("services.fee_twice", f"{pointer}/{index}/percent")
        for index, fee in enumerate(fees)
        if fee.get("amount_baht") is not None and fee.get("percent") is not None
    ]


def _after(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject | None,
    after: JsonObject | None,
) -> None:
    feature = after or before
    if feature is None:
        return
    point_id = feature["properties"]["point_id"]
    settle_offer(transaction, context, before, after)
    copy_summary.refresh_point(transaction, context, point_id)


def settle_offer(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject | None,
    after: JsonObject | None,
) -> int:
    """Make rows on copies for a service that is offered, remove them with the offer's row.

    Returns:
        How many rows of class unknown were made.
    """
    if after is None:
        if before is not None:
            _remove_copies(transaction, context, before["properties"])
        return 0
    properties = after["properties"]
    if not properties["is_offered"]:
        return 0
    service = copies.require_service(transaction.connection, properties["service_id"])
    listed = (*(service.get("documents") or ()), *(properties.get("local_documents") or ()))
    kinds = list(dict.fromkeys(entry["document_type"] for entry in listed))
    return copies.ensure_rows(
        transaction, context, properties["point_id"], properties["service_id"], kinds
    )


def _remove_copies(transaction: Transaction, context: WriteContext, properties: JsonObject) -> None:
    point_id, service_id = (properties[name] for name in _IDENTITY)
    for feature in documents(transaction.connection, copies.KIND, point_id=point_id):
        if feature["properties"]["service_id"] == service_id:
            remove(transaction, context, copies.QUIET_KIND, feature["id"])


KIND = RecordKind(
    POINT_SERVICES,
    complete=_complete,
    scope=scope_of_point,
    is_public=is_point_public,
    after=_after,
)
# For whoever writes several rows of a point and refreshes its summary once, at the end.
QUIET_KIND = replace(KIND, after=nothing_more)


def offer(transaction: Transaction, context: WriteContext, point_id: str, service_id: str) -> int:
    """Let a point offer a service, without refreshing its summary; return the new unknown rows."""
    values = {"point_id": point_id, "service_id": service_id, "is_offered": True}
    feature = {
        "type": "Feature",
        "id": row_id(point_id, service_id),
        "geometry": None,
        "properties": values,
    }
    put(transaction, context, QUIET_KIND, feature, "derive")
    return settle_offer(transaction, context, None, feature)


def follow_point(transaction: Transaction, step: PointStep) -> None:
    """Let services and copies follow their point: published, taken back, moved or removed."""
    connection = transaction.connection
    context = replace(step.context, receipt=None)
    for kind in (copies.QUIET_KIND, QUIET_KIND):
        found = documents(connection, kind, point_id=step.point_id)
        if not found:
            continue
        shown = public_documents(connection, kind, point_id=step.point_id)
        for feature in found:
            if step.after is None:
                remove(transaction, context, kind, feature["id"])
            elif _has_moved(step) or (len(shown) > 0) != step.is_public:
                put(transaction, context, kind, feature, "derive")


def _has_moved(step: PointStep) -> bool:
    """Say whether the point came under another agency or area."""
    before, after = ((part or {}).get("properties", {}) for part in (step.before, step.after))
    return any(before.get(name) != after.get(name) for name in ("agency_id", *AREA_MEMBERS))
