# SPDX-License-Identifier: GPL-2.0-or-later
"""Mappings of citizen guides: which member or column of a file holds what of a service.

A mapping is a JSON file; ``data/mappings`` holds the two that are used when none is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from geoapi.codes import code_list
from geoapi.errors import UsageError
from geoapi.messages import data_folder

LISTS = ("documents", "steps", "fees", "forms", "complaint_channels")
_FORMATS = ("json", "csv")


@dataclass(frozen=True)
class GuideMapping:
    """How a guide's file is to be understood.

    Attributes:
        name: of the source; services of other sources are not looked for among those gone.
        format: ``json`` or ``csv``.
        records: member of a JSON object that lists the services, '' when it is the file itself.
        service: {field of a service: member or column}.
        lists: {list of a service: {field: member or column}}; ``from`` names the list.
        offered_by: (pattern in the places that the guide names, categories of points).
        defaults: values of fields that the file does not give.
    """

    name: str
    format: str
    records: str
    service: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    offered_by: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def default_mapping(path: Path) -> GuideMapping:
    """Return the mapping for a file by the end of its name."""
    kind = "json" if path.suffix.lower() == ".json" else "csv"
    return load_mapping(data_folder() / "mappings" / f"service_guide_{kind}.json")


def load_mapping(path: Path) -> GuideMapping:
    """Read a mapping.

    Raises:
        UsageError: there is no such file, or it is no mapping; says which member is wrong.
    """
    if not path.is_file():
        raise UsageError("import.no_such_file", path=str(path))
    try:
        raw = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise UsageError("import.broken_file", path=path.name, format="JSON") from error
    if not isinstance(raw, dict):
        raise _wrong("/")
    named = {name: raw.get(name, default) for name, default in (("format", ""), ("records", ""))}
    if named["format"] not in _FORMATS:
        raise _wrong("/format")
    if not isinstance(named["records"], str):
        raise _wrong("/records")
    name = raw.get("name")
    if not isinstance(name, str) or not name:
        raise _wrong("/name")
    lists = {key: _names(raw, key) for key in LISTS if key in raw}
    if any("from" not in members for members in lists.values()):
        raise _wrong("/documents/from")
    defaults = raw.get("defaults", {})
    if not isinstance(defaults, dict):
        raise _wrong("/defaults")
    service = _names(raw, "service")
    if "name_th" not in service:
        raise _wrong("/service/name_th")
    return GuideMapping(
        name, named["format"], named["records"], service, lists, _places(raw), defaults
    )


def _wrong(pointer: str) -> UsageError:
    return UsageError("services.import.bad_mapping", pointer=pointer)


def _names(raw: Mapping[str, Any], member: str) -> dict[str, str]:
    names = raw.get(member)
    if not isinstance(names, dict) or not all(isinstance(v, str) for v in names.values()):
        raise _wrong(f"/{member}")
    return names


def _places(raw: Mapping[str, Any]) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    listed = raw.get("offered_by", [])
    known = code_list("category").codes
    found = []
    for number, entry in enumerate(listed if isinstance(listed, list) else [None]):
        pointer = f"/offered_by/{number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("words"), str):
            raise _wrong(pointer)
        categories = entry.get("categories")
        if not isinstance(categories, list) or not all(
            isinstance(c, str) and c in known for c in categories
        ):
            raise _wrong(f"{pointer}/categories")
        try:
            found.append((re.compile(entry["words"]), tuple(categories)))
        except re.error as error:
            raise _wrong(f"{pointer}/words") from error
    return tuple(found)
