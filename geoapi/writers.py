# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions that write a collection: one table for single requests and for transactions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from geoapi import records, service_points
from geoapi.collections import SERVICE_POINTS, Collection
from geoapi.record_kinds import KINDS
from geoapi.revisions import Item, WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject

type Plan = Callable[[Transaction], Item]


@dataclass(frozen=True)
class Writer:
    """The functions that write one collection.

    Attributes:
        create: (site, context, feature).
        replace: (site, context, id, feature).
        update: (site, context, id, merge patch).
        delete: (site, context, id).
        planned_create: (context, feature): checks without the store, returns what writes.
    """

    create: Callable[..., Item]
    replace: Callable[..., Item]
    update: Callable[..., Item]
    delete: Callable[..., None]
    planned_create: Callable[[WriteContext, JsonObject], Plan]


def writer_of(collection: Collection) -> Writer:
    """Return the functions that write a collection."""
    if collection.id == SERVICE_POINTS.id:
        points = service_points
        return Writer(
            points.create, points.replace, points.update, points.delete, points.planned_create
        )
    kind = KINDS[collection.id]

    def of_kind[T](function: Callable[..., T]) -> Callable[..., T]:
        return lambda site, context, *given: function(site, context, kind, *given)

    return Writer(
        of_kind(records.create),
        of_kind(records.replace),
        of_kind(records.update),
        of_kind(records.delete),
        partial(_planned_record, collection.id),
    )


def _planned_record(collection_id: str, context: WriteContext, feature: JsonObject) -> Plan:
    return records.planned_create(context, KINDS[collection_id], feature)
