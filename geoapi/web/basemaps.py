# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the site's list of raster basemaps; without one no third party is asked for anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geoapi.errors import Problem, UsageError
from geoapi.types import JsonObject

# Names of WMTS templates, and what the map library calls the same thing.
_WMTS_NAMES = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
_MOST_ZOOM = 24


def read_basemaps(path: str) -> list[JsonObject]:
    """Read the list of ``basemaps`` as the map script takes it.

    Each entry has ``url`` (a template with {z} {x} {y}, or the RESTful template of a WMTS in
    WebMercatorQuad with {TileMatrix} {TileRow} {TileCol}), ``title_th``, ``title_en``,
    ``attribution``, and may have ``max_zoom`` and ``tile_size`` in pixels.

    Args:
        path: of the JSON file, '' for none.

    Raises:
        UsageError: the file is missing or broken, or an entry lacks a member.
    """
    if not path:
        return []
    try:
        entries = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError("web.basemaps.missing", path=path) from error
    except ValueError as error:
        raise UsageError("web.basemaps.broken", path=path, reason=str(error)) from error
    if not isinstance(entries, list):
        raise UsageError("web.basemaps.broken", path=path, reason="not a list")
    problems = [p for index, entry in enumerate(entries) for p in _problems(index, entry)]
    if problems:
        raise UsageError("web.basemaps.invalid", path=path, problems=tuple(problems))
    return [_source(entry) for entry in entries]


def basemap_origins(path: str) -> tuple[str, ...]:
    """Return the origins that pages must be allowed to read tiles from, for the page's policy."""
    parts = (urlsplit(basemap["tiles"][0]) for basemap in read_basemaps(path))
    return tuple(dict.fromkeys(f"{p.scheme}://{p.netloc}" for p in parts if p.netloc))


def _problems(index: int, entry: Any) -> list[Problem]:  # noqa: ANN401 - any JSON
    if not isinstance(entry, dict):
        return [Problem("web.basemaps.entry", f"/{index}", params={"name": index})]
    return [
        Problem("web.basemaps.member", f"/{index}/{name}", params={"name": name})
        for name in ("url", "title_th", "title_en", "attribution")
        if not isinstance(entry.get(name), str) or not entry[name]
    ]


def _source(entry: JsonObject) -> JsonObject:
    url = entry["url"]
    for wmts, plain in _WMTS_NAMES.items():
        url = url.replace(wmts, plain)
    return {
        "tiles": [url],
        "title_th": entry["title_th"],
        "title_en": entry["title_en"],
        "attribution": entry["attribution"],
        "tile_size": int(entry.get("tile_size", 256)),
        "max_zoom": min(int(entry.get("max_zoom", 19)), _MOST_ZOOM),
    }
