# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page hands to its map: to the live one as JSON, to the drawn one as addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from geoapi.codes import code_list
from geoapi.messages import Language, message
from geoapi.types import BBox, LonLat
from geoapi.web.assets import vendor_url
from geoapi.web.basemaps import read_basemaps
from geoapi.web.drawn_map import fit_frame
from geoapi.web.map_symbols import symbols, top_category
from geoapi.web.rendering import request_language, request_site

WIDTH_PX, HEIGHT_PX = 720, 480
# Half the side of the box around a single point, degrees: about 2 km.
_AROUND_POINT_DEG = 0.02
_PAN, _ZOOM_IN, _ZOOM_OUT = 0.4, 0.25, 1.0


@dataclass(frozen=True)
class MapWish:
    """Which map a page wants.

    Attributes:
        bbox: first view, CRS84 degrees.
        alt: what the picture shows, in words.
        point: place that stands out, None for none.
        old: place before a move, None for none.
        extra: further members for the script.
        link_path: page that shows the drawn map moved and zoomed, '' for none.
        link_query: parameters that its links keep.
        shows_around: the drawn map shows the public points beside the one that stands out.
    """

    bbox: BBox
    alt: str
    point: LonLat | None = None
    old: LonLat | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    link_path: str = ""
    link_query: dict[str, str] = field(default_factory=dict)
    shows_around: bool = False


def around(*places: LonLat) -> BBox:
    """Return a box around places, at least some kilometres wide."""
    lons, lats = [p[0] for p in places], [p[1] for p in places]
    margin = _AROUND_POINT_DEG
    return (min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin)


def map_view(request: Request, wish: MapWish) -> dict[str, Any]:
    """Return what the map macros of the templates need.

    Raises:
        UsageError: the site's list of basemaps is broken.
    """
    language = request_language(request)
    frame = fit_frame(wish.bbox, WIDTH_PX, HEIGHT_PX)
    drawn = {"bbox": _spelled(frame.bbox), "width": WIDTH_PX, "height": HEIGHT_PX, "lang": language}
    if wish.point is not None:
        drawn["point"] = f"{wish.point[0]:.6f},{wish.point[1]:.6f}"
    if wish.old is not None:
        drawn["old"] = f"{wish.old[0]:.6f},{wish.old[1]:.6f}"
    if wish.shows_around:
        drawn["around"] = "1"
    return {
        "data": _script_data(request, wish, language),
        "image_url": f"/map.png?{urlencode(drawn)}",
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "alt": wish.alt,
        "links": _links(wish, frame.bbox, language) if wish.link_path else [],
    }


def _script_data(request: Request, wish: MapWish, language: Language) -> dict[str, Any]:
    def say(name: str) -> str:
        return message(f"web.map.{name}", language)

    codes = code_list("category").codes
    used = {name: {"color": s.color, "corners": s.corners} for name, s in symbols().items()}
    return {
        "vendor": vendor_url("maplibre-gl"),
        "bbox": [round(value, 5) for value in wish.bbox],
        "language": language,
        "basemaps": read_basemaps(request_site(request).settings.basemaps),
        "symbols": used,
        "groups": {code: top_category(code) for code in codes},
        "point": wish.point,
        "old": wish.old,
        "words": {
            name: say(name)
            for name in (
                "basemap", "no_basemap", "place", "old_place", "move_by_keys", "no_position",
                "credit",
            )
        }
        | {
            "controls": {
                "Map.Title": wish.alt,
                "NavigationControl.ZoomIn": say("zoom_in"),
                "NavigationControl.ZoomOut": say("zoom_out"),
                "AttributionControl.ToggleAttribution": say("credits"),
                "Popup.Close": say("close"),
                "Marker.Title": say("place"),
                "ScaleControl.Kilometers": say("km_unit"),
                "ScaleControl.Meters": say("m_unit"),
            }
        },
    } | wish.extra  # fmt: skip


def _spelled(bbox: BBox) -> str:
    return ",".join(f"{value:.5f}" for value in bbox)


def _links(wish: MapWish, bbox: BBox, language: Language) -> list[dict[str, str]]:
    """Return plain links that show the drawn map moved or zoomed."""
    west, south, east, north = bbox
    dx, dy = (east - west) * _PAN, (north - south) * _PAN
    in_x, in_y = (east - west) * _ZOOM_IN, (north - south) * _ZOOM_IN
    out_x, out_y = (east - west) * _ZOOM_OUT / 2, (north - south) * _ZOOM_OUT / 2
    boxes = {
        "zoom_in": (west + in_x, south + in_y, east - in_x, north - in_y),
        "zoom_out": (west - out_x, south - out_y, east + out_x, north + out_y),
        "north": (west, south + dy, east, north + dy),
        "south": (west, south - dy, east, north - dy),
        "west": (west - dx, south, east - dx, north),
        "east": (west + dx, south, east + dx, north),
    }
    return [
        {
            "text": message(f"web.map.{name}", language),
            "url": f"{wish.link_path}?{urlencode(wish.link_query | {'bbox': _spelled(box)})}#map",
        }
        for name, box in boxes.items()
    ]
