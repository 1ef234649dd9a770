# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the body of a write: media type, CRS and JSON, each refused in clear words."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import orjson
from starlette.requests import Request

from geoapi.errors import InvalidDocumentError, Problem, UnsupportedMediaError, UsageError
from geoapi.ogc.parameters import CRS84
from geoapi.types import JsonObject

FEATURE_TYPES = ("application/geo+json", "application/json")
_UTF8 = frozenset({"", "utf-8", "utf8"})
_FEATURE_MEMBERS = frozenset(
    {"type", "id", "geometry", "properties", "bbox", "crs", "etag", "links"}
)
PATCH_TYPES = ("application/merge-patch+json", "application/json", "application/geo+json")


async def read_object(request: Request, media_types: tuple[str, ...]) -> tuple[bytes, JsonObject]:
    """Return the raw body and the JSON object in it.

    Args:
        request: with its body unread.
        media_types: those that are accepted, without parameters.

    Raises:
        UsageError: no Content-Type, a CRS other than CRS84, or broken JSON (with its place).
        UnsupportedMediaError: another media type or charset.
        InvalidDocumentError: JSON, but not an object.
    """
    _check_media_type(request, media_types)
    _check_crs(request)
    body = await request.body()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _broken(body, error) from error
    if not isinstance(document, dict):
        problem = Problem("document.not_an_object", "")
        raise InvalidDocumentError("document.not_an_object", problems=(problem,))
    return body, document


def _check_media_type(request: Request, media_types: tuple[str, ...]) -> None:
    header = request.headers.get("content-type", "")
    known = ", ".join(media_types)
    if not header.strip():
        problem = Problem(
            "ogc.content_type_missing", parameter="Content-Type", params={"known": known}
        )
        raise UsageError("ogc.content_type_missing", problems=(problem,), known=known)
    media_type, _, params = header.partition(";")
    if media_type.strip().lower() not in media_types or _charset(params) not in _UTF8:
        problem = Problem(
            "ogc.content_type_unsupported",
            parameter="Content-Type",
            params={"value": header[:80], "known": known},
        )
        raise UnsupportedMediaError(
            "ogc.content_type_unsupported", problems=(problem,), value=header[:80], known=known
        )


def _charset(params: str) -> str:
    """Return the charset among the parameters of a media type; others, as profile, may stand."""
    for param in params.split(";"):
        name, _, value = param.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return "utf-8"


def _check_crs(request: Request) -> None:
    header = request.headers.get("content-crs")
    if header is not None and header.strip().strip("<>") != CRS84:
        params: dict[str, Any] = {"value": header[:80], "known": CRS84}
        problem = Problem("ogc.crs_unsupported", parameter="Content-Crs", params=params)
        raise UsageError("ogc.crs_unsupported", problems=(problem,), **params)


def _broken(body: bytes, error: json.JSONDecodeError) -> UsageError:
    if not body.strip():
        return UsageError("ogc.body_empty", problems=(Problem("ogc.body_empty"),))
    params: dict[str, Any] = {"line": error.lineno, "column": error.colno, "reason": error.msg}
    return UsageError(
        "ogc.json_broken", problems=(Problem("ogc.json_broken", params=params),), **params
    )


def refuse_foreign_crs(document: JsonObject) -> None:
    """Refuse the ``crs`` member of old GeoJSON unless it names CRS84.

    Raises:
        InvalidDocumentError: the coordinates would be misread.
    """
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name", "") if isinstance(properties, dict) else str(crs)
    if not str(name).endswith("CRS84"):
        params: dict[str, Any] = {"value": str(name)[:80], "known": CRS84}
        problem = Problem("ogc.crs_unsupported", "/crs", params=params)
        raise InvalidDocumentError("ogc.crs_unsupported", problems=(problem,), **params)


def refuse_mending(document: JsonObject, known: Collection[str]) -> None:
    """Refuse what would be kept aside or left out in silence; for ``Prefer: handling=strict``.

    Args:
        document: as it was sent.
        known: names of the properties that the schema of its collection has.

    Raises:
        InvalidDocumentError: members that the schema does not name, or a height.
    """
    properties, geometry = document.get("properties"), document.get("geometry")
    unknown = [("", name) for name in document if name not in _FEATURE_MEMBERS]
    if isinstance(properties, dict):
        unknown += [("/properties", name) for name in properties if name not in known]
    problems = [unknown_member(name, above) for above, name in unknown]
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(coordinates, list) and len(coordinates) > 2:  # noqa: PLR2004 - lon, lat
        pointer, params = "/geometry/coordinates", {"wanted": 2}
        problems.append(Problem("document.maxItems", pointer, params=params))
    if problems:
        raise InvalidDocumentError("document.invalid", problems=tuple(problems))


def unknown_member(name: str, above: str = "") -> Problem:
    """Return the problem of a member that has no place where it stands.

    Args:
        name: of the member.
        above: JSON pointer of the object it stands in.
    """
    escaped = name.replace("~", "~0").replace("/", "~1")
    return Problem("document.unknown_member", f"{above}/{escaped}", params={"name": name[:80]})


def feature_reader(request: Request) -> Callable[[JsonObject], JsonObject]:
    """Return what brings a feature or patch of the body from its Content-Crs to CRS84.

    Raises:
        UsageError: the header names a CRS that is not read here.
    """
    _check_crs(request)
    return lambda document: document
