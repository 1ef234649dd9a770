# SPDX-License-Identifier: GPL-2.0-or-later
"""Items as pygeoapi answers them from our provider, to be compared with our own route."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
from anyio import to_thread
from pygeoapi.api.itemtypes import get_collection_items
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import Collection
from geoapi.ogc import cursor
from geoapi.ogc.host import HostAnswer, ask, request_host, tagged
from geoapi.ogc.negotiation import json_language
from geoapi.ogc.parameters import cursor_binding, items_query
from geoapi.providers.reading import Reading, reading
from geoapi.store.query import ItemQuery
from geoapi.web.rendering import request_site, request_viewer


async def provider_response(request: Request, collection: Collection) -> Response:
    """Answer an items request as pygeoapi writes it from our provider, with its headers as sent."""
    site, viewer = request_site(request), request_viewer(request)
    query = items_query(site, collection, viewer, request.query_params)
    following: list[str] = []

    def next_href(values: tuple[Any, ...]) -> str:
        following.append(_next_href(request, collection, query, values))
        return following[-1]

    params = {
        "f": "json",
        "lang": json_language(request),
        "limit": str(query.limit),
        "offset": str(query.offset),
    }
    api, path = request_host(request).api, request.url.path

    def asked() -> HostAnswer:
        with reading(Reading(site, viewer, query, next_href)):
            return ask(api, path, params, get_collection_items, collection.id)

    headers, _, body = await to_thread.run_sync(asked)
    own = _own_paging(body, following)
    return tagged(request, Response(own, media_type=headers["Content-Type"]))


def _next_href(
    request: Request, collection: Collection, query: ItemQuery, values: tuple[Any, ...]
) -> str:
    site, params = request_site(request), dict(request.query_params)
    if "offset" in params:  # some clients count themselves
        params["offset"] = str(query.offset + query.limit)
    else:
        binding = cursor_binding(collection, request.query_params)
        params["after"] = cursor.encode(site.keys, binding, values)
    address = f"{site.settings.base_url}/ogc/collections/{collection.id}/items"
    return f"{address}?{urlencode(params, safe=',:')}"


def _own_paging(body: str | bytes, following: list[str]) -> bytes:
    """Drop the paging links that pygeoapi guesses: behind the last page it links to another."""
    document = orjson.loads(body)
    document["links"] = [
        link
        for link in document["links"]
        if link["rel"] not in {"next", "prev"} or link["href"] in following
    ]
    return orjson.dumps(document)
