# SPDX-License-Identifier: GPL-2.0-or-later
"""The edit form of a service point: from the document to fields, and from fields to a patch.

A form remembers what each field held when it was opened (``base``), so that a save changes only
what the officer touched and never puts back what somebody else changed meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from geoapi.errors import Problem
from geoapi.importing.phones import MAX_NUMBERS
from geoapi.thai import (
    BUDDHIST_ERA_OFFSET_YEARS,
    canonical_text,
    strip_invisible,
    to_ascii_digits,
)
from geoapi.typed_positions import LONGEST_TEXT, read_degrees, read_position
from geoapi.types import JsonObject
from geoapi.web.point_view import coordinates_of, show_phone

PLACE_FIELDS = ("lat", "lon")
# In the order in which pages list them.
TEXT_FIELDS = (
    "position_basis", "position_method", "accuracy_m", "move_reason", "name_th", "name_en",
    "short_name", "category", "agency_id", "status", "parent_id", "address_th", "address_en",
    "province_code", "district_code", "subdistrict_code", "postal_code", "opening_hours",
    "website", "email", "civil_registry_link", "readers_installed", "readers_working",
    "readers_planned_on",
)  # fmt: skip
# Members of ``card_readers`` by the fields that hold them.
READER_FIELDS = {
    "readers_installed": "installed",
    "readers_working": "working",
    "readers_planned_on": "planned_on",
}
PHONE_PARTS = ("number", "ext", "kind", "label")
_DIGIT_FIELDS = frozenset({"postal_code", "lat", "lon", "accuracy_m", *READER_FIELDS})
_DEFAULTS = {"status": "open"}
_PAIR = 2

Fields = dict[str, str]


@dataclass(frozen=True)
class PointForm:
    """What the officer typed, and what was there when the form was opened.

    Attributes:
        fields: text of each single field, '' when empty.
        phones: one dict with :data:`PHONE_PARTS` for each row that is not empty.
        has_no_phone: the office says that it has none.
        base: the same three as JSON, as they were when the form was opened.
        etag: of the revision the form was opened with, without quotes.
        is_unlocked: the officer means to move the point.
    """

    fields: Fields
    phones: tuple[Fields, ...]
    has_no_phone: bool
    base: str = ""
    etag: str = ""
    is_unlocked: bool = False

    def spelled(self) -> str:
        """Return fields, phones and tick as JSON, to be compared later."""
        return json.dumps(
            [self.fields, self.phones, self.has_no_phone], ensure_ascii=False, sort_keys=True
        )


def form_of(feature: JsonObject, etag: str) -> PointForm:
    """Fill a form from a document."""
    properties = feature["properties"]
    fields = {name: _shown_value(properties, name) for name in TEXT_FIELDS}
    place = coordinates_of(feature)
    fields |= {
        "lat": "" if place is None else spelled_degrees(place[1]),
        "lon": "" if place is None else spelled_degrees(place[0]),
    }
    phones = tuple(
        {
            "number": show_phone(phone["number"], None, "en"),
            "ext": phone.get("ext") or "",
            "kind": phone.get("kind") or "main",
            "label": phone.get("label") or "",
        }
        for phone in properties.get("phones") or ()
    )
    form = PointForm(fields, phones, bool(properties.get("no_phone")), etag=etag)
    return replace(form, base=form.spelled())


def spelled_degrees(value: float) -> str:
    """Write degrees to a centimetre, without zeros at the end."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _shown_value(properties: JsonObject, name: str) -> str:
    if name in READER_FIELDS:
        value = (properties.get("card_readers") or {}).get(READER_FIELDS[name])
        return spelled_day(value) if name == "readers_planned_on" else _number_text(value)
    if name == "accuracy_m":
        return _number_text(properties.get(name))
    return str(properties.get(name) or _DEFAULTS.get(name, ""))


