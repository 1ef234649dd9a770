# SPDX-License-Identifier: GPL-2.0-or-later
"""What to bring to a point for a service: the guide, what differs there, what it can look up."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from geoapi.codes import code_list
from geoapi.copy_badge import UNKNOWN
from geoapi.copy_summary import OfferedService, offered_services
from geoapi.errors import NotFoundError
from geoapi.managers import BANGKOK
from geoapi.services import DRAFT, review_state
from geoapi.site import Site
from geoapi.store import point_services
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject

_DOCUMENT = (
    "document_type", "name_th", "name_en", "issuer", "originals", "copies", "condition_th",
    "condition_en", "legal_exception",
)  # fmt: skip
_SERVICE_LISTS = ("steps", "channels", "forms", "complaint_channels", "law", "audience")
_SERVICE_TEXTS = (
    "code", "name_th", "name_en", "category", "life_event", "total_time", "conditions_th",
    "conditions_en", "source",
)  # fmt: skip
_LOCAL = (
    "opening_hours", "counter", "appointment_url", "local_note_th", "local_note_en",
    "differs_from_guide",
)  # fmt: skip
_COPY = ("plan_on", "reason_th", "verify_method", "declared_at", "is_charged", "fee_baht")


def answer(site: Site, point: JsonObject, service: str) -> JsonObject:
    """Say what to bring to a public point for one of its services.

    Args:
        site: the running site.
        point: the point's public document.
        service: code or id of the service.

    Raises:
        NotFoundError: the public knows of no such service at this point.
    """
    found = site.store.read(lambda connection: _offered(connection, str(point["id"]), service))
    if found is None:
        known = [entry["code"] for entry in point["properties"].get("services") or ()]
        raise NotFoundError("bring.not_offered", service=service[:80], known=", ".join(known))
    return compose(point, found, site.clock().astimezone(BANGKOK).date())


def _offered(connection: Connection, point_id: str, service: str) -> OfferedService | None:
    if "\0" in service:
        return None
    named = point_services.service_by_code(connection, service)
    service_id = service.lower() if named is None else named[0]
    offered = offered_services(connection, point_id, PUBLISHED, service_id)
    shown = [entry for entry in offered if entry.service.get("review_state") != DRAFT]
    return shown[0] if shown else None


def compose(point: JsonObject, offered: OfferedService, today: date) -> JsonObject:
    """Put the answer together from the documents; a pure function.

    Args:
        point: public document of the point.
        offered: the service there.
        today: in Bangkok; plans before it are overdue, and guides grow stale.
    """
    service, local, properties = offered.service, offered.local, point["properties"]
    listed = [(entry, False) for entry in service.get("documents") or ()]
    listed += [(entry, True) for entry in local.get("local_documents") or ()]
    return {
        "point": {
            "id": point["id"],
            **{n: properties.get(n) for n in ("short_code", "name_th", "name_en")},
        },
        "service": {
            "id": offered.id,
            **{name: service.get(name) for name in _SERVICE_TEXTS},
            **{name: list(service.get(name) or ()) for name in _SERVICE_LISTS},
            "review_state": review_state(service, today),
        },
        "local": {name: local.get(name) for name in _LOCAL},
        "copy_badge": labelled("copy_badge", offered.badge),
        "documents": [
            _document(entry, is_local, properties, offered.copies, today)
            for entry, is_local in listed
        ],
        "fees": [
            *({**fee, "is_local": False} for fee in service.get("fees") or ()),
            *({**fee, "is_local": True} for fee in local.get("local_fees") or ()),
        ],
    }


def labelled(list_id: str, code: str) -> JsonObject:
    """Return a code with its words.

    >>> labelled("copy_class", "required")["th"]
    'ยังเรียกสำเนา'
    """
    entry = code_list(list_id).codes[code]
    return {"code": code, "th": entry.th, "en": entry.en}


def _document(
    entry: JsonObject,
    is_local: bool,
    point: JsonObject,
    copies: Any,  # noqa: ANN401 - a mapping of rows
    today: date,
) -> JsonObject:
    row = copies.get(entry["document_type"], {})
    said = row.get("copy_class", UNKNOWN)
    looked_up = looked_up_by(entry, point)
    plan_on = row.get("plan_on")
    wanted = row.get("copies") if row.get("copies") is not None else entry.get("copies")
    return {
        **{name: entry.get(name) for name in _DOCUMENT},
        "copies": 0 if said == "not_required" else wanted,
        "guide_copies": entry.get("copies"),
        "is_local": is_local,
        "copy": {
            **labelled("copy_class", said),
            **{name: row.get(name) for name in _COPY},
            "is_overdue": bool(plan_on and said == "required" and plan_on < today.isoformat()),
        },
        "looked_up_by": looked_up,
        # a card is shown in person even where it is read; other papers may stay at home only
        # where the office itself says that it wants no copy and has the registry
        "must_bring": not (
            looked_up == "registry_link"
            and said == "not_required"
            and entry["document_type"] != "id_card"
        ),
    }


def looked_up_by(entry: JsonObject, point: JsonObject) -> str | None:
    """Say how a point can look a document up itself: registry link, card reader, or not (None).

    >>> looked_up_by({"document_type": "id_card"}, {"card_readers": {"working": 1}})
    'card_reader'
    """
    if entry.get("obtainable_by_link") and point.get("civil_registry_link") == "live":
        return "registry_link"
    readers = point.get("card_readers") or {}
    if entry["document_type"] == "id_card" and readers.get("working"):
        return "card_reader"
    return None
