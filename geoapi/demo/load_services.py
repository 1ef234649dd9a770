# SPDX-License-Identifier: GPL-2.0-or-later
"""Load the services of the demonstration: law, catalogue, offers, copies and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from geoapi import copies, copy_tasks, legal_instruments, point_offers, services
from geoapi.copy_badge import UNKNOWN
from geoapi.demo.bulk_records import insert_records
from geoapi.demo.copy_status import PointServices, build_services, services_at
from geoapi.managers import BANGKOK
from geoapi.point_records import AREA_MEMBERS
from geoapi.revisions import WriteContext, instant
from geoapi.store import Transaction
from geoapi.types import JsonObject, Scope


@dataclass(frozen=True)
class ServicePlan:
    """What is to be loaded: the catalogue, and rows of each point by its id."""

    catalogue: list[JsonObject]
    by_point: Mapping[str, PointServices]

    def with_summary(self, point: JsonObject) -> JsonObject:
        """Return a point's document with the summary of its services."""
        found = self.by_point.get(point["id"])
        if found is None:
            return point
        return {**point, "properties": {**point["properties"], **found.summary}}


def plan_services(points: list[JsonObject], today: date) -> ServicePlan:
    """Plan the services of some points; nothing is stored."""
    catalogue = build_services()
    found = {point["id"]: rows for point, rows in services_at(points, catalogue, today)}
    return ServicePlan(catalogue, found)


def load_services(
    transaction: Transaction,
    context: WriteContext,
    plan: ServicePlan,
    points: Mapping[str, tuple[JsonObject, bool]],
) -> None:
    """Store the plan beside points that are stored already.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        plan: of :func:`plan_services`.
        points: {id: (document, whether the public sees it)}.
    """
    legal_instruments.load_seed(transaction, context)

    def of_service(document: JsonObject) -> tuple[Scope, bool]:
        return services.scope_of_service(transaction.connection, document), True

    def of_point(document: JsonObject) -> tuple[Scope, bool]:
        point, is_public = points[document["properties"]["point_id"]]
        properties = point["properties"]
        codes = (properties.get(name) for name in reversed(AREA_MEMBERS))
        area = next((code for code in codes if code), "")
        return Scope(properties.get("agency_id") or "", area), is_public

    insert_records(transaction, context, services.KIND, plan.catalogue, of_service)
    now = instant(transaction.now)
    offers, rows, waiting = [], [], []
    for point_id, found in plan.by_point.items():
        point = points[point_id][0]
        offers += [_placed(row, point) for row in found.offers]
        rows += [_placed(_dated(row, now), point) for row in found.copies]
        if any(row["properties"]["copy_class"] == UNKNOWN for row in found.copies):
            waiting.append(_placed(copy_tasks.open_document(point_id), point))
    insert_records(transaction, context, point_offers.KIND, offers, of_point)
    insert_records(transaction, context, copies.KIND, rows, of_point)
    insert_records(
        transaction, context, copy_tasks.KIND, waiting, lambda task: (of_point(task)[0], False)
    )


def _placed(row: JsonObject, point: JsonObject) -> JsonObject:
    areas = {name: point["properties"].get(name) for name in AREA_MEMBERS}
    return {**row, "properties": {**row["properties"], **areas}}


def _dated(row: JsonObject, now: str) -> JsonObject:
    """Let the system have declared what is known."""
    if row["properties"]["copy_class"] == UNKNOWN:
        return row
    said = {"declared_at": now, "declared_by": "demo"}
    return {**row, "properties": {**row["properties"], **said}}


def today_of(transaction: Transaction) -> date:
    """Return the day of a write in Bangkok."""
    return transaction.now.astimezone(BANGKOK).date()
