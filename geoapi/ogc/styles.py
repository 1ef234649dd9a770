# SPDX-License-Identifier: GPL-2.0-or-later
"""The addresses of map styles, as OGC API - Styles (draft) spells them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import NotFoundError
from geoapi.ogc.negotiation import JSON, json_language, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.ogc.style_document import STYLE, STYLE_IDS, style_document
from geoapi.ogc.tile_documents import link, text
from geoapi.ogc.tiles import document, only_json, root_url


async def styles(request: Request) -> Response:
    """Answer ``GET /styles``."""
    only_json(request)
    language, root = json_language(request), root_url(request)
    found = []
    for style_id, own in STYLE_IDS.items():
        title = text(f"style.{own}", language)
        href = f"{root}/styles/{style_id}?f=mapbox"
        found.append(
            {"id": style_id, "title": title, "links": [link("stylesheet", STYLE, href, title)]}
        )
    own_link = link("self", JSON, f"{root}/styles", text("link.styles", language))
    return document(request, {"styles": found, "default": "pakmud-th", "links": [own_link]})


async def style(request: Request) -> Response:
    """Answer ``GET /styles/{styleId}``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted_format(request, ("mapbox", "json"))
    style_id = request.path_params["styleId"]
    if style_id not in STYLE_IDS:
        known = ", ".join(STYLE_IDS)
        raise NotFoundError("tiles.unknown_style", value=style_id[:40], known=known)
    return document(request, style_document(root_url(request), STYLE_IDS[style_id]), STYLE)
