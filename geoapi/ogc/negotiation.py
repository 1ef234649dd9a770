# SPDX-License-Identifier: GPL-2.0-or-later
"""Choose the representation of an answer: ``f=`` first, then Accept, then JSON."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import Problem, UsageError
from geoapi.messages import Language
from geoapi.web.rendering import request_language, request_viewer

GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html"
CSV = "text/csv"
GEOPACKAGE = "application/geopackage+sqlite3"
PARQUET = "application/vnd.apache.parquet"
LINK_FORMAT = "application/link-format"
VARY = "Accept, Accept-Language, Authorization, Cookie"
_MEDIA_TYPES = {
    "json": (GEOJSON, JSON),
    "html": (HTML, "application/xhtml+xml"),
    "csv": (CSV,),
    "gpkg": (GEOPACKAGE,),
    "parquet": (PARQUET,),
    "link": (LINK_FORMAT,),
    "mvt": ("application/vnd.mapbox-vector-tile",),
    "tilejson": ("application/vnd.mapbox.tile+json",),
    "mapbox": ("application/vnd.mapbox.style+json",),
}


def wanted_format(request: Request, available: tuple[str, ...] = ("json", "html")) -> str:
    """Return the name of a format, such as ``json``, ``html`` or ``csv``.

    Args:
        request: with ``f`` or Accept.
        available: the formats of the resource, the default first.

    Raises:
        UsageError: ``f`` names none of them.
    """
    named = request.query_params.get("f")
    if named is not None:
        if named == "geojson":
            named = "json"
        if named not in available:
            params = {"value": named[:40], "known": ", ".join(available)}
            problem = Problem("ogc.unknown_format", parameter="f", params=params)
            raise UsageError("ogc.invalid_parameters", problems=(problem,))
        return named
    for media_type in _accepted(request.headers.get("accept", "")):
        for name in available:
            if media_type in _MEDIA_TYPES[name]:
                return name
    return available[0]


def _accepted(header: str) -> list[str]:
    weighted = []
    for part in header.split(","):
        media_type, _, rest = part.strip().partition(";")
        quality = 1.0
        for param in rest.split(";"):
            name, _, value = param.strip().partition("=")
            if name == "q":
                quality = float(value) if value.replace(".", "", 1).isdecimal() else 0.0
        if quality > 0:
            weighted.append((-quality, media_type.strip().lower()))
    return [media_type for _, media_type in sorted(weighted, key=lambda pair: pair[0])]


def json_language(request: Request) -> Language:
    """Return the language of titles and errors in JSON."""
    return request_language(request)


def finish(request: Request, response: Response) -> Response:
    """Set what every answer of the OGC API needs: who may keep it, and what it depends on."""
    response.headers.setdefault(
        "Cache-Control", cache_control(is_public=request_viewer(request).is_anonymous)
    )
    response.headers["Vary"] = VARY
    return response


def cache_control(*, is_public: bool) -> str:
    """Return who may keep an answer that has to be asked about again each time."""
    return "public, no-cache" if is_public else "private, no-cache"
