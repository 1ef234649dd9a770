# SPDX-License-Identifier: GPL-2.0-or-later
"""What a point says of its services and copies: read-only members kept beside its document.

The tables of services and copies are the truth; the summary is written again, in the same
transaction, whenever one of their rows changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from geoapi import copy_tasks
from geoapi.copy_badge import point_badge, service_badge
from geoapi.point_records import point_row
from geoapi.revisions import WriteContext, derive, document_of
from geoapi.store import Transaction, features, point_services
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject


@dataclass(frozen=True)
class OfferedService:
    """A service that a point offers, with what the point says of it.

    Attributes:
        id: of the service.
        service: properties of the service.
        local: properties of the row that says what is different at the point.
        copies: properties of the rows on copies, by type of document.
    """

    id: str
    service: JsonObject
    local: JsonObject
    copies: Mapping[str, JsonObject]

    @property
    def document_types(self) -> list[str]:
        """Return the types of documents that are asked for, each once, the guide's first."""
        listed = (*_list(self.service, "documents"), *_list(self.local, "local_documents"))
        return list(dict.fromkeys(entry["document_type"] for entry in listed))

    @property
    def badge(self) -> str:
        """Return the worst of its copies; documents of which nothing is declared are unknown."""
        declared = [(kind, row["copy_class"]) for kind, row in self.copies.items()]
        return service_badge(self.document_types, declared)


def _list(properties: JsonObject, name: str) -> list[JsonObject]:
    return list(properties.get(name) or ())


def offered_services(
    connection: Connection, point_id: str, view: str = WORKING, service_id: str = ""
) -> list[OfferedService]:
    """Return the services that a point offers, by their Thai names; asks for no right.

    Args:
        connection: to read with.
        point_id: of the point.
        view: ``published`` for what the public sees, else ``working``.
        service_id: of one service, '' for all.
    """
    # by the point alone: its few dozen rows are read faster than an index is chosen wrongly
    equals = {"point_id": point_id}
    copies: dict[str, dict[str, JsonObject]] = {}
    for row in features.rows_where(connection, "copy_requirement", view, equals):
        said = document_of(row)["properties"]
        copies.setdefault(row.service_id, {})[row.document_type] = said
    offered = [
        row
        for row in features.rows_where(connection, "point_service", view, equals)
        if row.is_offered and service_id in ("", row.service_id)
    ]
    services = point_services.services_by_id(connection, [row.service_id for row in offered])
    found = [
        OfferedService(
            row.service_id,
            services[row.service_id],
            document_of(row)["properties"],
            copies.get(row.service_id, {}),
        )
        for row in offered
        if row.service_id in services
    ]
    return sorted(found, key=lambda entry: entry.service["name_th"])


def summary_of(offered: list[OfferedService]) -> JsonObject:
    """Return the read-only members that a point's document has of its services.

    Services whose guide is a draft are left out: the public is not told of them.
    """
    shown = [entry for entry in offered if entry.service.get("review_state") != "draft"]
    return {
        "services": [
            {
                "id": entry.id,
                "code": entry.service["code"],
                "name_th": entry.service["name_th"],
                "name_en": entry.service.get("name_en"),
                "copy_badge": entry.badge,
            }
            for entry in shown
        ],
        "copy_badge": point_badge(entry.badge for entry in shown),
    }


def refresh_point(transaction: Transaction, context: WriteContext, point_id: str) -> str | None:
    """Write a point's summary again, in both views; return its badge, None without such a point.

    The point is locked before its rows are read, so that of two writers the later one sees both.
    """
    connection = transaction.connection
    row = point_row(connection, point_id, lock=True)
    if row is None:
        return None
    members = summary_of(offered_services(connection, point_id))
    said = document_of(row)["properties"]
    has_summary = any(name in said for name in members)
    if has_summary or members["services"]:
        derive(transaction, context, row, members)
    copy_tasks.settle(transaction, context, point_id)
    return str(members["copy_badge"])
