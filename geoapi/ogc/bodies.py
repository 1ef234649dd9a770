# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the body of a write: media type, CRS and JSON, each refused in clear words."""

from __future__ import annotations

import json

import orjson
from starlette.requests import Request

from geoapi.errors import InvalidDocumentError, Problem, UnsupportedMediaError, UsageError
from geoapi.ogc.parameters import CRS84
from geoapi.types import JsonObject

FEATURE_TYPES = ("application/geo+json", "application/json")
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
    charset = params.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() not in media_types or charset not in {"", "utf-8", "utf8"}:
        problem = Problem(
            "ogc.content_type_unsupported",
            parameter="Content-Type",
            params={"value": header[:80], "known": known},
        )
        raise UnsupportedMediaError(
            "ogc.content_type_unsupported", problems=(problem,), value=header[:80], known=known
        )


def _check_crs(request: Request) -> None:
    header = request.headers.get("content-crs")
    if header is not None and header.strip().strip("<>") != CRS84:
        params = {"value": header[:80], "known": CRS84}
        problem = Problem("ogc.crs_unsupported", parameter="Content-Crs", params=params)
        raise UsageError("ogc.crs_unsupported", problems=(problem,), **params)


def _broken(body: bytes, error: json.JSONDecodeError) -> UsageError:
    if not body.strip():
        return UsageError("ogc.body_empty", problems=(Problem("ogc.body_empty"),))
    params = {"line": error.lineno, "column": error.colno, "reason": error.msg}
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
    name = crs.get("properties", {}).get("name", "") if isinstance(crs, dict) else str(crs)
    if not str(name).endswith("CRS84"):
        params = {"value": str(name)[:80], "known": CRS84}
        problem = Problem("ogc.crs_unsupported", "/crs", params=params)
        raise InvalidDocumentError("ogc.crs_unsupported", problems=(problem,), **params)
