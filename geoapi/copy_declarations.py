# SPDX-License-Identifier: GPL-2.0-or-later
"""Save what an office says of all its services and copies at once: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from geoapi import copies, copy_summary, point_offers
from geoapi.errors import (
    ForbiddenError,
    InvalidDocumentError,
    PreconditionFailedError,
    Problem,
)
from geoapi.record_kind import RecordKind
from geoapi.record_schemas import check_record
from geoapi.record_writing import main_row, put
from geoapi.revisions import WriteContext, document_of
from geoapi.rights import require
from geoapi.site import Site
from geoapi.store import Transaction, features
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject


@dataclass(frozen=True)
class Declaration:
    """One row as an office wants it.

    Attributes:
        place: what stands before the pointers of its problems, such as ``row-3``.
        kind: of the row, one that refreshes nothing by itself.
        feature: the whole document with its id.
    """

    place: str
    kind: RecordKind
    feature: JsonObject


def desk_etag(connection: Connection, point_id: str) -> str:
    """Return a tag of all rows on services and copies of a point; it changes with any of them."""
    equals = {"point_id": point_id}
    found = [
        row.etag + row.id
        for kind in (point_offers.KIND, copies.KIND)
        for row in features.rows_where(connection, kind.collection.table, WORKING, equals)
    ]
    return hashlib.sha256("".join(sorted(found)).encode()).hexdigest()[:24]


def save(
    site: Site,
    context: WriteContext,
    point_id: str,
    etag: str,
    wanted: Sequence[Declaration],
    added: Sequence[str] = (),
) -> None:
    """Store the rows of a point and the services that it offers from now on.

    Args:
        site: the running site.
        context: who.
        point_id: of the point.
        etag: :func:`desk_etag` when the form was made.
        wanted: rows that differ from what is stored.
        added: ids of further services that it offers.

    Raises:
        ForbiddenError: the point lies outside what the viewer may edit.
        PreconditionFailedError: somebody else changed a row meanwhile.
        InvalidDocumentError: pointers begin with the place of the row.
    """
    held = require(context.viewer, "points.edit")

    def write(transaction: Transaction) -> None:
        connection = transaction.connection
        table = "service_point"
        if features.get_row(connection, table, point_id, WORKING, scopes=held, lock=True) is None:
            raise ForbiddenError("auth.outside_scope")
        if desk_etag(connection, point_id) != etag:
            raise PreconditionFailedError("copies.changed_meanwhile")
        problems: list[Problem] = []
        for declaration in wanted:
            problems += _put(transaction, context, declaration)
        if problems:
            raise InvalidDocumentError("document.invalid", problems=tuple(problems))
        for service_id in added:
            point_offers.offer(transaction, context, point_id, service_id)
        copy_summary.refresh_point(transaction, context, point_id)

    site.store.write(write)


def _put(
    transaction: Transaction, context: WriteContext, declaration: Declaration
) -> list[Problem]:
    """Store one row; return its problems instead of raising them."""
    kind, feature = declaration.kind, declaration.feature
    row = main_row(transaction.connection, kind, feature["id"])
    current = None if row is None else document_of(row)
    try:
        check_record(kind.collection.table, feature, current)
        put(transaction, context, kind, feature, "create" if current is None else "update")
    except InvalidDocumentError as error:
        return [
            Problem(p.message_id, f"/{declaration.place}{p.pointer}", params=p.params)
            for p in error.problems
        ]
    if kind is point_offers.QUIET_KIND:
        point_offers.settle_offer(transaction, context, current, feature)
    return []
