# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the bytes of a tile from what is published now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geoapi.collections import COLLECTIONS, Collection
from geoapi.store import Store
from geoapi.store.tile_query import read_areas, read_points
from geoapi.store.tile_tables import POINT_LAYERS
from geoapi.tiles import mvt
from geoapi.tiles.areas import area_shapes, name_shapes, points_in_tile, tile_box

# Whoever changes what tiles hold changes this too: files of an earlier form are then not used.
FORM = 1
COUNT = "count"


@dataclass(frozen=True)
class TileAddress:
    """Which tile.

    Attributes:
        zoom: tile matrix of WebMercatorQuad.
        column: from west.
        row: from north.
    """

    zoom: int
    column: int
    row: int

    @property
    def triple(self) -> tuple[int, int, int]:
        """Return (zoom, column, row)."""
        return self.zoom, self.column, self.row


def tiled_collections() -> tuple[Collection, ...]:
    """Return the collections that have tiles, in the order in which a map draws them."""
    drawn_last = [c for c in COLLECTIONS.values() if c.tiles is not None]
    return tuple(sorted(drawn_last, key=lambda collection: collection.table in POINT_LAYERS))


def names_layer(collection: Collection) -> str:
    """Return the layer of the places where names of areas stand."""
    return f"{collection.id}-names"


def build_tile(store: Store, collections: Iterable[Collection], address: TileAddress) -> bytes:
    """Encode the layers of collections for a tile; b'' when it is empty.

    Args:
        store: read as the public sees it.
        collections: with tiles.
        address: which tile.

    Raises:
        DataUnavailableError: the statement took too long, or the store is away.
    """
    return b"".join(_layers(store, collection, address) for collection in collections)


def _layers(store: Store, collection: Collection, address: TileAddress) -> bytes:
    layer = collection.tiles
    if layer is None or not layer.min_zoom <= address.zoom <= layer.max_zoom:
        return b""
    if collection.table in POINT_LAYERS:
        points = read_points(store, collection.table, layer.attributes, address.triple)
        places = points_in_tile([point.cell for point in points], address.zoom)
        shapes = (
            mvt.Shape(mvt.POINT, place, (*point.values, point.stands_for))
            for place, point in zip(places, points, strict=True)
        )
        return mvt.layer(collection.id, ("id", *layer.attributes, COUNT), shapes)
    level = collection.fixed["level"]
    rows = read_areas(store, level, layer.attributes, tile_box(*address.triple))
    keys = ("id", *layer.attributes)
    return mvt.layer(collection.id, keys, area_shapes(rows, address.triple)) + mvt.layer(
        names_layer(collection), keys, name_shapes(rows, address.triple)
    )
