# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of the OGC API, rendered from its JSON documents in the look of the product."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

import shapely
from anyio import to_thread
from shapely.geometry import shape
from starlette.requests import Request
from starlette.responses import Response

from geoapi.codes import code_list
from geoapi.collections import SERVICE_POINTS, Collection
from geoapi.credits import attribution_of, license_name, license_of
from geoapi.messages import Language, message
from geoapi.ogc.download_files import FORMATS
from geoapi.ogc.host_config import EXTENT
from geoapi.ogc.html_values import schema_rows, shown_properties, table_columns, table_rows
from geoapi.types import BBox, JsonObject
from geoapi.web.assets import vendor_url
from geoapi.web.map_view import MapWish, around, map_view
from geoapi.web.point_data import extent, name_of
from geoapi.web.point_view import coordinates_of, json_ld, point_url
from geoapi.web.rendering import render, request_language, request_site

_VERBS = ("get", "post", "put", "patch", "delete", "options")


async def _page(request: Request, template: str, context: dict[str, Any]) -> Response:
    """Render in a thread: the map of a page may ask the store."""
    return await to_thread.run_sync(partial(render, request, f"ogc/{template}.html", context))


def json_url(request: Request, name: str = "json") -> str:
    """Return the address of the same resource in another format, with the same parameters."""
    params = {k: v for k, v in request.query_params.items() if k not in {"f", "lang"}}
    return f"{request.url.path}?{urlencode(params | {'f': name}, safe=',:')}"


async def document_page(
    request: Request, template: str, document: JsonObject, collection: Collection | None
) -> Response:
    """Show one of the documents that pygeoapi makes.

    Args:
        request: the page's.
        template: landing, conformance, collections, collection or schema.
        document: complete, in the reader's language.
        collection: which it is about, None for none.
    """
    language = request_language(request)
    context: dict[str, Any] = {
        "map_script": "" if collection is None else _map_script(collection),
        "document": document,
        "json_url": json_url(request),
        "collection": collection,
        "title": collection.title(language) if collection else "",
        "own_url": f"/ogc/collections/{collection.id}" if collection else "",
        "is_queryables": request.url.path.endswith("/queryables"),
        "api_url": f"{request_site(request).settings.base_url}/ogc",
    }
    if collection is not None:
        context |= _downloads(request, collection)
    if template == "schema":
        context["rows"] = schema_rows(document, language)
    if template == "collection" and collection is not None and collection.geometry:
        context["map"] = await to_thread.run_sync(_collection_map, request, collection)
    return await _page(request, template, context)


def _downloads(request: Request, collection: Collection) -> dict[str, Any]:
    """Return the buttons of downloads, chosen as the page is, and under which licence they are."""
    left_out = {"f", "lang", "limit", "offset", "after"}
    params = {k: v for k, v in request.query_params.items() if k not in left_out}
    address = f"/ogc/collections/{collection.id}/items"
    license_url = license_of(collection, request_site(request).settings)
    return {
        "downloads": [
            (f"downloads.{name}", f"{address}?{urlencode(params | {'f': name}, safe=',:')}")
            for name in FORMATS
        ],
        "license_url": license_url,
        "license_name": license_name(license_url),
        "attribution": attribution_of(collection, request_language(request)),
    }


def _collection_map(request: Request, collection: Collection) -> dict[str, Any]:
    language = request_language(request)
    box = extent(request_site(request)) if collection.id == SERVICE_POINTS.id else EXTENT
    alt = message("ogc_pages.collection.map", language, {"title": collection.title(language)})
    return map_view(request, MapWish(box, alt, extra=_labels(language)))


def _labels(language: Language, filters: str = "") -> dict[str, Any]:
    """Return what the script of a map with points needs beside the map."""
    return {
        "categories": {c.code: c.label(language) for c in code_list("category").codes.values()},
        "statuses": {c.code: c.label(language) for c in code_list("status").codes.values()},
        "filters": filters,
    }


async def items_page(
    request: Request, collection: Collection, page_document: JsonObject
) -> Response:
    """Show a page of items: table, map, and the way to the pages beside it.

    Args:
        request: the page's, its parameters checked.
        collection: whose items they are.
        page_document: features, links, numberMatched (None beyond the limit), numberReturned.
    """
    language = request_language(request)
    features, links = page_document["features"], page_document["links"]
    columns = table_columns(collection)
    context = {
        "collection": collection,
        "title": collection.title(language),
        "own_url": f"/ogc/collections/{collection.id}",
        "matched": _matched(page_document, language),
        "columns": [queryable.title(language) for queryable in columns],
        "rows": table_rows(collection, columns, features, language),
        "next_url": _link(links, "next"),
        "previous_url": _link(links, "prev"),
        "geojson_url": json_url(request),
        **_downloads(request, collection),
        "q": request.query_params.get("q", ""),
        "kept": [
            (name, value)
            for name, value in request.query_params.items()
            if name not in {"q", "after", "offset", "f", "lang"}
        ],
        "map": await to_thread.run_sync(_items_map, request, features),
        # areas are the ground of every map; points have a script of their own
        "map_script": _map_script(collection),
    }
    return await _page(request, "items", context)