def _number_text(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def spelled_day(value: str | None) -> str:
    """Write a day as offices do, in the Buddhist era, so that it is read back the same.

    >>> spelled_day("2027-01-31"), spelled_day(None)
    ('31/1/2570', '')
    """
    if not value:
        return ""
    day = date.fromisoformat(value)
    return f"{day.day}/{day.month}/{day.year + BUDDHIST_ERA_OFFSET_YEARS}"


def form_from(posted: FormData | Mapping[str, str]) -> PointForm:
    """Read a posted form; blanks at the ends and invisible characters go."""

    def text(name: str) -> str:
        value = posted.get(name, "")
        value = value if isinstance(value, str) else ""
        return to_ascii_digits(strip_invisible(value)) if name in _DIGIT_FIELDS else _tidy(value)

    phones = []
    for index in range(MAX_NUMBERS):
        row = {part: text(f"phone-{index}-{part}") for part in PHONE_PARTS}
        if row["number"] or row["ext"] or row["label"]:
            phones.append(row)
    fields = {name: text(name) for name in (*TEXT_FIELDS, *PLACE_FIELDS)}
    return PointForm(
        fields | _whole_place(fields["lat"], fields["lon"]),
        tuple(phones),
        text("no_phone") == "1",
        text("base"),
        text("etag"),
        text("unlock_position") == "1",
    )


def _whole_place(lat_text: str, lon_text: str) -> Fields:
    """Return both fields as decimal degrees when what was typed can be read so, else nothing."""
    if len(lat_text) > LONGEST_TEXT or len(lon_text) > LONGEST_TEXT:
        return {}
    whole = read_position(lat_text) or read_position(f"{lat_text} {lon_text}")
    if isinstance(whole, tuple):
        lon, lat = whole
        is_plain = (read_degrees(lat_text), read_degrees(lon_text)) == (lat, lon)
        if is_plain and not set("°'\"") & set(lat_text + lon_text):
            return {}  # as typed, zeros at the end included
        return {"lat": spelled_degrees(lat), "lon": spelled_degrees(lon)}
    return {}


def _tidy(value: str) -> str:
    """Spell Thai one way, keep line breaks out: no member of the document has any."""
    return canonical_text(value.replace("\0", ""))


def touched(form: PointForm) -> frozenset[str]:
    """Return the names of the fields that differ from what they held when the form was opened."""
    try:
        fields, phones, has_no_phone = json.loads(form.base)
        changed = {n for n, value in form.fields.items() if fields.get(n, "") != value}
        phones_before = tuple(phones)
    except (ValueError, TypeError, AttributeError):
        # a form without its base: everything counts as typed
        return frozenset({*form.fields, "phones", "no_phone"})
    if phones_before != form.phones:
        changed.add("phones")
    if has_no_phone != form.has_no_phone:
        changed.add("no_phone")
    return frozenset(changed)


def rebased(form: PointForm, current: JsonObject, etag: str) -> PointForm:
    """Lay what was touched over a newer document, after somebody else was faster."""
    fresh = form_of(current, etag)
    names = touched(form)
    fields = {
        name: form.fields[name] if name in names else value for name, value in fresh.fields.items()
    }
    return PointForm(
        fields,
        form.phones if "phones" in names else fresh.phones,
        form.has_no_phone if "no_phone" in names else fresh.has_no_phone,
        fresh.base,
        etag,
        form.is_unlocked,
    )


def hidden_fields(form: PointForm) -> list[tuple[str, str]]:
    """Return every field as (name, value), for a page that carries the form along."""
    kept = [("etag", form.etag), ("base", form.base), *form.fields.items()]
    for index, phone in enumerate(form.phones):
        kept += [(f"phone-{index}-{part}", phone[part]) for part in PHONE_PARTS]
    if form.has_no_phone:
        kept.append(("no_phone", "1"))
    if form.is_unlocked:
        kept.append(("unlock_position", "1"))
    return kept


def field_of(problem: Problem, phone_rows: tuple[int, ...] = ()) -> str:
    """Return the id of the form's field that a problem is about, '' for none.

    >>> field_of(Problem("x", "/properties/name_th")), field_of(Problem("x", "/geometry"))
    ('name_th', 'lat')
    >>> field_of(Problem("x", "/properties/phones/1/number"), (0, 2))
    'phone-2-number'
    """
    parts = problem.pointer.strip("/").split("/")
    if parts[0] == "geometry":
        return "lon" if parts[-1] == "0" else "lat"
    if parts[0] in {"form", "reason"}:
        return parts[-1]
    if parts[:2] == ["properties", "phones"]:
        if len(parts) > _PAIR and parts[2].isdigit():
            index = int(parts[2])
            row = phone_rows[index] if index < len(phone_rows) else index
            part = parts[3] if len(parts) > _PAIR + 1 and parts[3] in PHONE_PARTS else "number"
            return f"phone-{row}-{part}"
        return "phone-0-number"
    if parts[:2] == ["properties", "card_readers"]:
        fields = {member: name for name, member in READER_FIELDS.items()}
        return fields.get(parts[-1], "readers_installed")
    return parts[1] if len(parts) > 1 and parts[1] in {*TEXT_FIELDS, "no_phone"} else ""


def shown(form: PointForm, errors: dict[str, str], extra_rows: int = 1) -> dict[str, Any]:
    """Return the form as templates read it: every field by its name, phones as numbered rows."""
    rows = [*form.phones, *({"number": "", "ext": "", "kind": "main", "label": ""},) * extra_rows]
    numbered = {
        f"phone-{index}-{part}": row[part]
        for index, row in enumerate(rows[:MAX_NUMBERS])
        for part in PHONE_PARTS
    }
    names = {*form.fields, *numbered, "no_phone", "reason", "unlock_position"}
    return {
        **form.fields,
        **numbered,
        "phones": rows[:MAX_NUMBERS],
        "no_phone": form.has_no_phone,
        "is_unlocked": form.is_unlocked,
        "etag": form.etag,
        "base": form.base,
        "reason": "",
        "errors": {name: errors.get(name, "") for name in names},
    }
