# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn a service point document into the words of a page, in the reader's language."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from geoapi.codes import label
from geoapi.copy_badge import UNKNOWN
from geoapi.messages import Language, message
from geoapi.thai import format_thai_date
from geoapi.types import JsonObject
from geoapi.web.opening_hours import readable_hours
from geoapi.web.point_data import name_of

BANGKOK = ZoneInfo("Asia/Bangkok")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_SCHEMA_DAYS = {
    "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday",
    "Sa": "Saturday", "Su": "Sunday",
}  # fmt: skip
_RANGE = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su)-(Mo|Tu|We|Th|Fr|Sa|Su) (\d\d:\d\d)-(\d\d:\d\d)$")


def show_date(
    value: str | datetime | date | None, language: Language, *, time: bool = False
) -> str:
    """Write an instant as a day in Bangkok: Buddhist era in Thai, '' for none.

    >>> show_date("2018-09-17T18:30:00Z", "th"), show_date("2018-09-17T18:30:00Z", "en")
    ('18 กันยายน 2561', '18 September 2018')
    """
    if not value:
        return ""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    clock = ""
    if isinstance(instant, datetime):
        local = instant.astimezone(BANGKOK)
        suffix = " น." if language == "th" else ""
        clock = f" {local:%H:%M}{suffix}" if time else ""
        instant = local.date()
    if language == "th":
        return format_thai_date(instant) + clock
    return f"{instant.day} {_ENGLISH_MONTHS[instant.month - 1]} {instant.year}{clock}"


def show_phone(number: str, extension: str | None, language: Language) -> str:
    """Write a number as people dial it in Thailand.

    >>> show_phone("+6653150161", "12", "en"), show_phone("+66812345678", None, "th")
    ('0 5315 0161 ext. 12', '08 1234 5678')
    >>> show_phone("1567", None, "th"), show_phone("+85623456789", None, "en")
    ('1567', '+85623456789')
    """
    shown = number
    if number.startswith("+66"):
        digits = "0" + number[3:]
        head = digits[:-8]
        shown = f"{head} {digits[-8:-4]} {digits[-4:]}".strip()
    if extension:
        shown += " " + message("web.phone.ext", language, {"ext": extension})
    return shown


def point_view(feature: JsonObject, language: Language) -> dict[str, Any]:
    """Return the flat values that templates show.

    Args:
        feature: the document, CRS84.
        language: of the reader.
    """
    properties = feature["properties"]
    lon, lat = coordinates_of(feature) or (None, None)
    name = name_of(feature, language)
    other = properties.get("name_en" if language == "th" else "name_th") or ""
    address = properties.get(f"address_{language}") or properties.get("address_th")
    basis = properties.get("position_basis")
    return {
        "id": feature["id"],
        "name": name,
        "other_name": other if other != name else "",
        "short_code": properties.get("short_code") or "",
        "url": point_url(feature),
        "api_url": f"/ogc/collections/service-points/items/{feature['id']}",
        "category": label("category", properties["category"], language),
        "status": properties.get("status") or "open",
        "state": properties.get("state") or "verified",
        "return_reason": properties.get("return_reason") or "",
        "verified_on": show_date(properties.get("verified_at"), language),
        "address": address or "",
        "phones": [_phone(phone, language) for phone in properties.get("phones") or ()],
        "hours": readable_hours(properties.get("opening_hours") or "", language),
        "website": properties.get("website") or "",
        "email": properties.get("email") or "",
        "basis": label("position_basis", basis, language) if basis else "",
        "lon": lon,
        "lat": lat,
        "lat_lon": f"{lat:.6f}, {lon:.6f}" if lat is not None else "",
        "synthetic": bool(properties.get("synthetic")),
        "copy_badge": properties.get("copy_badge") or UNKNOWN,
    }


def point_url(feature: JsonObject) -> str:
    """Return the path of a point's page."""
    return f"/p/{feature['properties'].get('short_code') or feature['id']}"


def coordinates_of(feature: JsonObject) -> tuple[float, float] | None:
    """Return (lon, lat) in degrees, None while the point has no place."""
    geometry = feature.get("geometry")
    if not geometry:
        return None
    lon, lat = geometry["coordinates"][:2]
    return (float(lon), float(lat))


def _phone(phone: JsonObject, language: Language) -> dict[str, str]:
    number, extension = phone["number"], phone.get("ext")
    kind = phone.get("kind") or "main"
    dialled = number + (f";ext={extension}" if extension else "")
    return {
        "kind": label("phone_kind", kind, language),
        "text": show_phone(number, extension, language),
        # nobody calls a fax
        "href": "" if kind == "fax" else f"tel:{dialled}",
        "label": phone.get("label") or "",
    }


def json_ld(feature: JsonObject, base_url: str, agency_name: str = "") -> Markup:
    """Describe an office to search engines as a GovernmentOffice.

    The text is safe inside a script element: what could end it is written as an escape.

    Source: schema.org, GovernmentOffice.
    """
    properties = feature["properties"]
    place = coordinates_of(feature)
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentOffice",
        "@id": f"{base_url}{point_url(feature)}",
        "name": properties["name_th"],
        "alternateName": properties.get("name_en"),
        "url": properties.get("website") or f"{base_url}{point_url(feature)}",
        "telephone": next((p["number"] for p in properties.get("phones") or ()), None),
        "email": properties.get("email"),
        "address": _postal_address(properties),
        "openingHoursSpecification": _schema_hours(properties.get("opening_hours") or ""),
    }
    if place is not None:
        described["geo"] = {
            "@type": "GeoCoordinates", "longitude": place[0], "latitude": place[1],
        }  # fmt: skip
    if agency_name:
        described["parentOrganization"] = {"@type": "GovernmentOrganization", "name": agency_name}
    kept = {name: value for name, value in described.items() if value}
    text = json.dumps(kept, ensure_ascii=False)
    for character, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - escaped just above


def _postal_address(properties: JsonObject) -> dict[str, str] | None:
    if not properties.get("address_th"):
        return None
    address = {
        "@type": "PostalAddress",
        "streetAddress": properties["address_th"],
        "addressCountry": "TH",
    }
    if properties.get("postal_code"):
        address["postalCode"] = properties["postal_code"]
    return address


def _schema_hours(text: str) -> list[dict[str, Any]]:
    found = []
    names = list(_SCHEMA_DAYS)
    for part in text.split(";"):
        match = _RANGE.fullmatch(part.strip())
        if match:
            days = names[names.index(match[1]) : names.index(match[2]) + 1]
            found.append(
                {
                    "@type": "OpeningHoursSpecification",
                    "dayOfWeek": [_SCHEMA_DAYS[day] for day in days],
                    "opens": match[3],
                    "closes": match[4],
                }
            )
    return found