def _matched(page_document: JsonObject, language: Language) -> str:
    matched, shown = page_document.get("numberMatched"), page_document["numberReturned"]
    if matched is None:
        return message("ogc_pages.items.matched_many", language, {"shown": f"{shown:,}"})
    params = {"n": f"{matched:,}", "shown": f"{shown:,}"}
    return message("ogc_pages.items.matched", language, params)


def _link(links: list[dict[str, str]], rel: str) -> str:
    return next((link["href"] for link in links if link["rel"] == rel), "")


def _map_script(collection: Collection) -> str:
    return "points_map.js" if collection.id == SERVICE_POINTS.id else "point_map.js"


def _items_map(request: Request, features: list[JsonObject]) -> dict[str, Any] | None:
    """Return the map around the items of a page, None when none of them has a place."""
    box = _box_around(features)
    if box is None:
        return None
    language = request_language(request)
    kept = {k: v for k, v in request.query_params.items() if k in {"q", "category"} and v}
    labels = _labels(language, f"&{urlencode(kept)}" if kept else "")
    alt = message("ogc_pages.items.map", language)
    return map_view(request, MapWish(box, alt, extra=labels))


def _box_around(features: list[JsonObject]) -> BBox | None:
    """Return the box around features, None when none of them has a geometry."""
    shapes = [shape(f["geometry"]) for f in features if f.get("geometry")]
    if not shapes:
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    return around((west, south), (east, north))


async def item_page(request: Request, collection: Collection, feature: JsonObject) -> Response:
    """Show one item with all its properties, labelled in the reader's language.

    Args:
        request: the page's.
        collection: whose item it is.
        feature: GeoJSON Feature with links.
    """
    language = request_language(request)
    name = name_of(feature, language) or str(feature["id"])
    is_point = collection.id == SERVICE_POINTS.id
    properties = feature["properties"]
    base_url = request_site(request).settings.base_url
    context = {
        "collection": collection,
        "title": collection.title(language),
        "own_url": f"/ogc/collections/{collection.id}",
        "name": name,
        "id": feature["id"],
        "etag": feature.get("etag", ""),
        "rows": shown_properties(collection, properties, language),
        "geojson_url": json_url(request),
        "history_url": f"{request.url.path}/history" if is_point else "",
        # the public page exists once a point was verified
        "point_url": point_url(feature) if is_point and properties.get("verified_at") else "",
        "json_ld": json_ld(feature, base_url) if is_point else "",
        "map": await to_thread.run_sync(_item_map, request, feature, name),
        "has_geometry": feature.get("geometry") is not None,
    }
    return await _page(request, "item", context)


def _item_map(request: Request, feature: JsonObject, name: str) -> dict[str, Any] | None:
    box = _box_around([feature])
    if box is None:
        return None
    is_place = feature["geometry"]["type"] == "Point"
    alt = message("ogc_pages.item.map", request_language(request), {"name": name})
    place = coordinates_of(feature) if is_place else None
    return map_view(request, MapWish(box, alt, point=place))


async def openapi_page(request: Request, document: JsonObject) -> Response:
    """Show the OpenAPI document as a list of operations; a button opens Swagger in its place.

    Args:
        request: the page's.
        document: the OpenAPI document.
    """
    language = request_language(request)
    operations = [
        _operation(document, path, verb, operation, language)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        if verb in _VERBS
    ]
    groups = [
        {
            "title": _in_language(tag["description"], language),
            "id": tag["name"],
            "operations": [o for o in operations if o["tag"] == tag["name"]],
        }
        for tag in document["tags"]
    ]
    vendor = vendor_url("swagger-ui-dist")
    context = {"groups": groups, "vendor": vendor, "json_url": json_url(request)}
    return await _page(request, "openapi", context)


def _operation(
    document: JsonObject, path: str, verb: str, operation: JsonObject, language: Language
) -> dict[str, Any]:
    parameters = [_followed(document, p) for p in operation.get("parameters", ())]
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "path": path,
        "verb": verb.upper(),
        "summary": _in_language(operation["summary"].split(": ")[-1], language),
        "needs_account": {} not in operation["security"],
        "parameters": [
            {
                "name": p["name"],
                "place": p["in"],
                "required": p.get("required", False),
                "text": _in_language(p["description"].partition("\n")[0], language),
            }
            for p in parameters
        ],
        "answers": [
            (status, _in_language(_followed(document, answer)["description"], language))
            for status, answer in operation["responses"].items()
        ],
    }


def _followed(document: JsonObject, node: JsonObject) -> JsonObject:
    """Return what a reference inside the document points to."""
    reference = node.get("$ref")
    if reference is None:
        return node
    _, _, kind, name = reference.split("/")
    found: JsonObject = document["components"][kind][name]
    return found


def _in_language(text: str, language: Language) -> str:
    """Take one half of ``Thai / English``.

    >>> _in_language("ลบรายการ / Delete an item", "en")
    'Delete an item'
    """
    halves = re.split(r" / ", text, maxsplit=1)
    return halves[0] if language == "th" else halves[-1]
