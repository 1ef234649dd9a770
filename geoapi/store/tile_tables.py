# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables behind the vector tiles: where published points show up, and what changed on the map.

They are narrow and apart from the feature tables on purpose: a new point may change the rank of a
few neighbours, and rewriting those must touch neither the wide rows nor the locks of whoever edits
them.  docs/adr/0008-tiles.md has the measurements.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from geoapi.store.columns import SortText
from geoapi.store.feature_tables import LONG, METADATA

# Feature tables whose published points have a rank; other tables only have marks.
POINT_LAYERS = ("service_point",)
LAYERS = (*POINT_LAYERS, "area")

tile_point = Table(
    "tile_point",
    METADATA,
    # name of the feature table
    Column("layer", SortText, primary_key=True),
    Column("item_id", SortText, primary_key=True),
    # position as an interleaved (Morton) number, see geoapi.store.tile_grid
    Column("cell", LONG, nullable=False),
    # who comes first in a cell: the lower number; derived from the item alone
    Column("rank", LONG, nullable=False),
    # the lowest zoom at which the point is first in its cell of the grid
    Column("min_zoom", Integer, nullable=False),
    # how many points it stands for at min_zoom, min_zoom + 1, ... while more than one: "41,7,2"
    Column("counts", Text, nullable=False, server_default=""),
)
Index("ix_tile_point_cell", tile_point.c.layer, tile_point.c.min_zoom, tile_point.c.cell)

# When something public last changed in a tile of zoom 12, as a number that only grows; tile -1 is
# the whole layer.  The row with layer '' has the number of this database, made at random.
tile_mark = Table(
    "tile_mark",
    METADATA,
    Column("layer", SortText, primary_key=True),
    Column("tile", LONG, primary_key=True),
    Column("seq", LONG, nullable=False),
)
Index("ix_tile_mark_seq", tile_mark.c.seq)
