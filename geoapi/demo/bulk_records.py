# SPDX-License-Identifier: GPL-2.0-or-later
"""Insert many new records of an empty store at once; what checks them is a test of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from geoapi.feature_rows import Row, RowStamp, build_row
from geoapi.record_kind import RecordKind
from geoapi.record_schemas import public_record
from geoapi.revisions import WriteContext, instant
from geoapi.store import Transaction, changes, features
from geoapi.store.changes import ChangeEntry
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope


def insert_records(
    transaction: Transaction,
    context: WriteContext,
    kind: RecordKind,
    documents: Iterable[JsonObject],
    standing: Callable[[JsonObject], tuple[Scope, bool]],
) -> None:
    """Insert new records with their history.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        kind: of the records.
        documents: complete but for what every record has: revision, instants, author.
        standing: gives the scope of a document and whether the public sees it.
    """
    rows: list[Row] = []
    now, table = transaction.now, kind.collection.table
    for document in documents:
        scope, is_public = standing(document)
        stamped = {
            **document,
            "properties": {
                **document["properties"],
                "revision": 1,
                "created_at": instant(now),
                "updated_at": instant(now),
                "updated_by": context.viewer.user_id,
            },
        }
        if kind.main_view == PUBLISHED:  # the one row that there is, everybody reads
            stamped = public_record(table, stamped)
        stamp = RowStamp(kind.main_view, 1, now, now, scope.agency_id, scope.area_code)
        main = build_row(table, stamped, stamp)
        rows.append(main)
        public = main if kind.main_view == PUBLISHED else None
        if is_public and kind.main_view == WORKING:
            public_stamp = RowStamp(**{**vars(stamp), "view": PUBLISHED})
            public = build_row(table, public_record(table, stamped), public_stamp)
            rows.append(public)
        changes.append(transaction, _entry(context, kind, main, public))
    features.insert_rows(transaction, table, [(row.values, row.geometry) for row in rows])


def _entry(context: WriteContext, kind: RecordKind, main: Row, public: Row | None) -> ChangeEntry:
    return ChangeEntry(
        collection=kind.collection.id,
        item_id=main.values["id"],
        revision=1,
        operation="import",
        public_effect="" if public is None else "upsert",
        actor_id=context.viewer.user_id,
        client=context.client,
        request_id=context.request_id,
        reason=context.reason,
        scope_agency_id=main.values["scope_agency_id"],
        scope_area_code=main.values["scope_area_code"],
        document=main.feature,
        public_document=None if public is None else public.feature,
    )
