# SPDX-License-Identifier: GPL-2.0-or-later
"""What to bring to a service point for a service, as JSON beside the item."""

from __future__ import annotations

import hashlib

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi import what_to_bring
from geoapi.collections import SERVICE_POINTS, collection_by_id
from geoapi.errors import NotFoundError, Problem, UsageError
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.items import items_url
from geoapi.ogc.negotiation import JSON, finish, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.site import Site
from geoapi.store.query import read_item
from geoapi.types import JsonObject
from geoapi.web.rendering import request_site


async def get_what_to_bring(request: Request) -> Response:
    """Answer ``GET /collections/service-points/items/{item_id}/what-to-bring?service=``.

    What the public sees is answered, whoever asks.
    """
    site = request_site(request)
    collection = collection_by_id(request.path_params["collection_id"])
    refuse_unknown(request.query_params, ("f", "lang", "service"))
    wanted_format(request, ("json",))
    item_id = request.path_params["item_id"]
    if collection.id != SERVICE_POINTS.id or "\0" in item_id:
        raise NotFoundError("ogc.item_not_found", id=item_id[:80].replace("\0", ""))
    service = request.query_params.get("service", "")
    if not service:
        problem = Problem("bring.which_service", parameter="service")
        raise UsageError("ogc.invalid_parameters", problems=(problem,))
    found = await to_thread.run_sync(_answer, site, item_id, service)
    address = f"{items_url(site, SERVICE_POINTS)}/{item_id}"
    found["links"] = [{"rel": "about", "type": "application/geo+json", "href": address}]
    body = orjson.dumps(found)
    etag = hashlib.sha256(body).hexdigest()[:24]
    headers = {"ETag": f'"{etag}"'}
    if is_not_modified(request, etag, None):
        return finish(request, Response(status_code=304, headers=headers))
    return finish(request, Response(body, media_type=JSON, headers=headers))


def _answer(site: Site, item_id: str, service: str) -> JsonObject:
    stored = read_item(site.store, SERVICE_POINTS.source, item_id, ())
    if stored is None:
        raise NotFoundError("ogc.item_not_found", id=item_id[:80])
    return what_to_bring.answer(site, orjson.loads(stored.feature), service)
