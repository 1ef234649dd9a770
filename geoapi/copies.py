# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a point asks for a copy of a document for a service: rules, rights, declaration.

A row stands for a point, a service and a type of document.  The class is what the office declares;
law is data, so that a charge is judged by the instruments that bind the point's agency.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from geoapi import charges, copy_summary
from geoapi.charges import ChargeCase
from geoapi.copy_badge import UNKNOWN
from geoapi.errors import ConflictError, InvalidDocumentError, Problem
from geoapi.managers import BANGKOK
from geoapi.plan_dates import plan_problem
from geoapi.point_records import is_point_public, require_point, scope_of_point, with_areas
from geoapi.record_collections import COPY_REQUIREMENTS
from geoapi.record_kind import RecordKind, nothing_more
from geoapi.record_writing import put
from geoapi.revisions import WriteContext, document_of, instant
from geoapi.store import FeatureRow, Transaction, features, point_services
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject

TABLE = COPY_REQUIREMENTS.table
_ROW_IDS = uuid.UUID("f8b2b0b2-7a8c-5d0e-9d0e-6a8a1f0b7c31")
_IDENTITY = ("point_id", "service_id", "document_type")
# What an office declares; a change of one of them is a new declaration.
_DECLARED = (
    "copy_class", "copies", "reason_th", "plan_on", "verify_method", "evidence", "is_charged",
    "fee_baht",
)  # fmt: skip
_SEES_CARD_AND_HOUSE = frozenset({"id_card", "house_reg"})
_NO_CHARGE_POSSIBLE = frozenset({"not_required", "office_copies_free"})


def row_id(point_id: str, service_id: str, document_type: str) -> str:
    """Return the id that a row made by the server gets, the same on every site."""
    return str(uuid.uuid5(_ROW_IDS, f"{point_id}/{service_id}/{document_type}"))


def _complete(
    transaction: Transaction, context: WriteContext, feature: JsonObject, before: JsonObject | None
) -> JsonObject:
    """Check what a schema can't say, and set what the server knows."""
    connection = transaction.connection
    point = require_point(connection, feature)
    said = (before or {}).get("properties", {})
    properties = {"copy_class": UNKNOWN, "is_charged": False, **feature["properties"]}
    properties["is_charged"] = _is_charged(feature["properties"])
    check_identity(connection, TABLE, feature, said, _IDENTITY)
    service = require_service(connection, properties["service_id"])
    today = transaction.now.astimezone(BANGKOK).date()
    _refuse(_problems(connection, point, properties, said, today))
    properties |= _declaration(transaction, context, properties, said)
    properties["guide_copies"] = guide_copies(service, properties["document_type"])
    properties["charge_status"] = charges.REPORTED if properties["is_charged"] else None
    return with_areas(point, {**feature, "properties": properties})


def _is_charged(properties: JsonObject) -> bool:
    given = properties.get("is_charged")
    return bool(properties.get("fee_baht")) if given is None else bool(given)


