# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages for everybody: start, a point's page, help, and the drawn map."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geoapi.codes import code_list, label
from geoapi.errors import NotFoundError, UsageError
from geoapi.messages import Language, message
from geoapi.rights import PUBLIC
from geoapi.types import BBox, JsonObject, LonLat
from geoapi.web import (
    catalogue_pages,
    demo_pages,
    my_service_pages,
    point_data,
    point_pages,
    service_pages,
)
from geoapi.web.assets import STATIC_FOLDER, vendor_url
from geoapi.web.drawn_map import DrawnThings, draw_map, make_frame
from geoapi.web.map_symbols import grouped_categories, legend
from geoapi.web.map_view import HEIGHT_PX, WIDTH_PX, MapWish, around, map_view
from geoapi.web.photo_view import photo_views
from geoapi.web.point_data import PointList, PointSearch
from geoapi.web.point_lists import list_context, read_search
from geoapi.web.point_view import coordinates_of, json_ld, point_url, point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer

# The list stands beside the map.
_START_ROWS = 10


def routes() -> list[Route]:
    """Return the routes of all pages that are not about accounts."""
    return [
        Route("/", start, name="start"),
        Route("/p/{code}", point_page, name="point"),
        Route("/map.png", map_picture, name="map"),
        Route("/help", help_page, name="help"),
        *point_pages.routes(),
        *service_pages.routes(),
        *my_service_pages.routes(),
        *catalogue_pages.routes(),
        *demo_pages.routes(),
    ]


def start(request: Request) -> Response:
    """Show the start page, or what a search finds."""
    site, language = request_site(request), request_language(request)
    search = replace(read_search(request), size=_START_ROWS)
    found = point_data.public_points(site, search)
    counted = point_data.numbers(site)
    example = (STATIC_FOLDER / "js" / "map_example.js").read_text(encoding="utf-8")
    context: dict[str, Any] = {
        "categories": grouped_categories(language),
        "legend": legend(language),
        "map": _start_map(request, search, found),
        "numbers": [
            {"label": message(f"web.numbers.{name}", language), "value": f"{value:,}"}
            for name, value in counted.items()
        ],
        "example_source": example,
        "example_lines": len(example.splitlines()),
        "vendor": vendor_url("maplibre-gl"),
        "addresses": _addresses(site.settings.base_url, language),
        "story": None,
    }
    if site.settings.demo:
        context |= demo_pages.story_context(site, language)
    return render(request, "start.html", context | list_context(request, found, search))


def _start_map(request: Request, search: PointSearch, found: PointList) -> dict[str, Any]:
    language = search.language
    bbox = _asked_box(request) or _box_of(found, search) or point_data.extent(request_site(request))
    filters = {"q": search.q, "category": search.category}
    kept = {name: value for name, value in filters.items() if value}
    labels = {
        "categories": {c.code: c.label(language) for c in code_list("category").codes.values()},
        "statuses": {c.code: c.label(language) for c in code_list("status").codes.values()},
        "filters": f"&{urlencode(kept)}" if kept else "",
    }
    alt = message("web.map.alt_points", language)
    return map_view(request, MapWish(bbox, alt, extra=labels, link_path="/", link_query=kept))


def _asked_box(request: Request) -> BBox | None:
    """Return the box of a drawn map's link; a box that can't be read counts as none."""
    text = request.query_params.get("bbox")
    if not text:
        return None
    try:
        return make_frame(text, str(WIDTH_PX), str(HEIGHT_PX)).bbox
    except UsageError:
        return None


def _box_of(found: PointList, search: PointSearch) -> BBox | None:
    """Return the box around the points of a search, None without a search or without places."""
    places = [c for c in map(coordinates_of, found.features) if c is not None]
    if not (search.q or search.category) or not places:
        return None
    return around(*places)


def _addresses(base_url: str, language: Language) -> list[dict[str, str]]:
    items = f"{base_url}/ogc/collections/service-points/items"
    texts = {
        "curl": f"curl '{items}?limit=5&f=json'",
        "curl_search": f"curl '{items}?bbox=99.8,19.9,99.9,20.2&category=hospital'",
        "ogrinfo": f"ogrinfo -ro -so OAPIF:{base_url}/ogc service-points",
        "qgis": f"{base_url}/ogc",
        "changes": f"curl '{base_url}/ogc/collections/service-points/changes?since=0'",
    }
    return [
        {"caption": message(f"web.developers.{name}", language), "text": text}
        for name, text in texts.items()
    ]


