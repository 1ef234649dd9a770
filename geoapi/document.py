# SPDX-License-Identifier: GPL-2.0-or-later
"""The service point document: check it, complete it, and render what the public may see.

The JSON Schema in ``data/schemas/service_point.json`` is the contract; this module adds what a
schema can't say.  Documents are plain GeoJSON Features in CRS84.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

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
# Far above what a document needs, below where JSON writers and recursion give up.
_MAX_DEPTH = 64
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

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


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """Match as ECMA-262 does: there ``$`` never stands before a line break at the end."""
    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _validator() -> Draft202012Validator:
    kind = extend(Draft202012Validator, {"pattern": _pattern})
    return kind(schema(), format_checker=FormatChecker())


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


def _problems(feature: Any, current: JsonObject | None) -> Iterator[Problem]:  # noqa: ANN401
    unkeepable = _unkeepable(feature)
    if unkeepable is not None:
        yield unkeepable
        return
    swapped = _swapped_axes(feature)
    if swapped is not None:
        yield swapped
        return
    yield from _schema_problems(_leaves(_validator().iter_errors(feature)))
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if isinstance(properties, dict):
        yield from _read_only_problems(properties, (current or {}).get("properties", {}))
        yield from _area_problems(properties)
        if properties.get("no_phone") and properties.get("phones"):
            yield Problem("document.phones_but_no_phone", "/properties/phones")


def refuse_unkeepable(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Refuse JSON that can't be kept, before anything else walks through it.

    Raises:
        InvalidDocumentError: nested too deeply, a NUL, half a character, or no finite number.
    """
    problem = _unkeepable(value)
    if problem is not None:
        raise InvalidDocumentError("document.invalid", problems=(problem,))


def _unkeepable(document: Any) -> Problem | None:  # noqa: ANN401 - any JSON
    """Find what PostgreSQL or a JSON writer can't keep; a loop, for depth is part of it."""
    waiting = [(document, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            return Problem("document.too_deep", params={"most": _MAX_DEPTH})
        if isinstance(value, str) and "\0" in value:
            return Problem("document.nul_character", pointer)
        if not _is_writable(value):
            return Problem("document.other", pointer, params={"wanted": "JSON"})
        if isinstance(value, dict):
            waiting += [(v, f"{pointer}/{_escape(n)}", depth + 1) for n, v in value.items()]
            waiting += [(name, pointer, depth + 1) for name in value]
        elif isinstance(value, list):
            waiting += [(v, f"{pointer}/{i}", depth + 1) for i, v in enumerate(value)]
    return None


def _is_writable(value: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.isascii() or not _HALF_CHARACTER.search(value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, float) or math.isfinite(value)


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


def _schema_problems(found: Iterable[ValidationError]) -> Iterator[Problem]:
    """Name each problem once; the validator repeats the whole list for each missing member."""
    said: set[tuple[str, str]] = set()
    for error in found:
        for problem in _problems_of(error):
            if (problem.message_id, problem.pointer) not in said:
                said.add((problem.message_id, problem.pointer))
                yield problem


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{_escape(str(part))}" for part in error.absolute_path)
    validator = str(error.validator)
    if validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                params = {"name": name}
                yield Problem("document.required", f"{pointer}/{_escape(name)}", params=params)
        return
    known = {
        "type", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
        "maxItems", "minItems", "oneOf", "const",
    }  # fmt: skip
    name = validator if validator in known else "other"
    yield Problem(f"document.{name}", pointer, params={"wanted": _shown(error.validator_value)})


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return ", ".join("null" if item is None else str(item) for item in value[:60])
    return str(value)[:200]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _swapped_axes(feature: Any) -> Problem | None:  # noqa: ANN401 - any JSON
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
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
    allowed, schemas = public_names(), properties_schema()
    shown = {
        name: _public_part(value, schemas[name])
        for name, value in feature["properties"].items()
        if name in allowed
    }
    return {**feature, "properties": shown}


def _public_part(value: Any, part_schema: JsonObject) -> Any:  # noqa: ANN401 - any JSON
    """Leave out members that the schema does not name, inside phones and the like as well."""
    if isinstance(value, list) and "items" in part_schema:
        return [_public_part(item, part_schema["items"]) for item in value]
    known = part_schema.get("properties")
    if not isinstance(value, dict) or known is None:
        return value
    return {name: _public_part(v, known[name]) for name, v in value.items() if name in known}


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
