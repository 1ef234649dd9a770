# SPDX-License-Identifier: GPL-2.0-or-later
"""The service point document: check it, complete it, and render what the public may see.

The JSON Schema in ``data/schemas/service_point.json`` is the contract; this module adds what a
schema can't say.  Documents are plain GeoJSON Features in CRS84.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema.protocols import Validator

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.json_documents import (
    apply_merge_patch,
    faults,
    make_validator,
    read_only_faults,
    read_schema,
    refuse_unkeepable,
    unkeepable,
)
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
    return read_schema("service_point")


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
def _validator() -> Validator:
    return make_validator(schema())


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
    broken = unkeepable(feature)
    if broken is not None:
        yield broken
        return
    swapped = _swapped_axes(feature)
    if swapped is not None:
        yield swapped
        return
    yield from faults(_validator(), feature)
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if isinstance(properties, dict):
        stored = (current or {}).get("properties", {})
        yield from read_only_faults(read_only_names(), properties, stored)
        yield from _area_problems(properties)
        if properties.get("no_phone") and properties.get("phones"):
            yield Problem("document.phones_but_no_phone", "/properties/phones")


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
    geometry = normalised_geometry(feature["geometry"])
    properties = {"status": "open", **feature["properties"]}
    subdistrict, district = properties.get("subdistrict_code"), properties.get("district_code")
    if subdistrict and not district:
        properties["district_code"] = district = subdistrict[:4]
    if district and not properties.get("province_code"):
        properties["province_code"] = district[:2]
    return {"type": "Feature", "id": item_id, "geometry": geometry, "properties": properties}


def normalised_geometry(geometry: JsonObject | None) -> JsonObject | None:
    """Return a checked point as it is kept: longitude and latitude to a centimetre, no height."""
    if geometry is None:
        return None
    point = [round(float(value), _DECIMALS) for value in geometry["coordinates"][:2]]
    return {"type": "Point", "coordinates": point}


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


__all__ = [
    "apply_merge_patch",
    "check",
    "normalised",
    "normalised_geometry",
    "properties_schema",
    "public_document",
    "public_names",
    "read_only_names",
    "refuse_unkeepable",
    "schema",
]
