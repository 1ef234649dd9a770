# SPDX-License-Identifier: GPL-2.0-or-later
"""Which point of the demonstration offers which service, and which copies it still asks for.

All five classes are there, plans ahead and overdue, and points that have not declared yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geoapi import copies, point_offers
from geoapi.copy_badge import UNKNOWN
from geoapi.copy_summary import OfferedService, summary_of
from geoapi.demo.agencies import agency_id
from geoapi.demo.identity import demo_id, fraction
from geoapi.demo.service_catalogue import (
    DOCUMENTS,
    NOTE_EN,
    NOTE_TH,
    SERVICES,
    DocumentRow,
    ServiceRow,
)
from geoapi.types import JsonObject

_LINKED = frozenset({"id_card", "house_reg", "name_change", "marriage", "birth", "death"})
# The share of points that have declared nothing yet.
_SILENT = 0.12
_REASON = "ระบบปลายทางยังต้องแนบไฟล์ (สมมติ)"
_AHEAD, _BEHIND = timedelta(days=150), timedelta(days=60)


@dataclass(frozen=True)
class PointServices:
    """What a point has of services: rows and the summary for its document."""

    offers: list[JsonObject]
    copies: list[JsonObject]
    summary: JsonObject


def service_id(code: str) -> str:
    """Give the UUID of a service by its code."""
    return demo_id("service", code)


def build_services() -> list[JsonObject]:
    """Build the catalogue as GeoJSON features without a place."""
    return [_service(row) for row in SERVICES]


def _service(row: ServiceRow) -> JsonObject:
    minutes = sum(step[2] for step in row.steps)
    properties: JsonObject = {
        "code": row.code,
        "name_th": row.name_th,
        "name_en": row.name_en,
        "agency_id": agency_id(row.agency),
        "category": row.category,
        "life_event": row.life_event,
        "audience": ["citizen"],
        "steps": [
            {"no": number, "name_th": name_th, "name_en": name_en, "minutes": minutes}
            for number, (name_th, name_en, minutes) in enumerate(row.steps, 1)
        ],
        "total_time": {"days": row.days} if row.days else {"minutes": minutes},
        "documents": [_document(DOCUMENTS[key]) for key in row.documents],
        "fees": [
            {"item_th": item_th, "item_en": item_en, "amount_baht": baht}
            for item_th, item_en, baht in row.fees
        ],
        "channels": ["counter"],
        "complaint_channels": [{"name": "ศูนย์รับเรื่องราวร้องทุกข์ของรัฐบาล", "phone": "1111"}],
        "offered_by": list(row.offered_by),
        "review_state": "published",
        "synthetic": True,
        "note_th": NOTE_TH,
        "note_en": NOTE_EN,
    }
    return _feature(service_id(row.code), properties)


def _document(row: DocumentRow) -> JsonObject:
    found = {name: value or None for name, value in row._asdict().items()}
    found |= {"copies": row.copies, "originals": row.originals}
    if row.document_type in _LINKED:
        found["obtainable_by_link"] = True
    if row.document_type == "power_of_attorney":
        found["legal_exception"] = "การมอบอำนาจยังใช้สำเนาบัตรของผู้มอบได้ตามประกาศ พ.ศ. 2564"
    return found


def _feature(item_id: str, properties: JsonObject) -> JsonObject:
    return {"type": "Feature", "id": item_id, "geometry": None, "properties": properties}


def services_at(
    points: Iterable[JsonObject], services: list[JsonObject], today: date
) -> Iterator[tuple[JsonObject, PointServices]]:
    """Yield each point that offers something, with its rows.

    Args:
        points: features of the demonstration.
        services: of :func:`build_services`.
        today: plans lie ahead of and behind it.
    """
    by_category: dict[str, list[JsonObject]] = {}
    for service in services:
        for category in service["properties"]["offered_by"]:
            by_category.setdefault(category, []).append(service)
    for point in points:
        offered = by_category.get(point["properties"]["category"], [])
        if offered:
            yield point, _at(point, offered, today)


def _at(point: JsonObject, services: list[JsonObject], today: date) -> PointServices:
    point_id, offers, rows, entries = point["id"], [], [], []
    for service in services:
        values: JsonObject = {
            "point_id": point_id, "service_id": service["id"], "is_offered": True,
            "differs_from_guide": False,
        }  # fmt: skip
        offers.append(_feature(point_offers.row_id(point_id, service["id"]), values))
        declared = [_copy(point, service, kind, today) for kind in _types(service)]
        rows += declared
        said = {row["properties"]["document_type"]: row["properties"] for row in declared}
        entries.append(OfferedService(service["id"], service["properties"], values, said))
    entries.sort(key=lambda entry: str(entry.service["name_th"]))
    return PointServices(offers, rows, summary_of(entries))


def _types(service: JsonObject) -> list[str]:
    listed = service["properties"]["documents"]
    return list(dict.fromkeys(entry["document_type"] for entry in listed))


def _copy(point: JsonObject, service: JsonObject, kind: str, today: date) -> JsonObject:
    values: JsonObject = {
        "point_id": point["id"],
        "service_id": service["id"],
        "document_type": kind,
        "guide_copies": copies.guide_copies(service["properties"], kind),
        "is_charged": False,
        "synthetic": True,
        **_declared(point, service, kind, today),
    }
    return _feature(copies.row_id(point["id"], service["id"], kind), values)


def _declared(point: JsonObject, service: JsonObject, kind: str, today: date) -> dict[str, Any]:
    chance = fraction(f"copy/{point['id']}/{service['id']}/{kind}")
    if fraction(f"silent/{point['id']}") < _SILENT:
        return {"copy_class": UNKNOWN}
    if kind == "power_of_attorney":
        return {"copy_class": "required_by_law", "copies": 1}
    if point["properties"]["category"] == "court" and kind == "id_card":
        # courts lie outside the scope of the instruments: reported, not unlawful
        return {
            "copy_class": "required", "copies": 1, "reason_th": _REASON, "is_charged": True,
            "fee_baht": 5, "charge_status": "reported",
        }  # fmt: skip
    is_strict = fraction(f"strict/{point['id']}") < 0.3  # noqa: PLR2004 - a share of the points
    if is_strict and chance < 0.35:  # noqa: PLR2004 - and of their documents
        return _required(chance, today)
    if chance > 0.72:  # noqa: PLR2004 - a share of the documents
        return {"copy_class": "office_copies_free", "copies": 1, "verify_method": "none"}
    method = "registry_link" if point["properties"].get("civil_registry_link") == "live" else None
    reader = "card_reader" if kind == "id_card" and method else method
    return {"copy_class": "not_required", "copies": 0, "verify_method": reader}


def _required(chance: float, today: date) -> dict[str, Any]:
    """Give a third of them a plan ahead, a third one that is overdue, and a third none."""
    found: dict[str, Any] = {"copy_class": "required", "copies": 1, "reason_th": _REASON}
    share = int(chance * 1000) % 3
    if share == 0:
        found["plan_on"] = (today + _AHEAD).isoformat()
    elif share == 1:
        found["plan_on"] = (today - _BEHIND).isoformat()
    return found
