# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents about tiles: tile matrix set, tile sets, TileJSON, and the links that lead to them.

Source: OGC 20-057 (OGC API - Tiles), OGC 17-083r4 (tile sets), TileJSON 3.0.0.
"""

from __future__ import annotations

from geoapi.collections import Collection
from geoapi.messages import Language, message
from geoapi.settings import Settings
from geoapi.store.tile_grid import LEVEL, cell_of, deinterleave
from geoapi.store.tile_tables import POINT_LAYERS
from geoapi.tiles.build import COUNT, names_layer
from geoapi.tiles.service import TileSet
from geoapi.types import JsonObject

WEB_MERCATOR_QUAD = "WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"
JSON = "application/json"
TILE_JSON = "application/vnd.mapbox.tile+json"
# Thailand with its islands, degrees: west, south, east, north.
EXTENT = (97.3, 5.6, 105.7, 20.5)

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
TILESETS = f"{_REL}tilesets-vector"
_SCHEME = f"{_REL}tiling-scheme"
_SCHEMES = f"{_REL}tiling-schemes"
_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EDGE_M = 20037508.342789244
_LEVELS = 25
_TILE_PX = 256
# Metres of a pixel by the standard, 0.28 mm.
_PIXEL_M = 0.00028


def text(message_id: str, language: Language, **params: str) -> str:
    """Return a sentence about tiles."""
    return message(f"tiles.{message_id}", language, params)


def link(rel: str, media_type: str, href: str, title: str) -> JsonObject:
    """Return a link."""
    return {"rel": rel, "type": media_type, "title": title, "href": href}


def landing_links(root: str, language: Language) -> list[JsonObject]:
    """Return the links of the landing page to tiles and styles.

    Args:
        root: address of the OGC API without a slash at the end.
        language: of their titles.
    """
    return [
        link(TILESETS, JSON, f"{root}/tiles", text("link.dataset", language)),
        link(_SCHEMES, JSON, f"{root}/tileMatrixSets", text("link.schemes", language)),
        link(f"{_REL}styles", JSON, f"{root}/styles", text("link.styles", language)),
    ]


def collection_links(own: str, collection: Collection, language: Language) -> list[JsonObject]:
    """Return the link of a collection to its tiles; none when it has none."""
    if collection.tiles is None:
        return []
    return [link(TILESETS, JSON, f"{own}/tiles", text("link.tilesets", language))]


def tile_matrix_sets_document(root: str, language: Language) -> JsonObject:
    """Return the list of the one tile matrix set that there is."""
    href = f"{root}/tileMatrixSets/{WEB_MERCATOR_QUAD}"
    return {
        "tileMatrixSets": [
            {
                "id": WEB_MERCATOR_QUAD,
                "title": text("scheme", language),
                "uri": _URI,
                "crs": _CRS,
                "links": [link("self", JSON, href, text("scheme", language))],
            }
        ],
        "links": [link("self", JSON, f"{root}/tileMatrixSets", text("link.schemes", language))],
    }


def tile_matrix_set_document(language: Language) -> JsonObject:
    """Return the definition of WebMercatorQuad."""
    matrices = []
    for zoom in range(_LEVELS):
        cell_size = 2 * _EDGE_M / _TILE_PX / 2**zoom
        matrices.append(
            {
                "id": str(zoom),
                "scaleDenominator": cell_size / _PIXEL_M,
                "cellSize": cell_size,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-_EDGE_M, _EDGE_M],
                "tileWidth": _TILE_PX,
                "tileHeight": _TILE_PX,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
        )
    return {
        "id": WEB_MERCATOR_QUAD,
        "title": text("scheme", language),
        "uri": _URI,
        "crs": _CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    }


def tile_sets_document(above: str, tile_set: TileSet, language: Language) -> JsonObject:
    """Return the list of tile sets of a collection or of the dataset.

    Args:
        above: address of the collection, or of the OGC API.
        tile_set: the one that there is.
        language: of titles.
    """
    return {
        "tilesets": [
            _short(above, tile_set, language)
            | {"links": [_self(above, tile_set, language), _scheme_link(above, language)]}
        ],
        "links": [link("self", JSON, f"{above}/tiles", text("link.tilesets", language))],
    }


def title_of(tile_set: TileSet, language: Language) -> str:
    """Return the title of a tile set."""
    if len(tile_set.collections) == 1:
        return tile_set.collections[0].title(language)
    return text("dataset", language)


def _short(above: str, tile_set: TileSet, language: Language) -> JsonObject:
    del above
    return {
        "title": title_of(tile_set, language),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": _URI,
    }


def _address(above: str) -> str:
    return f"{above}/tiles/{WEB_MERCATOR_QUAD}"


def _self(above: str, tile_set: TileSet, language: Language) -> JsonObject:
    return link("self", JSON, _address(above), title_of(tile_set, language))


def _scheme_link(above: str, language: Language) -> JsonObject:
    root = above.partition("/collections/")[0]
    href = f"{root}/tileMatrixSets/{WEB_MERCATOR_QUAD}"
    return link(_SCHEME, JSON, href, text("scheme", language))


def tile_set_document(
    above: str, tile_set: TileSet, settings: Settings, language: Language
) -> JsonObject:
    """Return the metadata of a tile set.

    Args:
        above: address of the collection, or of the OGC API.
        tile_set: which.
        settings: for the licence.
        language: of titles.
    """
    address = _address(above)
    template = f"{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
    as_tilejson = f"{address}?f=tilejson"
    return _short(above, tile_set, language) | {
        "description": text("description", language),
        "attribution": message("ogc_pages.attribution", language),
        "license": settings.license_url,
        "tileMatrixSetLimits": _limits(tile_set),
        "boundingBox": {
            "lowerLeft": list(EXTENT[:2]),
            "upperRight": list(EXTENT[2:]),
            "crs": _CRS84,
            "orderedAxes": ["Lon", "Lat"],
        },
        "layers": [described for c in tile_set.collections for described in _layers(c, language)],
        "links": [
            _self(above, tile_set, language),
            link("item", MVT, template, text("link.tile", language)) | {"templated": True},
            link("alternate", TILE_JSON, as_tilejson, "TileJSON 3.0"),
            _scheme_link(above, language),
            link("license", "text/html", settings.license_url, text("link.license", language)),
        ],
    }


def _limits(tile_set: TileSet) -> list[JsonObject]:
    west, south, east, north = EXTENT
    found = []
    for zoom in range(tile_set.min_zoom, tile_set.max_zoom + 1):
        shift = LEVEL - zoom
        left, top = (part >> shift for part in deinterleave(cell_of(west, north)))
        right, bottom = (part >> shift for part in deinterleave(cell_of(east, south)))
        found.append(
            {
                "tileMatrix": str(zoom),
                "minTileRow": top,
                "maxTileRow": bottom,
                "minTileCol": left,
                "maxTileCol": right,
            }
        )
    return found


def _layers(collection: Collection, language: Language) -> list[JsonObject]:
    """Describe the layers that a collection has in a tile."""
    if collection.tiles is None:
        return []
    is_points = collection.table in POINT_LAYERS
    zooms = {
        "minTileMatrix": str(collection.tiles.min_zoom),
        "maxTileMatrix": str(collection.tiles.max_zoom),
    }
    schema = {
        "type": "object",
        "properties": {
            name: {
                "title": title,
                "type": "integer" if name == COUNT else "string",
            }
            for name, title in _fields(collection, language).items()
        },
    }
    own = {
        "id": collection.id,
        "title": collection.title(language),
        "description": collection.description(language),
        "dataType": "vector",
        "geometryDimension": 0 if is_points else 2,
        "propertiesSchema": schema,
    } | zooms
    if is_points:
        return [own]
    names = text("names", language, title=collection.title(language))
    return [own, own | {"id": names_layer(collection), "title": names, "geometryDimension": 0}]


def _fields(collection: Collection, language: Language) -> dict[str, str]:
    """Return {attribute of the features: its title}."""
    titles = {q.name: q.title(language) for q in collection.queryables}
    shown = () if collection.tiles is None else collection.tiles.attributes
    fields = {"id": message("ogc_pages.field.id", language)}
    fields |= {name: titles[name] for name in shown}
    if collection.table in POINT_LAYERS:
        fields[COUNT] = text("count", language)
    return fields


def tile_json_document(
    above: str, tile_set: TileSet, settings: Settings, language: Language
) -> JsonObject:
    """Return the TileJSON of a tile set.

    Args:
        above: address of the collection, or of the OGC API.
        tile_set: which.
        settings: for the licence.
        language: of names and titles.
    """
    west, south, east, north = EXTENT
    credit = message("ogc_pages.attribution", language)
    licence = text("link.license", language)
    return {
        "tilejson": "3.0.0",
        "name": title_of(tile_set, language),
        "description": text("description", language),
        "version": f"{tile_set.form}",
        "attribution": f'{credit} · <a href="{settings.license_url}">{licence}</a>',
        "scheme": "xyz",
        "tiles": [f"{_address(above)}/{{z}}/{{y}}/{{x}}?f=mvt"],
        "minzoom": tile_set.min_zoom,
        "maxzoom": tile_set.max_zoom,
        "bounds": list(EXTENT),
        "center": [(west + east) / 2, (south + north) / 2, 5],
        "vector_layers": [
            {
                "id": layer["id"],
                "description": layer["title"],
                "minzoom": int(layer["minTileMatrix"]),
                "maxzoom": int(layer["maxTileMatrix"]),
                "fields": {
                    name: described["title"]
                    for name, described in layer["propertiesSchema"]["properties"].items()
                },
            }
            for collection in tile_set.collections
            for layer in _layers(collection, language)
        ],
    }
