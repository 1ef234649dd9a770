# SPDX-License-Identifier: GPL-2.0-or-later
"""The catalogue of services: what a schema can't say, whose it is, and what follows at points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import Connection

from geoapi import copy_summary, copy_tasks, point_offers
from geoapi.errors import ConflictError, InvalidDocumentError, Problem
from geoapi.record_collections import SERVICES
from geoapi.record_kind import RecordKind
from geoapi.revisions import WriteContext
from geoapi.store import Transaction, features, point_services
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject, Scope

# A guide that was fetched longer ago may say what is no longer true.
STALE_AFTER = timedelta(days=365)
DRAFT, PUBLISHED_STATE, STALE = "draft", "published", "stale"
# What a point's summary and copies take from a service.
_FOLLOWED = ("code", "name_th", "name_en", "review_state", "documents")


def review_state(service: JsonObject, today: date) -> str:
    """Return the state of a guide, with ``stale`` for one whose source is older than a year.

    >>> review_state({"review_state": "published", "source": {"fetched_at": "2024-01-01"}},
    ...              date(2026, 11, 24))
    'stale'
    """
    state = service.get("review_state") or DRAFT
    fetched = (service.get("source") or {}).get("fetched_at")
    if state == PUBLISHED_STATE and fetched and date.fromisoformat(fetched) < today - STALE_AFTER:
        return STALE
    return str(state)


def _complete(
    transaction: Transaction, _context: WriteContext, feature: JsonObject, before: JsonObject | None
) -> JsonObject:
    connection = transaction.connection
    properties = {"review_state": DRAFT, **feature["properties"]}
    if properties["review_state"] is None:
        properties["review_state"] = DRAFT
    problems = tuple(_problems(connection, properties))
    if problems:
        raise InvalidDocumentError("document.invalid", problems=problems)
    named = point_services.service_by_code(connection, properties["code"])
    if named is not None and named[0] != feature["id"]:
        raise ConflictError("services.code_exists", code=properties["code"], id=named[0])
    if before is None or before["properties"]["code"] == properties["code"]:
        return {**feature, "properties": properties}
    problem = Problem("services.code_is_fixed", "/properties/code")
    raise InvalidDocumentError("services.code_is_fixed", problems=(problem,))


def _problems(connection: Connection, properties: JsonObject) -> Iterator[Problem]:
    agency_id = properties.get("agency_id")
    if agency_id and features.get_row(connection, "agency", agency_id, PUBLISHED) is None:
        yield Problem("services.unknown_agency", "/properties/agency_id")
    numbers = [step["no"] for step in properties.get("steps") or ()]
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            params = {"number": number}
            yield Problem("services.step_twice", f"/properties/steps/{index}/no", params=params)
    yield from point_offers.fee_problems(properties.get("fees") or [], "/properties/fees")


def scope_of_service(connection: Connection, feature: JsonObject) -> Scope:
    """Return who has rights over a service: its owner agency, in the area where that sits.

    The service of a department is the country's; whoever holds a province alone can't change it.
    """
    agency_id = feature["properties"].get("agency_id") or ""
    row = features.get_row(connection, "agency", agency_id, PUBLISHED) if agency_id else None
    return Scope(agency_id, "" if row is None else row.scope_area_code)


def _after(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject | None,
    after: JsonObject | None,
) -> None:
    """Let the points that offer a service follow what changed in it."""
    if before is None:
        return
    connection = transaction.connection
    points = point_services.points_with_service(connection, before["id"])
    if after is None:
        if points:
            raise ConflictError("services.in_use", count=len(points))
        return
    old, new = before["properties"], after["properties"]
    if all(old.get(name) == new.get(name) for name in _FOLLOWED):
        return
    offering = [point_id for point_id, is_offered in points.items() if is_offered]
    follow(transaction, context, after, offering)


def follow(
    transaction: Transaction, context: WriteContext, service: JsonObject, points: Iterable[str]
) -> int:
    """Let points have a row for each document of a service; those with new rows get a task.

    Returns:
        How many points got new rows of class unknown.
    """
    asked = 0
    for point_id in points:
        values = {"point_id": point_id, "service_id": service["id"], "is_offered": True}
        made = point_offers.settle_offer(transaction, context, None, {"properties": values})
        if made:
            copy_tasks.ask(transaction, context, point_id)
            asked += 1
        copy_summary.refresh_point(transaction, context, point_id)
    return asked


def offer_everywhere(transaction: Transaction, context: WriteContext, service: JsonObject) -> int:
    """Let the points of the categories in ``offered_by`` offer a service; where they do not yet.

    A point that says that it does not offer the service is left alone.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        service: the stored document.

    Returns:
        How many points were asked to declare their copies.
    """
    connection = transaction.connection
    known = point_services.points_with_service(connection, service["id"])
    categories = service["properties"].get("offered_by") or ()
    asked = 0
    for point_id in list(point_services.points_of_categories(connection, categories)):
        if point_id in known:
            continue
        made = point_offers.offer(transaction, context, point_id, service["id"])
        if made:
            copy_tasks.ask(transaction, context, point_id)
            asked += 1
        copy_summary.refresh_point(transaction, context, point_id)
    return asked


KIND = RecordKind(SERVICES, complete=_complete, scope=scope_of_service, after=_after)
