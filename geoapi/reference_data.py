# SPDX-License-Identifier: GPL-2.0-or-later
"""Areas and agencies: published at once, written by imports, with history like everything else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

import orjson

from geoapi.collections import COLLECTIONS, Collection
from geoapi.feature_rows import RowStamp, build_row
from geoapi.revisions import WriteContext
from geoapi.store import Transaction, agencies, changes, features
from geoapi.store.changes import ChangeEntry
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject

AREA_COLLECTIONS: Mapping[str, Collection] = {
    level: COLLECTIONS[plural]
    for level, plural in (
        ("province", "provinces"),
        ("district", "districts"),
        ("subdistrict", "subdistricts"),
    )
}
_AGENCY_IDS = uuid.UUID("6f1d6c9e-6c0c-5d43-9a52-7f2f3f0f8f11")


def agency_id_of_code(code: str) -> str:
    """Return the id that an agency of an official code gets, the same on every site."""
    return str(uuid.uuid5(_AGENCY_IDS, code))


def put_areas(
    transaction: Transaction, context: WriteContext, documents: Iterable[JsonObject]
) -> dict[str, int]:
    """Store areas; ``id`` is the DOPA code.

    Returns:
        Counts of created, changed and unchanged areas.
    """
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    for document in documents:
        collection = AREA_COLLECTIONS[document["properties"]["level"]]
        scope = ("", document["properties"]["code"])
        counts[_put(transaction, context, collection, document, scope)] += 1
    return counts


def put_agencies(
    transaction: Transaction, context: WriteContext, documents: Iterable[JsonObject]
) -> dict[str, int]:
    """Store agencies and then their tree, by every path: parent and ``also_under``.

    Returns:
        Counts of created, changed and unchanged agencies.
    """
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    for document in documents:
        _keep_also_under(transaction, document)
        properties = document["properties"]
        area = properties.get("district_code") or properties.get("province_code") or ""
        scope = (document["id"], area)
        counts[_put(transaction, context, COLLECTIONS["agencies"], document, scope)] += 1
    if counts["created"] or counts["changed"]:
        agencies.rebuild_closure(transaction)
    return counts


def _keep_also_under(transaction: Transaction, document: JsonObject) -> None:
    """Keep the other units an agency answers to, when the source says nothing of them."""
    properties = document["properties"]
    if "also_under" in properties:
        return
    row = features.get_row(transaction.connection, "agency", document["id"], PUBLISHED)
    known = orjson.loads(row.feature)["properties"] if row is not None else {}
    if "also_under" in known:
        properties["also_under"] = known["also_under"]


def _put(
    transaction: Transaction,
    context: WriteContext,
    collection: Collection,
    document: JsonObject,
    scope: tuple[str, str],
) -> str:
    """Store one feature and its change entry; say what happened."""
    current = features.get_row(transaction.connection, collection.table, document["id"], PUBLISHED)
    now = transaction.now
    revision = 1 if current is None else current.revision + 1
    created_at = now if current is None else current.created_at
    stamp = RowStamp(PUBLISHED, revision, created_at, now, *scope)
    if current is not None:
        known = orjson.loads(current.feature)
        del known["etag"]
        if known == orjson.loads(orjson.dumps(document)):
            return "unchanged"
    row = build_row(collection.table, document, stamp)
    features.put_row(transaction, collection.table, row.values, row.geometry)
    changes.append(
        transaction,
        ChangeEntry(
            collection=collection.id,
            item_id=document["id"],
            revision=revision,
            operation="import",
            public_effect="upsert",
            actor_id=context.viewer.user_id,
            client=context.client,
            request_id=context.request_id,
            reason=context.reason,
            scope_agency_id=scope[0],
            scope_area_code=scope[1],
            document=row.feature,
            public_document=row.feature,
        ),
    )
    return "created" if current is None else "changed"
