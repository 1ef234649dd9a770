# SPDX-License-Identifier: GPL-2.0-or-later
"""The form of a service in the catalogue: its texts, and rows for documents, steps and fees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from geoapi.errors import Problem
from geoapi.thai import strip_invisible, to_ascii_digits
from geoapi.types import JsonObject

TEXTS = (
    "code", "agency_id", "name_th", "name_en", "review_state", "life_event", "conditions_th",
    "conditions_en",
)  # fmt: skip
# {list: (member that makes a row a row, texts, numbers)}
LISTS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "documents": (
        "name_th",
        ("document_type", "name_th", "name_en", "issuer", "condition_th"),
        ("originals", "copies"),
    ),
    "steps": ("name_th", ("name_th", "name_en"), ("minutes", "days")),
    "fees": ("item_th", ("item_th", "item_en", "per"), ("amount_baht",)),
}
_TICKS = {"documents": ("obtainable_by_link",)}
_EMPTY_ROWS = 2
_MOST_ROWS = 100
_WHOLE = frozenset({"originals", "copies"})
_PLACE = re.compile(r"/properties/(documents|steps|fees)/(\d+)(?:/(\w+))?")


def fields_of(properties: JsonObject) -> dict[str, str]:
    """Return {field: text} of a service."""
    fields = {name: str(properties.get(name) or "") for name in TEXTS}
    fields["review_state"] = fields["review_state"] or "draft"
    total = properties.get("total_time") or {}
    fields |= {f"total_{unit}": _shown(total.get(unit)) for unit in ("minutes", "days")}
    for name, (_, texts, numbers) in LISTS.items():
        for index, entry in enumerate(properties.get(name) or ()):
            place = f"{name}-{index}"
            fields |= {f"{place}-{member}": str(entry.get(member) or "") for member in texts}
            fields |= {f"{place}-{member}": _shown(entry.get(member)) for member in numbers}
            fields |= {f"{place}-{m}": "1" if entry.get(m) else "" for m in _TICKS.get(name, ())}
    return fields


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def row_counts(fields: Iterable[str]) -> dict[str, int]:
    """Return how many rows each list shows: those that hold something, and some empty ones."""
    named = list(fields)
    return {name: min(_used(named, name) + _EMPTY_ROWS, _MOST_ROWS) for name in LISTS}


def _used(names: Sequence[str], name: str) -> int:
    form = re.compile(rf"{name}-(\d{{1,2}})-\w+")
    found = [int(match[1]) for field in names if (match := form.fullmatch(field))]
    return max(found, default=-1) + 1


def read(
    properties: JsonObject, posted: Mapping[str, str], chosen: Sequence[str]
) -> tuple[JsonObject, list[Problem]]:
    """Return the members that the form sets and what can't be read of it.

    Members of documents, steps and fees that the form does not show stay as they are.

    Args:
        properties: as stored, empty for a new service.
        posted: fields of the form.
        chosen: categories of points that offer the service.
    """
    problems: list[Problem] = []
    said: JsonObject = {name: _text(posted, name) or None for name in TEXTS}
    if properties:
        said = {name: text for name, text in said.items() if name not in {"code", "agency_id"}}
    else:
        said["code"] = said["code"] or ""
    said["name_th"] = said["name_th"] or ""
    total = {
        unit: _number(posted, f"total_{unit}", f"/properties/total_time/{unit}", problems)
        for unit in ("minutes", "days")
    }
    said["total_time"] = {u: n for u, n in total.items() if n is not None} or None
    said["offered_by"] = list(dict.fromkeys(chosen))
    for name in LISTS:
        said[name] = _entries(name, properties.get(name) or [], posted, problems)
    return said, problems


def _entries(
    name: str, stored: list[JsonObject], posted: Mapping[str, str], problems: list[Problem]
) -> list[JsonObject]:
    key, texts, numbers = LISTS[name]
    found: list[JsonObject] = []
    for index in range(min(_used(list(posted), name), _MOST_ROWS)):
        place = f"{name}-{index}"
        if not _text(posted, f"{place}-{key}"):
            continue  # a row whose name was emptied is taken away
        entry: JsonObject = dict(stored[index]) if index < len(stored) else {}
        entry |= {member: _text(posted, f"{place}-{member}") or None for member in texts}
        for member in numbers:
            pointer = f"/properties/{name}/{index}/{member}"
            entry[member] = _number(posted, f"{place}-{member}", pointer, problems)
        entry |= {m: bool(posted.get(f"{place}-{m}")) for m in _TICKS.get(name, ())}
        if name == "steps":
            entry["no"] = len(found) + 1
        if name == "documents":
            entry["document_type"] = entry["document_type"] or "other"
        found.append(entry)
    return found


def _text(posted: Mapping[str, str], name: str) -> str:
    return strip_invisible(posted.get(name, "").replace("\0", ""))


def _number(
    posted: Mapping[str, str], name: str, pointer: str, problems: list[Problem]
) -> float | None:
    text = to_ascii_digits(_text(posted, name)).replace(",", "")
    if not text:
        return None
    is_number = text.replace(".", "", 1).isdecimal() and len(text) <= 12  # noqa: PLR2004 - digits
    value: Any = float(text) if is_number else None
    if value is None or (name.rpartition("-")[2] in _WHOLE and value != int(value)):
        problems.append(Problem("copies.bad_number", pointer, params={"value": text[:40]}))
        return None
    return int(value) if value == int(value) else float(value)


def field_of(problem: Problem) -> str:
    """Return the field that a problem is about, '' for the whole form.

    >>> field_of(Problem("copies.bad_number", "/properties/documents/1/copies"))
    'documents-1-copies'
    """
    match = _PLACE.match(problem.pointer)
    if match:
        key = match[3] or LISTS[match[1]][0]
        return f"{match[1]}-{match[2]}-{key}"
    if problem.pointer.startswith("/properties/total_time/"):
        return "total_" + problem.pointer.rpartition("/")[2]
    name = problem.pointer.removeprefix("/properties/")
    return name if name in TEXTS else ""