def _refuse(problems: Iterator[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise InvalidDocumentError("document.invalid", problems=found)


def check_identity(
    connection: Connection,
    table: str,
    feature: JsonObject,
    said: JsonObject,
    names: tuple[str, ...],
) -> None:
    """Refuse a row that would become another one, or a second one of the same meaning.

    Raises:
        InvalidDocumentError: an existing row would change what it is about.
        ConflictError: there is a row of that meaning; its id is among the parameters.
    """
    properties = feature["properties"]
    for name in names:
        if said and properties.get(name) != said.get(name):
            problem = Problem("copies.identity", f"/properties/{name}", params={"name": name})
            raise InvalidDocumentError("copies.identity", problems=(problem,), name=name)
    if not said:
        other = point_services.row_id(connection, table, **{n: properties[n] for n in names})
        if other is not None:
            raise ConflictError("copies.row_exists", id=other)


def require_service(connection: Connection, service_id: str) -> JsonObject:
    """Return the properties of the service that a row names.

    Raises:
        InvalidDocumentError: there is no such service.
    """
    found = point_services.services_by_id(connection, [service_id]).get(service_id)
    if found is None:
        problem = Problem("copies.unknown_service", "/properties/service_id")
        raise InvalidDocumentError("copies.unknown_service", problems=(problem,))
    return found


def guide_copies(service: JsonObject, document_type: str) -> int | None:
    """Return how many copies the guide names for a type of document, None when it says nothing."""
    counts = [
        entry["copies"]
        for entry in service.get("documents") or ()
        if entry["document_type"] == document_type and entry.get("copies") is not None
    ]
    return max(counts, default=None)


def _problems(
    connection: Connection, point: FeatureRow, new: JsonObject, said: JsonObject, today: date
) -> Iterator[Problem]:
    wrong_plan = plan_problem(new.get("plan_on"), said.get("plan_on"), today)
    if wrong_plan is not None:
        yield wrong_plan
    yield from _charge_problems(connection, point, new, today)
    is_newly_required = new["copy_class"] == "required" and said.get("copy_class") != "required"
    if is_newly_required and _could_look_it_up(point, new) and not new.get("reason_th"):
        yield Problem("copies.explain_required", "/properties/reason_th")


def _could_look_it_up(point: FeatureRow, new: JsonObject) -> bool:
    """Say whether the point has a working card reader and the registry, so no copy is needed."""
    properties = document_of(point)["properties"]
    readers = properties.get("card_readers") or {}
    return (
        new["document_type"] in _SEES_CARD_AND_HOUSE
        and bool(readers.get("working"))
        and properties.get("civil_registry_link") == "live"
    )


def _charge_problems(
    connection: Connection, point: FeatureRow, new: JsonObject, today: date
) -> Iterator[Problem]:
    if not new["is_charged"]:
        if new.get("fee_baht"):
            yield Problem("copies.fee_without_charge", "/properties/fee_baht")
        return
    if new["copy_class"] in _NO_CHARGE_POSSIBLE:
        yield Problem("copies.charge_contradicts", "/properties/is_charged")
        return
    case = ChargeCase(new["document_type"], agency_type(connection, point), today)
    instruments = [
        document_of(row)["properties"]
        for row in features.rows_where(connection, "legal_instrument", PUBLISHED, {})
    ]
    forbids = charges.forbidding(instruments, case)
    if forbids is not None:
        names = " / ".join(n for n in (forbids["name_th"], forbids.get("name_en")) if n)
        params = {"instrument": names, "code": forbids["code"]}
        yield Problem("copies.charge_forbidden", "/properties/is_charged", params=params)


def agency_type(connection: Connection, point: FeatureRow) -> str:
    """Return the type of the agency of a point, '' when it is not known."""
    row = features.get_row(connection, "agency", point.agency_id, PUBLISHED)
    return "" if row is None else str(row.agency_type)


def _declaration(
    transaction: Transaction, context: WriteContext, new: JsonObject, said: JsonObject
) -> JsonObject:
    """Say who declared when; kept while nothing that is declared changes."""
    if new["copy_class"] == UNKNOWN:
        return {"declared_at": None, "declared_by": None}
    if said and all(new.get(name) == said.get(name) for name in _DECLARED):
        return {name: said.get(name) for name in ("declared_at", "declared_by")}
    return {"declared_at": instant(transaction.now), "declared_by": context.viewer.user_id}


def _after(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject | None,
    after: JsonObject | None,
) -> None:
    feature = after or before
    if feature is not None:
        copy_summary.refresh_point(transaction, context, feature["properties"]["point_id"])


KIND = RecordKind(
    COPY_REQUIREMENTS,
    complete=_complete,
    scope=scope_of_point,
    is_public=is_point_public,
    after=_after,
)
# For whoever writes several rows of a point and refreshes its summary once, at the end.
QUIET_KIND = replace(KIND, after=nothing_more)


def ensure_rows(
    transaction: Transaction,
    context: WriteContext,
    point_id: str,
    service_id: str,
    document_types: list[str],
) -> int:
    """Make a row of class unknown for each type of document that has none; return how many."""
    connection = transaction.connection
    known = {
        row.document_type
        for row in features.rows_where(connection, TABLE, KIND.main_view, {"point_id": point_id})
        if row.service_id == service_id
    }
    missing = [kind for kind in document_types if kind not in known]
    for document_type in missing:
        values = {
            "point_id": point_id,
            "service_id": service_id,
            "document_type": document_type,
            "copy_class": UNKNOWN,
        }
        feature = {
            "type": "Feature",
            "id": row_id(point_id, service_id, document_type),
            "geometry": None,
            "properties": values,
        }
        put(transaction, context, QUIET_KIND, feature, "derive")
    return len(missing)
