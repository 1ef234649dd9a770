# SPDX-License-Identifier: GPL-2.0-or-later
"""The edit form of a service point: from the document to fields, and from fields to a patch.

A form remembers what each field held when it was opened (``base``), so that a save changes only
what the officer touched and never puts back what somebody else changed meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from geoapi.document import LATITUDES_DEG, LONGITUDES_DEG
from geoapi.errors import Problem
from geoapi.importing.phones import MAX_NUMBERS, parse_phones
from geoapi.thai import canonical_text, strip_invisible, to_ascii_digits
from geoapi.types import JsonObject
from geoapi.web.point_view import coordinates_of, show_phone

PLACE_FIELDS = ("lat", "lon")
# In the order in which pages list them.
TEXT_FIELDS = (
    "position_basis", "position_method", "move_reason", "name_th", "name_en", "short_name",
    "category", "status", "address_th", "address_en", "province_code", "district_code",
    "subdistrict_code", "postal_code", "opening_hours", "website", "email",
)  # fmt: skip
PHONE_PARTS = ("number", "ext", "kind", "label")
_DIGIT_FIELDS = frozenset({"postal_code", "lat", "lon"})
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
    """

    fields: Fields
    phones: tuple[Fields, ...]
    has_no_phone: bool
    base: str = ""
    etag: str = ""

    def spelled(self) -> str:
        """Return fields, phones and tick as JSON, to be compared later."""
        return json.dumps(
            [self.fields, self.phones, self.has_no_phone], ensure_ascii=False, sort_keys=True
        )


@dataclass(frozen=True)
class Patch:
    """What a form wants to change.

    Attributes:
        members: JSON merge patch of the document, empty when nothing changes.
        problems: what can't be read, with pointers as the API has them.
        phone_rows: row of the form of each phone in the patch.
    """

    members: JsonObject
    problems: tuple[Problem, ...] = ()
    phone_rows: tuple[int, ...] = field(default=())


