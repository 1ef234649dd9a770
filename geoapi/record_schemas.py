# SPDX-License-Identifier: GPL-2.0-or-later
"""Schemas of the records beside service points: ``data/schemas/TABLE.json`` for each table.

A file describes ``properties`` alone.  Members marked ``readOnly`` are set by the server, those
marked ``x-restricted`` are never shown to the public; members that it does not name survive and
are not public either.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema.protocols import Validator

from geoapi.document import schema as point_schema
from geoapi.errors import InvalidDocumentError
from geoapi.json_documents import faults, make_validator, read_only_faults, read_schema, unkeepable
from geoapi.types import JsonObject


@cache
def record_schema(table: str) -> JsonObject:
    """Return the schema of the properties of a record."""
    return read_schema(table)


@cache
def feature_schema(table: str) -> JsonObject:
    """Return the schema of the whole Feature that a record is."""
    properties = record_schema(table)
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string", "format": "uuid"},
            "geometry": point_schema()["properties"]["geometry"],
            "properties": {name: properties[name] for name in properties if name[0] != "$"},
        },
        "$defs": properties.get("$defs", {}),
    }


@cache
def _validator(table: str) -> Validator:
    return make_validator(feature_schema(table))


@cache
def read_only_names(table: str) -> frozenset[str]:
    """Return the properties that only the server sets."""
    named = record_schema(table)["properties"].items()
    return frozenset(name for name, declared in named if declared.get("readOnly"))


@cache
def public_names(table: str) -> frozenset[str]:
    """Return the properties that the public may see."""
    named = record_schema(table)["properties"].items()
    return frozenset(name for name, declared in named if not declared.get("x-restricted"))


def check_record(table: str, feature: Any, current: JsonObject | None = None) -> None:  # noqa: ANN401
    """Check a record that a client sent.

    Args:
        table: of the record.
        feature: the whole new document.
        current: the one it replaces; read-only members may repeat it.

    Raises:
        InvalidDocumentError: with every problem, each with its JSON pointer.
    """
    broken = unkeepable(feature)
    problems = [broken] if broken is not None else list(faults(_validator(table), feature))
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if broken is None and isinstance(properties, dict):
        stored = (current or {}).get("properties", {})
        problems += read_only_faults(read_only_names(table), properties, stored)
    if problems:
        raise InvalidDocumentError("document.invalid", problems=tuple(problems))


def public_record(table: str, feature: JsonObject) -> JsonObject:
    """Return what the public may see of a record."""
    allowed = public_names(table)
    shown = {n: value for n, value in feature["properties"].items() if n in allowed}
    return {**feature, "properties": shown}
