# SPDX-License-Identifier: GPL-2.0-or-later
"""For everybody: what to bring to a point for a service, made to be printed."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geoapi import what_to_bring
from geoapi.codes import label
from geoapi.copy_badge import UNKNOWN
from geoapi.messages import Language, message
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.opening_hours import readable_hours
from geoapi.web.point_view import point_url, point_view, show_date
from geoapi.web.rendering import render, request_language, request_site


def routes() -> list[Route]:
    """Return the routes of public pages on services."""
    return [Route("/p/{code}/services/{service}", bring_page, name="bring")]


async def bring_page(request: Request) -> Response:
    """Show what to bring to a point for a service.

    Raises:
        NotFoundError: the public knows no such point, or no such service there.
    """
    return await to_thread.run_sync(_bring_page, request)


def _bring_page(request: Request) -> Response:
    site, language = request_site(request), request_language(request)
    feature = point_data.point_by_code(site, request.path_params["code"])
    found = what_to_bring.answer(site, feature, request.path_params["service"])
    address = f"{point_url(feature)}/services/{found['service']['code']}"
    if address != request.url.path:
        kept = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(address + kept, status_code=301)
    context = {
        "point": point_view(feature, language),
        "bring": bring_view(found, language),
        "json_url": (
            f"/ogc/collections/service-points/items/{feature['id']}/what-to-bring"
            f"?service={found['service']['code']}"
        ),
    }
    return render(request, "bring.html", context)


def in_language(entry: JsonObject, name: str, language: Language) -> str:
    """Return a member in a language, or in the other one when it has none."""
    other = "en" if language == "th" else "th"
    return str(entry.get(f"{name}_{language}") or entry.get(f"{name}_{other}") or "")


def bring_view(found: JsonObject, language: Language) -> dict[str, Any]:
    """Return the words of an answer of :func:`what_to_bring.answer`."""
    service, local = found["service"], found["local"]
    fetched = (service.get("source") or {}).get("fetched_at")
    hours = local.get("opening_hours") or ""
    return {
        "name": in_language(service, "name", language),
        "is_stale": service["review_state"] == "stale",
        "badge": found["copy_badge"]["code"],
        "documents": [document_view(entry, language) for entry in found["documents"]],
        "steps": [
            {"name": in_language(step, "name", language), "time": time_words(step, language)}
            for step in sorted(service["steps"], key=lambda step: step["no"])
        ],
        "total_time": time_words(service.get("total_time") or {}, language),
        "fees": [
            {
                "name": in_language(fee, "item", language),
                "amount": fee_words(fee, language),
                "is_local": fee["is_local"],
            }
            for fee in found["fees"]
        ],
        "channels": [label("channel", code, language) for code in service["channels"]],
        "audience": [label("audience", code, language) for code in service["audience"]],
        "conditions": in_language(service, "conditions", language),
        "forms": service["forms"],
        "complaints": service["complaint_channels"],
        "source": (service.get("source") or {}).get("name") or "",
        "fetched_on": show_date(f"{fetched}T00:00:00+07:00", language) if fetched else "",
        "hours": readable_hours(hours, language) if hours else [],
        "counter": local.get("counter") or "",
        "appointment_url": local.get("appointment_url") or "",
        "note": in_language(local, "local_note", language),
        "differs": bool(local.get("differs_from_guide")),
    }


def document_view(entry: JsonObject, language: Language) -> dict[str, Any]:
    """Return the words of one document."""
    said = entry["copy"]
    plan = said.get("plan_on")
    return {
        "name": in_language(entry, "name", language),
        "issuer": entry.get("issuer") or "",
        "condition": in_language(entry, "condition", language),
        "originals": entry.get("originals"),
        "copies": entry.get("copies"),
        "copy_class": said["code"],
        "copy_words": said[language],
        "reason": said.get("reason_th") or "",
        "plan": show_date(f"{plan}T00:00:00+07:00", language) if plan else "",
        "is_overdue": said["is_overdue"],
        "fee": said.get("fee_baht") if said.get("is_charged") else None,
        "looked_up_by": entry["looked_up_by"],
        "must_bring": entry["must_bring"],
        "is_local": entry["is_local"],
        "exception": entry.get("legal_exception") or "",
    }


def time_words(entry: JsonObject, language: Language) -> str:
    """Write a duration in words, '' for none.

    >>> time_words({"minutes": 150}, "en"), time_words({"days": 3}, "th")
    ('2 h 30 min', '3 วัน')
    """
    parts = []
    if entry.get("days"):
        parts.append(message("bring.days", language, {"n": f"{entry['days']:g}"}))
    hours, minutes = divmod(int(entry.get("minutes") or 0), 60)
    if hours:
        parts.append(message("bring.hours", language, {"n": hours}))
    if minutes:
        parts.append(message("bring.minutes", language, {"n": minutes}))
    return " ".join(parts)


def fee_words(fee: JsonObject, language: Language) -> str:
    """Write a fee in words.

    >>> fee_words({"amount_baht": 5, "per": "แปลง"}, "th"), fee_words({"percent": 2}, "en")
    ('5 บาท / แปลง', '2 %')
    """
    if fee.get("percent") is not None:
        base = f" · {fee['base']}" if fee.get("base") else ""
        return f"{fee['percent']:g} %{base}"
    amount = fee.get("amount_baht")
    if amount is None:
        return ""
    if not amount:
        return message("bring.free", language)
    words = message("bring.baht", language, {"n": f"{amount:,.10g}"})
    return f"{words} / {fee['per']}" if fee.get("per") else words


def services_of(feature: JsonObject, language: Language) -> list[dict[str, str]]:
    """Return the services of a public point for its page: name, badge, address."""
    listed = feature["properties"].get("services") or []
    return [
        {
            "name": in_language(entry, "name", language),
            "badge": entry.get("copy_badge") or UNKNOWN,
            "url": f"{point_url(feature)}/services/{entry['code']}",
        }
        for entry in listed
    ]