def form_of(feature: JsonObject, etag: str) -> PointForm:
    """Fill a form from a document."""
    properties = feature["properties"]
    fields = {name: str(properties.get(name) or _DEFAULTS.get(name, "")) for name in TEXT_FIELDS}
    place = coordinates_of(feature)
    fields |= {
        "lat": "" if place is None else f"{place[1]:.7f}".rstrip("0").rstrip("."),
        "lon": "" if place is None else f"{place[0]:.7f}".rstrip("0").rstrip("."),
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
    return PointForm(fields, phones, form.has_no_phone, form.spelled(), etag)


def form_from(posted: FormData) -> PointForm:
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
    pair = fields["lat"].replace(",", " ").split()
    if len(pair) == _PAIR and not fields["lon"]:
        fields["lat"], fields["lon"] = pair
    return PointForm(fields, tuple(phones), text("no_phone") == "1", text("base"), text("etag"))


def _tidy(value: str) -> str:
    """Spell Thai one way, keep line breaks out: no member of the document has any."""
    return canonical_text(value.replace("\0", ""))


def touched(form: PointForm) -> frozenset[str]:
    """Return the names of the fields that differ from what they held when the form was opened."""
    try:
        fields, phones, has_no_phone = json.loads(form.base)
        changed = {name for name, value in form.fields.items() if fields.get(name) != value}
        phones_before = tuple(phones)
    except (ValueError, TypeError, AttributeError):
        # a form without its base: everything counts as typed
        return frozenset({*form.fields, "phones", "no_phone"})
    if phones_before != form.phones:
        changed.add("phones")
    if has_no_phone != form.has_no_phone:
        changed.add("no_phone")
    return frozenset(changed)


def patch_of(form: PointForm, current: JsonObject) -> Patch:
    """Turn what was touched into a merge patch against the current document.

    Args:
        form: as posted.
        current: the working document, CRS84.
    """
    before = form_of(current, "").fields
    names = touched(form)
    properties: JsonObject = {
        name: form.fields[name] or None
        for name in TEXT_FIELDS
        if name in names and form.fields[name] != before[name]
    }
    problems: list[Problem] = []
    rows: list[int] = []
    if "phones" in names:
        phones, rows = _phones(form, problems)
        if phones != (current["properties"].get("phones") or []):
            properties["phones"] = phones
    if "no_phone" in names and form.has_no_phone != bool(current["properties"].get("no_phone")):
        properties["no_phone"] = form.has_no_phone
    members: JsonObject = {"properties": properties} if properties else {}
    if names & set(PLACE_FIELDS):
        place = _place(form, coordinates_of(current) is not None, problems)
        if place is not None and place != coordinates_of(current):
            members["geometry"] = {"type": "Point", "coordinates": list(place)}
    return Patch(members, tuple(problems), tuple(rows))


def _phones(form: PointForm, problems: list[Problem]) -> tuple[list[JsonObject], list[int]]:
    phones: list[JsonObject] = []
    rows = []
    for index, row in enumerate(form.phones):
        found, refused = parse_phones(row["number"])
        if len(found) != 1 or refused:
            problems.append(
                Problem(
                    "web.form.phone", f"/form/phone-{index}-number", params={"text": row["number"]}
                )
            )
            continue
        phone: JsonObject = {"number": found[0]["number"], "kind": row["kind"] or "main"}
        extension = to_ascii_digits(row["ext"]) or found[0].get("ext")
        if extension:
            phone["ext"] = extension
        if row["label"]:
            phone["label"] = row["label"]
        phones.append(phone)
        rows.append(index)
    return phones, rows


def _place(form: PointForm, had_place: bool, problems: list[Problem]) -> tuple[float, float] | None:
    """Read (lon, lat) in degrees; None when there is none, with a problem when there should be."""
    lat_text, lon_text = form.fields["lat"], form.fields["lon"]
    if not lat_text and not lon_text:
        if had_place:
            problems.append(Problem("web.form.place_needed", "/form/lat"))
        return None
    read: dict[str, float] = {}
    for name, text in (("lat", lat_text), ("lon", lon_text)):
        try:
            read[name] = round(float(text), 7)
        except ValueError:
            problems.append(Problem("web.form.number", f"/form/{name}", params={"text": text}))
    if len(read) < _PAIR:
        return None
    lat, lon = read["lat"], read["lon"]
    if _within(lon, LATITUDES_DEG) and _within(lat, LONGITUDES_DEG):
        problems.append(Problem("web.form.swapped", "/form/lat", params={"lat": lon, "lon": lat}))
        return None
    if not (_within(lat, LATITUDES_DEG) and _within(lon, LONGITUDES_DEG)):
        problems.append(Problem("web.form.outside", "/form/lat"))
        return None
    return (lon, lat)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


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
    )


def hidden_fields(form: PointForm) -> list[tuple[str, str]]:
    """Return every field as (name, value), for a page that carries the form along."""
    kept = [("etag", form.etag), ("base", form.base), *form.fields.items()]
    for index, phone in enumerate(form.phones):
        kept += [(f"phone-{index}-{part}", phone[part]) for part in PHONE_PARTS]
    if form.has_no_phone:
        kept.append(("no_phone", "1"))
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
    return parts[1] if len(parts) > 1 and parts[1] in {*TEXT_FIELDS, "no_phone"} else ""


def shown(form: PointForm, errors: dict[str, str], extra_rows: int = 1) -> dict[str, Any]:
    """Return the form as templates read it: every field by its name, phones as numbered rows."""
    rows = [*form.phones, *({"number": "", "ext": "", "kind": "main", "label": ""},) * extra_rows]
    numbered = {
        f"phone-{index}-{part}": row[part]
        for index, row in enumerate(rows[:MAX_NUMBERS])
        for part in PHONE_PARTS
    }
    names = {*form.fields, *numbered, "no_phone", "reason"}
    return {
        **form.fields,
        **numbered,
        "phones": rows[:MAX_NUMBERS],
        "no_phone": form.has_no_phone,
        "etag": form.etag,
        "base": form.base,
        "reason": "",
        "errors": {name: errors.get(name, "") for name in names},
    }
