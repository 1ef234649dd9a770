# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve the OpenAPI document, as JSON and as a page that reads without any library."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from geoapi.ogc import html_pages
from geoapi.ogc.host import request_host, tagged
from geoapi.ogc.negotiation import wanted_format
from geoapi.ogc.openapi_document import MEDIA_TYPE, openapi_document
from geoapi.ogc.parameters import refuse_unknown

__all__ = ["MEDIA_TYPE", "get_openapi", "openapi_document"]


async def get_openapi(request: Request) -> Response:
    """Answer ``GET /openapi``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    host = request_host(request)
    if wanted_format(request) == "html":
        page = await html_pages.openapi_page(request, orjson.loads(host.openapi))
        return tagged(request, page)
    return tagged(request, Response(host.openapi, media_type=MEDIA_TYPE))
