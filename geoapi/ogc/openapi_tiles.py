# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of the OpenAPI document on tiles and styles."""

from __future__ import annotations

from geoapi.ogc.openapi_parts import ALWAYS, READ, both, header, parameter, problems
from geoapi.ogc.openapi_schemas import schema_name
from geoapi.ogc.style_document import STYLE, STYLE_IDS
from geoapi.ogc.tile_documents import JSON, MVT, TILE_JSON, WEB_MERCATOR_QUAD
from geoapi.store.tile_grid import MAX_ZOOM
from geoapi.tiles.build import tiled_collections
from geoapi.types import JsonObject

_TAG = "tiles"
_OBJECT: JsonObject = {"type": "object", "additionalProperties": True}


def tile_paths() -> JsonObject:
    """Return {path: operations} of tile sets, tile matrix sets and styles."""
    scheme = _path("tileMatrixSetId", {"type": "string", "enum": [WEB_MERCATOR_QUAD]})
    style = _path("styleId", {"type": "string", "enum": list(STYLE_IDS)})
    paths = {
        "/tileMatrixSets": _document("getTileMatrixSets", (JSON,)),
        "/tileMatrixSets/{tileMatrixSetId}": _document("getTileMatrixSet", (JSON,), scheme),
        "/styles": _document("getStyles", (JSON,)),
        "/styles/{styleId}": _document("getStyle", (STYLE,), style),
    }
    above = {"": "Dataset"} | {
        f"/collections/{each.id}": schema_name(each) for each in tiled_collections()
    }
    for path, word in above.items():
        sets = f"{path}/tiles"
        paths[sets] = _document(f"get{word}TileSets", (JSON,))
        paths[f"{sets}/{{tileMatrixSetId}}"] = _document(
            f"get{word}TileSet", (JSON, TILE_JSON), scheme
        )
        paths[f"{sets}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = _tile(
            f"get{word}Tile", scheme
        )
    return paths


def tile_tag() -> JsonObject:
    """Return the tag of these operations."""
    return {"name": _TAG, "description": both("tiles.api.tag")}


def _path(name: str, schema: JsonObject) -> JsonObject:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": both(f"tiles.api.{name}"),
        "schema": schema,
    }


_FORMATS = {JSON: "json", TILE_JSON: "tilejson", MVT: "mvt", STYLE: "mapbox"}


def _operation(
    operation_id: str, media_types: tuple[str, ...], answers: JsonObject, *named: JsonObject
) -> JsonObject:
    formats = {
        "name": "f",
        "in": "query",
        "required": False,
        "description": both("ogc_pages.parameter.f"),
        "schema": {"type": "string", "enum": [_FORMATS[each] for each in media_types]},
    }
    return {
        "get": {
            "operationId": operation_id,
            "tags": [_TAG],
            "summary": _summary(operation_id),
            "security": [{}],
            "parameters": [*named, formats, parameter("lang"), parameter("ifNoneMatch")],
            "responses": answers
            | {"304": {"$ref": "#/components/responses/NotModified"}}
            | problems(READ if named else ALWAYS),
        }
    }


def _summary(operation_id: str) -> str:
    """Name an operation; those of a collection are one sentence and the collection's title."""
    for collection in tiled_collections():
        own = f"get{schema_name(collection)}Tile"
        if operation_id.startswith(own):
            what = both(f"tiles.api.getCollectionTile{operation_id.removeprefix(own)}")
            return f"{collection.title_th} / {collection.title_en}: {what}"
    return both(f"tiles.api.{operation_id}")


def _document(operation_id: str, media_types: tuple[str, ...], *named: JsonObject) -> JsonObject:
    content = {media_type: {"schema": _OBJECT} for media_type in media_types}
    answer = {
        "description": both("ogc_pages.status.200"),
        "content": content,
        "headers": header("ETag", "Content-Language"),
    }
    return _operation(operation_id, media_types, {"200": answer}, *named)


def _tile(operation_id: str, *named: JsonObject) -> JsonObject:
    number = {"type": "integer", "minimum": 0}
    place = (
        _path("tileMatrix", number | {"maximum": MAX_ZOOM}),
        _path("tileRow", number | {"maximum": 2**MAX_ZOOM - 1}),
        _path("tileCol", number | {"maximum": 2**MAX_ZOOM - 1}),
    )
    answers = {
        "200": {
            "description": both("ogc_pages.status.200"),
            "content": {MVT: {"schema": {"type": "string", "format": "binary"}}},
            "headers": header("ETag"),
        },
        "204": {"description": both("tiles.api.empty"), "headers": header("ETag")},
    }
    return _operation(operation_id, (MVT,), answers, *named, *place)
