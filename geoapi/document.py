# SPDX-License-Identifier: GPL-2.0-or-later
"""The service point document: check it, complete it, and render what the public may see.

The JSON Schema in ``data/schemas/service_point.json`` is the contract; this module adds what a
schema can't say.  Documents are plain GeoJSON Features in CRS84.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from geoapi.codes import code_list
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.messages import data_folder
from geoapi.types import JsonObject

# Ranges of Thailand's latitudes and longitudes; they are disjoint, so a swap is certain.
# Source: research on all subdistricts, EPSG:4326 degrees.
LATITUDES_DEG = (5.6, 20.5)
LONGITUDES_DEG = (97.3, 105.7)
# 1e-7 degrees is about a centimetre.
_DECIMALS = 7

# What the public never sees; unknown members are not public either.
_RESTRICTED = frozenset(
    {"updated_by", "move_reason", "raw_coordinates", "return_reason", "issue_counts"}
)


@cache
def schema() -> JsonObject:
    """Return the JSON Schema with the codes of each list written in as ``enum``."""
    path = data_folder() / "schemas" / "service_point.json"
    document: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    _write_codes(document)
    return document


def _write_codes(node: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        if "x-codes" in node:
            codes: list[str | None] = list(code_list(node["x-codes"]).codes)
            node["enum"] = [*codes, None] if "null" in node["type"] else codes
        for value in node.values():
            _write_codes(value)
    elif isinstance(node, list):
        for value in node:
            _write_codes(value)


@cache
def properties_schema() -> JsonObject:
    """Return the schema of ``properties`` alone, {name: schema}."""
    properties: JsonObject = schema()["$defs"]["service_point"]["properties"]
    return properties


@cache
def read_only_names() -> frozenset[str]:
    """Return the properties that only the server sets."""
    return frozenset(n for n, s in properties_schema().items() if s.get("readOnly"))


@cache
def public_names() -> frozenset[str]:
    """Return the properties that the public may see."""
    return frozenset(properties_schema()) - _RESTRICTED


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def check(feature: JsonObject, current: JsonObject | None = None) -> None:
    """Check a feature that a client sent.

    Args:
        feature: the whole new document.
        current: the document it replaces, None when it is new; read-only members may repeat it.

    Raises:
        InvalidDocumentError: with every problem, each with its JSON pointer.
    """
    problems = list(_problems(feature, current))
    if problems:
        raise InvalidDocumentError("document.invalid", problems=tuple(problems))


def _problems(feature: JsonObject, current: JsonObject | None) -> Iterator[Problem]:
    swapped = _swapped_axes(feature)
    if swapped is not None:
        yield swapped
        return
    yield from map(_schema_problem, _leaves(_validator().iter_errors(feature)))
    properties = feature.get("properties")
    if isinstance(properties, dict):
        yield from _read_only_problems(properties, (current or {}).get("properties", {}))
        yield from _area_problems(properties)
        if properties.get("no_phone") and properties.get("phones"):
            yield Problem("document.phones_but_no_phone", "/properties/phones")
        if _has_nul(properties):
            yield Problem("document.nul_character", "/properties")


def _has_nul(value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Say whether a NUL character, which PostgreSQL can't keep, stands anywhere."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(item) for name, item in value.items())
    return isinstance(value, list) and any(_has_nul(item) for item in value)


def _leaves(found: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Descend into oneOf, where the schema's own message says nothing useful."""
    for error in found:
        nested = [
            e for e in (error.context or ()) if e.validator not in {"const", "type"} or e.path
        ]
        if error.validator == "oneOf" and nested:
            yield from _leaves(nested)
        else:
            yield error


def _schema_problem(error: ValidationError) -> Problem:
    pointer = "".join(f"/{_escape(str(part))}" for part in error.absolute_path)
    params: dict[str, Any] = {"wanted": _shown(error.validator_value)}
    validator = str(error.validator)
    if validator == "required":
        missing = next(
            name
            for name in error.validator_value
            if isinstance(error.instance, dict) and name not in error.instance
        )
        return Problem("document.required", f"{pointer}/{_escape(missing)}", params={"name": missing})
    known = {
        "type", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
        "maxItems", "minItems", "oneOf", "const",
    }  # fmt: skip
    name = validator if validator in known else "other"
    return Problem(f"document.{name}", pointer, params=params)


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return ", ".join("null" if item is None else str(item) for item in value[:60])
    return str(value)[:200]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _swapped_axes(feature: JsonObject) -> Problem | None:
    geometry = feature.get("geometry")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(coordinates, list) or len(coordinates) < 2:  # noqa: PLR2004 - lon, lat
        return None
    lon, lat = coordinates[:2]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat)):
        return None
    if _within(lon, LATITUDES_DEG) and _within(lat, LONGITUDES_DEG):
        return Problem(
            "document.swapped_axes", "/geometry/coordinates", params={"lon": lat, "lat": lon}
        )
    return None


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _read_only_problems(properties: JsonObject, current: Mapping[str, Any]) -> Iterator[Problem]:
    for name in sorted(read_only_names() & properties.keys()):
        if properties[name] is not None and properties[name] != current.get(name):
            yield Problem("document.read_only", f"/properties/{name}", params={"name": name})


def _area_problems(properties: JsonObject) -> Iterator[Problem]:
    for inner, outer in (
        ("subdistrict_code", "district_code"),
        ("district_code", "province_code"),
        ("subdistrict_code", "province_code"),
    ):
        low, high = properties.get(inner), properties.get(outer)
        if isinstance(low, str) and isinstance(high, str) and not low.startswith(high):
            yield Problem(
                "document.area_codes_disagree",
                f"/properties/{inner}",
                params={"inner": low, "outer": high},
            )


def normalised(feature: JsonObject, item_id: str) -> JsonObject:
    """Return the document as it is kept: own id, coordinates to a centimetre, areas filled up.

    Args:
        feature: a checked document.
        item_id: its id.
    """
    geometry = feature["geometry"]
    if geometry is not None:
        point = [round(float(value), _DECIMALS) for value in geometry["coordinates"][:2]]
        geometry = {"type": "Point", "coordinates": point}
    properties = {"status": "open", **feature["properties"]}
    subdistrict, district = properties.get("subdistrict_code"), properties.get("district_code")
    if subdistrict and not district:
        properties["district_code"] = district = subdistrict[:4]
    if district and not properties.get("province_code"):
        properties["province_code"] = district[:2]
    return {"type": "Feature", "id": item_id, "geometry": geometry, "properties": properties}


def public_document(feature: JsonObject) -> JsonObject:
    """Return what the public may see of a document."""
    allowed = public_names()
    shown = {name: v for name, v in feature["properties"].items() if name in allowed}
    return {**feature, "properties": shown}


def apply_merge_patch(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Apply a JSON merge patch; null removes a member.

    Source: RFC 7396, section 2.

    >>> apply_merge_patch({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 9}})
    {'b': {'c': 9, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = apply_merge_patch(merged.get(name), value)
    return merged
