# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn what was touched in the edit form into a merge patch of the document."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

from geoapi.errors import Problem
from geoapi.importing.phones import parse_phones
from geoapi.thai import parse_thai_date, to_ascii_digits
from geoapi.typed_positions import fault_of, read_degrees, read_position
from geoapi.types import JsonObject, LonLat
from geoapi.web.point_form import (
    PLACE_FIELDS,
    READER_FIELDS,
    TEXT_FIELDS,
    PointForm,
    form_of,
    touched,
)
from geoapi.web.point_view import coordinates_of

# Characters that a name may have, as the document's schema says.
LONGEST = {"name_th": 250, "name_en": 250, "short_name": 80}
_MOST_READERS = 1000
_LARGEST_ACCURACY_M = 100_000
_NO_PLAIN_TEXT = frozenset({"accuracy_m", *READER_FIELDS})


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


def patch_of(form: PointForm, current: JsonObject, today: date | None = None) -> Patch:
    """Turn what was touched into a merge patch against the current document.

    Args:
        form: as posted.
        current: the working document, CRS84.
        today: days before it are refused where a plan is asked for; None refuses none.
    """
    before = form_of(current, "").fields
    names = frozenset(n for n in touched(form) if form.fields.get(n, "") != before.get(n))
    properties: JsonObject = {
        name: form.fields[name] or None
        for name in TEXT_FIELDS
        if name in names and name not in _NO_PLAIN_TEXT
    }
    problems: list[Problem] = _too_long(form, names)
    if "accuracy_m" in names:
        properties["accuracy_m"] = _accuracy(form.fields["accuracy_m"], problems)
    if names & READER_FIELDS.keys():
        readers = _readers(form, names, problems, today)
        properties["card_readers"] = readers
    rows = _add_phones(form, current, properties, problems)
    members: JsonObject = {"properties": properties} if properties else {}
    if names & set(PLACE_FIELDS):
        place = _place(form, coordinates_of(current) is not None, problems)
        if place is not None and place != coordinates_of(current):
            members["geometry"] = {"type": "Point", "coordinates": list(place)}
    return Patch(members, tuple(problems), tuple(rows))


def _too_long(form: PointForm, names: frozenset[str]) -> list[Problem]:
    found = []
    for name, most in LONGEST.items():
        count = len(form.fields[name])
        if name in names and count > most:
            params = {"count": count, "most": most, "over": count - most}
            found.append(Problem("officers.too_long", f"/form/{name}", params=params))
    return found


def _accuracy(text: str, problems: list[Problem]) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= _LARGEST_ACCURACY_M:
        problems.append(Problem("officers.accuracy", "/form/accuracy_m", params={"text": text}))
        return None
    return value


def _readers(
    form: PointForm, names: frozenset[str], problems: list[Problem], today: date | None
) -> JsonObject | None:
    """Return the members of ``card_readers`` to set, None to unset them all."""
    if not any(form.fields[name] for name in READER_FIELDS):
        return None
    counts: dict[str, int | None] = {}
    for name in ("readers_installed", "readers_working"):
        text = form.fields[name]
        is_count = text.isdecimal() and int(text[:9]) <= _MOST_READERS
        counts[name] = int(text) if is_count else None
        if text and not is_count:
            params = {"text": text, "most": f"{_MOST_READERS:,}"}
            problems.append(Problem("officers.readers.number", f"/form/{name}", params=params))
    installed, working = counts["readers_installed"], counts["readers_working"]
    if working is not None and working > (installed or 0):
        params = {"working": str(working), "installed": str(installed or 0)}
        problems.append(Problem("officers.readers.more", "/form/readers_working", params=params))
    planned = _planned(form.fields["readers_planned_on"], names, problems, today)
    return {"installed": installed, "working": working, "planned_on": planned}


def _planned(
    text: str, names: frozenset[str], problems: list[Problem], today: date | None
) -> str | None:
    if not text:
        return None
    day = parse_thai_date(text)
    if day is None:
        problems.append(
            Problem("officers.readers.date", "/form/readers_planned_on", params={"text": text})
        )
        return None
    if "readers_planned_on" in names and today is not None and day < today:
        problems.append(
            Problem("officers.readers.past", "/form/readers_planned_on", params={"text": text})
        )
    return day.isoformat()


def _add_phones(
    form: PointForm, current: JsonObject, properties: JsonObject, problems: list[Problem]
) -> list[int]:
    names = touched(form)
    rows: list[int] = []
    if "phones" in names:
        phones, rows = _phones(form, problems)
        if phones != (current["properties"].get("phones") or []):
            properties["phones"] = phones
    if "no_phone" in names and form.has_no_phone != bool(current["properties"].get("no_phone")):
        properties["no_phone"] = form.has_no_phone
    return rows


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


def _place(form: PointForm, had_place: bool, problems: list[Problem]) -> LonLat | None:
    """Read (lon, lat) in degrees; None when there is none, with a problem when there should be."""
    lat_text, lon_text = form.fields["lat"], form.fields["lon"]
    if not lat_text and not lon_text:
        if had_place:
            problems.append(Problem("web.form.place_needed", "/form/lat"))
        return None
    whole = read_position(lat_text)
    if isinstance(whole, Problem):
        problems.append(whole)
        return None
    read: dict[str, float] = {}
    for name, text in (("lat", lat_text), ("lon", lon_text)):
        value = read_degrees(text)
        if value is None:
            problems.append(Problem("web.form.number", f"/form/{name}", params={"text": text}))
        else:
            read[name] = value
    if len(read) < len(PLACE_FIELDS):
        return None
    place = (read["lon"], read["lat"])
    fault = fault_of(place, form.fields["category"])
    if fault is not None:
        problems.append(fault)
        return None
    return place
