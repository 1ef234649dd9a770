# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API - Tiles: tile sets of collections and of the dataset, their metadata, their tiles.

A tile is of what the public sees, whoever asks, so everybody shares one entity tag.
"""

from __future__ import annotations

import gzip

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import collection_by_id
from geoapi.errors import NotFoundError, Problem, UsageError
from geoapi.ogc import tile_documents
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.host import tagged
from geoapi.ogc.negotiation import JSON, cache_control, json_language, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.ogc.tile_documents import MVT, TILE_JSON, WEB_MERCATOR_QUAD
from geoapi.tiles.build import TileAddress
from geoapi.tiles.files import StoredTile
from geoapi.tiles.service import TileService, TileSet, dataset_tiles, tile_set_of
from geoapi.types import JsonObject
from geoapi.web.compression import gzip_only
from geoapi.web.rendering import request_site

_HEADERS = {"Cache-Control": cache_control(is_public=True)}
# Otherwise it is set where a body is compressed or not, and with 304.
_EMPTY_HEADERS = {**_HEADERS, "Vary": "Accept-Encoding"}
_MOST_DIGITS = 10


def root_url(request: Request) -> str:
    """Return the address of the OGC API, without a slash at the end."""
    return f"{request_site(request).settings.base_url}/ogc"


def _above(request: Request) -> str:
    """Return the address of the collection of the path, or of the OGC API."""
    collection_id = request.path_params.get("collection_id")
    root = root_url(request)
    return root if collection_id is None else f"{root}/collections/{collection_id}"


def _tile_set(request: Request) -> TileSet:
    """Return the tile set of the path.

    Raises:
        NotFoundError: no such collection, none with tiles, or no such tile matrix set.
    """
    scheme = request.path_params.get("tileMatrixSetId", WEB_MERCATOR_QUAD)
    if scheme != WEB_MERCATOR_QUAD:
        raise NotFoundError("tiles.unknown_scheme", value=scheme[:40], known=WEB_MERCATOR_QUAD)
    collection_id = request.path_params.get("collection_id")
    if collection_id is None:
        return dataset_tiles()
    collection = collection_by_id(collection_id)
    if collection.tiles is None:
        raise NotFoundError("tiles.none", collection=collection.id)
    return tile_set_of(collection)


def document(request: Request, content: JsonObject, media_type: str = JSON) -> Response:
    """Answer with a JSON document and its entity tag."""
    response = Response(orjson.dumps(content), media_type=media_type)
    response.headers["Content-Language"] = json_language(request)
    return tagged(request, response)


def only_json(request: Request) -> None:
    """Refuse other parameters and formats than those of a document.

    Raises:
        UsageError: with the wrong parameter.
    """
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted_format(request, ("json",))


async def tile_matrix_sets(request: Request) -> Response:
    """Answer ``GET /tileMatrixSets``."""
    only_json(request)
    language = json_language(request)
    return document(request, tile_documents.tile_matrix_sets_document(root_url(request), language))


async def tile_matrix_set(request: Request) -> Response:
    """Answer ``GET /tileMatrixSets/{tileMatrixSetId}``."""
    only_json(request)
    _tile_set(request)
    return document(request, tile_documents.tile_matrix_set_document(json_language(request)))


async def tile_sets(request: Request) -> Response:
    """Answer ``GET .../tiles``."""
    only_json(request)
    found = _tile_set(request)
    language = json_language(request)
    return document(request, tile_documents.tile_sets_document(_above(request), found, language))


async def tile_set(request: Request) -> Response:
    """Answer ``GET .../tiles/{tileMatrixSetId}``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted = wanted_format(request, ("json", "tilejson"))
    found = _tile_set(request)
    settings, language = request_site(request).settings, json_language(request)
    if wanted == "tilejson":
        content = tile_documents.tile_json_document(_above(request), found, settings, language)
        return document(request, content, TILE_JSON)
    content = tile_documents.tile_set_document(_above(request), found, settings, language)
    return document(request, content)


async def tile(request: Request) -> Response:
    """Answer ``GET .../tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted_format(request, ("mvt",))
    found = _tile_set(request)
    address = _address(request, found)
    service: TileService = request.app.state.tiles
    finished = service.finished(found, address)
    if finished is None:
        finished = await to_thread.run_sync(service.tile, found, address)
    return _answer(request, finished)


def _address(request: Request, found: TileSet) -> TileAddress:
    """Read the numbers of the path.

    Raises:
        UsageError: they are no numbers.
        NotFoundError: there is no such tile.
    """
    names = ("tileMatrix", "tileRow", "tileCol")
    texts = {name: request.path_params[name] for name in names}
    problems = tuple(
        Problem("tiles.not_a_number", parameter=name, params={"value": given[:40]})
        for name, given in texts.items()
        if not (given.isascii() and given.isdecimal())
    )
    if problems:
        raise UsageError("ogc.invalid_parameters", problems=problems)
    if any(len(given) > _MOST_DIGITS for given in texts.values()):
        raise NotFoundError("tiles.no_such_tile", low=found.min_zoom, high=found.max_zoom)
    zoom, row, column = (int(given) for given in texts.values())
    if not found.holds(zoom, column, row):
        raise NotFoundError("tiles.no_such_tile", low=found.min_zoom, high=found.max_zoom)
    return TileAddress(zoom, column, row)


def _answer(request: Request, finished: StoredTile) -> Response:
    """Send a tile as it is kept, compressed, to whoever takes gzip; an empty one is 204."""
    tag = {"ETag": f'"{finished.etag}"'}
    if is_not_modified(request, finished.etag, None):
        return Response(status_code=304, headers=_HEADERS | tag)
    if not finished.packed:
        return Response(status_code=204, headers=_EMPTY_HEADERS | tag)
    headers = _HEADERS | tag
    if gzip_only(request.headers.get("accept-encoding", "")) is None:
        return Response(gzip.decompress(finished.packed), media_type=MVT, headers=headers)
    headers |= {"Content-Encoding": "gzip", "ETag": f'"{finished.etag}-gzip"'}
    return Response(finished.packed, media_type=MVT, headers=headers)
