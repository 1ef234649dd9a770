# SPDX-License-Identifier: GPL-2.0-or-later
"""Every address under ``/ogc`` and the verbs it knows, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi.errors import ServicePointError
from geoapi.ogc import (
    bring,
    deprecation,
    feed,
    host,
    items,
    job_routes,
    openapi,
    photo_writes,
    processes,
    styles,
    tiles,
    time_travel,
    transactions,
    writes,
)
from geoapi.ogc.conditional import preferences
from geoapi.ogc.negotiation import finish
from geoapi.web.error_pages import on_error
from geoapi.web.rendering import request_site

type Handler = Callable[[Request], Awaitable[Response]]

_PROCESS, _JOB = "/processes/{process_id}", "/jobs/{job_id}"
_COLLECTION = "/collections/{collection_id}"
_ITEM = _COLLECTION + "/items/{item_id}"

RESOURCES: Mapping[str, Mapping[str, Handler]] = {
    # first, because a map asks for dozens of tiles and each address is compared with those before
    **{
        f"{above}/tiles{below}": {"GET": handler}
        for above in ("", _COLLECTION)
        for below, handler in (
            ("/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", tiles.tile),
            ("/{tileMatrixSetId}", tiles.tile_set),
            ("", tiles.tile_sets),
        )
    },
    "/": {"GET": host.landing_page},
    "/conformance": {"GET": host.conformance},
    "/openapi": {"GET": openapi.get_openapi},
    "/transactions": {"POST": transactions.post_transaction},
    "/collections": {"GET": host.collections},
    _COLLECTION: {"GET": host.collection},
    f"{_COLLECTION}/queryables": {"GET": host.queryables},
    f"{_COLLECTION}/schema": {"GET": host.schema},
    f"{_COLLECTION}/changes": {"GET": feed.get_changes},
    f"{_COLLECTION}/items": {
        "GET": items.get_items,
        "POST": photo_writes.create_item,
        "OPTIONS": writes.items_options,
    },
    f"{_ITEM}/transitions": {"POST": writes.take_action},
    f"{_ITEM}/history": {"GET": feed.get_history},
    f"{_ITEM}/timemap": {"GET": time_travel.get_timemap},
    f"{_ITEM}/timegate": {"GET": time_travel.get_timegate},
    f"{_ITEM}/what-to-bring": {"GET": bring.get_what_to_bring},
    _ITEM: {
        "GET": items.get_item,
        "PUT": writes.replace_item,
        "PATCH": writes.update_item,
        "DELETE": writes.delete_item,
        "OPTIONS": writes.item_options,
    },
    "/tileMatrixSets": {"GET": tiles.tile_matrix_sets},
    "/tileMatrixSets/{tileMatrixSetId}": {"GET": tiles.tile_matrix_set},
    "/styles": {"GET": styles.styles},
    "/styles/{styleId}": {"GET": styles.style},
    "/processes": {"GET": processes.get_processes},
    _PROCESS: {"GET": processes.get_process},
    f"{_PROCESS}/execution": {"POST": processes.execute},
    "/jobs": {"GET": job_routes.get_jobs},
    _JOB: {"GET": job_routes.get_job, "DELETE": job_routes.delete_job},
    f"{_JOB}/results": {"GET": job_routes.get_results},
    f"{_JOB}/results/{{output_id}}": {"GET": job_routes.get_result},
}


def ogc_routes() -> list[Route]:
    """Return the routes of the OGC API; an address knows all its verbs, for an honest Allow."""
    return [_route(path, handlers) for path, handlers in RESOURCES.items()]


def _route(path: str, handlers: Mapping[str, Handler]) -> Route:
    route = Route(path, _dispatch(handlers, deprecation.of_route(path)), name=path)
    route.methods = None  # every verb comes in: who asks for PROPFIND is told what there is
    return route


def _dispatch(
    handlers: Mapping[str, Handler], deprecated: tuple[deprecation.Deprecated, ...]
) -> Handler:
    allowed = [*handlers, *(["HEAD"] if "GET" in handlers else [])]
    if "OPTIONS" not in allowed:
        allowed.append("OPTIONS")
    allow = ", ".join(allowed)

    async def endpoint(request: Request) -> Response:
        verb = "GET" if request.method == "HEAD" else request.method
        if verb in handlers:
            response = await _handled(request, handlers[verb])
            if deprecated:
                base_url = request_site(request).settings.base_url
                told = deprecation.headers(deprecated, request.query_params, base_url)
                for name, value in told.items():
                    response.headers.append(name, value)
            return response
        if verb == "OPTIONS":
            return finish(request, Response(status_code=200, headers={"Allow": allow}))
        raise HTTPException(405, headers={"Allow": allow})

    return endpoint


async def _handled(request: Request, handler: Handler) -> Response:
    """Call a handler; a client that asked for strict handling is told that it was refused by it.

    Raises:
        ServicePointError: whatever the handler raises when nothing was preferred.
    """
    try:
        return await handler(request)
    except ServicePointError as error:
        if not preferences(request).is_strict:
            raise
        response = await on_error(request, error)
        response.headers["Preference-Applied"] = "handling=strict"
        return response