def point_page(request: Request) -> Response:
    """Show the public page of a point, found by its short code.

    Raises:
        NotFoundError: the public knows no such point.
    """
    site, language = request_site(request), request_language(request)
    code = request.path_params["code"]
    kept = f"?{request.url.query}" if request.url.query else ""
    try:
        feature = point_data.point_by_code(site, code)
    except NotFoundError:
        successor = point_data.successor_of_code(site, code)
        if successor is None:
            raise
        # not for good: a merged point can be opened again, and its posters lead to it then
        return RedirectResponse(point_url(successor) + kept, status_code=302)
    if point_url(feature) != request.url.path:
        return RedirectResponse(point_url(feature) + kept, status_code=301)
    properties = feature["properties"]
    view = point_view(feature, language)
    agency = point_data.agency(site, properties.get("agency_id"))
    agency_name = point_data.name_of(agency, language) if agency else ""
    viewer = request_viewer(request)
    context = {
        "point": view,
        "agency": agency_name,
        "parent": _link_to(request, properties.get("parent_id")),
        "successor": _link_to(request, properties.get("successor_id")),
        "json_ld": json_ld(feature, site.settings.base_url, agency_name),
        "history": _history(request, feature),
        "may_edit": any(
            point_data.working_row(site, viewer, permission, feature["id"])
            for permission in ("points.edit", "points.review")
        ),
        "map": _point_map(request, view, coordinates_of(feature)),
        "photos": photo_views(site, PUBLIC, feature["id"], language),
        "services": service_pages.services_of(feature, language),
    }
    return render(request, "point.html", context)


def _point_map(
    request: Request, view: dict[str, Any], place: LonLat | None
) -> dict[str, Any] | None:
    if place is None:
        return None
    alt = message("web.map.alt_point", request_language(request), {"name": view["name"]})
    return map_view(request, MapWish(around(place), alt, place, extra={"own": view["id"]}))


def _link_to(request: Request, item_id: str | None) -> dict[str, Any] | None:
    feature = point_data.public_or_successor(request_site(request), item_id)
    return None if feature is None else point_view(feature, request_language(request))


def _history(request: Request, feature: JsonObject) -> list[dict[str, Any]]:
    language = request_language(request)
    return [
        {
            "at": show_date(entry["at"], language, time=True),
            "operation": label("operation", entry["operation"], language),
            "revision": entry["revision"],
        }
        for entry in point_data.public_history(request_site(request), feature["id"])
    ]


def help_page(request: Request) -> Response:
    """Show the help."""
    return render(request, "help.html")


def map_picture(request: Request) -> Response:
    """Send the drawn map of a box; browsers ask again and get 304 until something changes.

    Raises:
        UsageError: the box or the size can't be drawn.
    """
    site, language = request_site(request), request_language(request)
    given = request.query_params
    frame = make_frame(
        given.get("bbox", ""),
        given.get("width", str(WIDTH_PX)),
        given.get("height", str(HEIGHT_PX)),
    )
    change = point_data.last_change(site)
    wanted = "|".join(given.get(name, "") for name in ("point", "old", "around"))
    key = f"{change}|{frame}|{wanted}|{language}"
    etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:20]}"'
    # a reviewer's picture is fetched ahead: it may lag behind by a minute
    kept = "max-age=60" if given.get("around") == "1" else "no-cache"
    headers = {
        "ETag": etag, "Cache-Control": f"public, {kept}", "Vary": "Accept-Language, Cookie",
    }  # fmt: skip
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    chosen = _chosen(given.get("point", ""))
    things = DrawnThings(
        provinces=point_data.areas_in(site, "provinces", frame.bbox),
        districts=point_data.areas_in(site, "districts", frame.bbox),
        points=point_data.points_in(site, frame.bbox)
        if not chosen or given.get("around") == "1"
        else [],
        chosen=chosen,
        old=_chosen(given.get("old", "")),
    )
    return Response(draw_map(frame, things, language), media_type="image/png", headers=headers)


def _chosen(text: str) -> LonLat | None:
    """Read ``lon,lat``; what can't be read counts as not given."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 85 else None  # noqa: PLR2004 - degrees
