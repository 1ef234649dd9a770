# SPDX-License-Identifier: GPL-2.0-or-later
"""Recognise a plain request for a vector tile, and answer it from its file when there is one.

A map asks for dozens of tiles at once, and a finished one needs nothing but its bytes.  Tiles hold
what the public sees, whoever asks.  Everything else - a tile to be built, one that does not exist,
another format - is left to :mod:`geoapi.ogc.tiles`.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from starlette.types import Scope

from geoapi.collections import COLLECTIONS
from geoapi.ogc.hot_request import HotRequest, plain_request
from geoapi.ogc.negotiation import cache_control
from geoapi.ogc.tile_documents import MVT, WEB_MERCATOR_QUAD
from geoapi.tiles.build import TileAddress
from geoapi.tiles.service import TileService, TileSet, dataset_tiles, tile_set_of
from geoapi.web.compression import gzip_only, known_form

_PATH = re.compile(
    r"/ogc/(?:collections/([a-z-]{1,64})/)?tiles/"
    rf"{WEB_MERCATOR_QUAD}/([0-9]{{1,2}})/([0-9]{{1,8}})/([0-9]{{1,8}})"
)
_ACCEPTED = frozenset({MVT, "*/*", "application/*", ""})
_TILE = "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_KEEPING = cache_control(is_public=True)


def tile_route(asked: HotRequest) -> str:
    """Return the route of a tile, for logs and counts."""
    return f"/ogc/collections/{{collection_id}}{_TILE}" if asked.collection_id else f"/ogc{_TILE}"


def hot_tile(scope: Scope) -> tuple[HotRequest, TileSet, TileAddress] | None:
    """Return the plain request for a tile that a scope is, None for everything else."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope.get("root_path"):
        return None
    path: str = scope["path"]
    if "/tiles/" not in path or scope["query_string"]:
        return None
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    collection_id = found[1] or ""
    tile_set = _tile_set(collection_id)
    asked = plain_request(scope, _ACCEPTED, collection_id)
    if tile_set is None or asked is None:
        return None
    zoom, row, column = int(found[2]), int(found[3]), int(found[4])
    if not tile_set.holds(zoom, column, row):
        return None
    return asked, tile_set, TileAddress(zoom, column, row)


@lru_cache(maxsize=256)
def _tile_set(collection_id: str) -> TileSet | None:
    if not collection_id:
        return dataset_tiles()
    collection = COLLECTIONS.get(collection_id)
    return None if collection is None or collection.tiles is None else tile_set_of(collection)


def finished_tile(
    service: TileService, asked: HotRequest, tile_set: TileSet, address: TileAddress
) -> tuple[int, dict[str, str], bytes] | None:
    """Return status, headers and body of a tile that needs no building.

    Args:
        service: of the running site.
        asked: whose conditions count.
        tile_set: of the path.
        address: of the path.
    """
    found = service.finished(tile_set, address)
    if found is None:
        return None
    plain = f'"{found.etag}"'
    headers = {"Cache-Control": _KEEPING, "ETag": plain}
    if asked.has_current(found.etag, None):
        headers["ETag"] = known_form(plain, asked.coding, asked.if_none_match)
        return 304, headers, b""
    if not found.packed:
        return 204, headers, b""
    body = found.packed
    if gzip_only(asked.accept_encoding) is None:
        if asked.coding is not None:  # what is kept would have to be packed anew
            return None
        body = gzip.decompress(body)
    else:
        headers |= {"Content-Encoding": "gzip", "ETag": f'"{found.etag}-gzip"'}
    headers |= {"Content-Length": str(len(body)), "Content-Type": MVT}
    return 200, headers, body
