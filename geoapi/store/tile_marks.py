# SPDX-License-Identifier: GPL-2.0-or-later
"""Marks of what changed on the map, from which a file of a tile knows whether it still holds.

Marks are set at the end of a transaction under a lock that ends with its commit, so that their
numbers are in commit order: whoever has seen number n has seen every change up to n.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from geoapi.store.tile_tables import LAYERS, tile_mark

WHOLE_LAYER = -1
_STORE = ""
# With more tiles than this in one transaction, the layer as a whole is marked.
_MOST_TILES = 2_000


def set_marks(connection: Connection, layer: str, tiles: Iterable[int]) -> None:
    """Say that something public changed in tiles of zoom 12; the caller holds the lock.

    Args:
        connection: inside a transaction.
        layer: name of the feature table.
        tiles: numbers of :func:`geoapi.store.tile_grid.mark_of`, or :data:`WHOLE_LAYER`.
    """
    wanted = sorted(set(tiles))
    if len(wanted) > _MOST_TILES:
        wanted = [WHOLE_LAYER]
    if not wanted:
        return
    highest = select(func.coalesce(func.max(tile_mark.c.seq), 0)).where(tile_mark.c.layer != _STORE)
    seq = int(connection.execute(highest).scalar_one()) + 1
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(tile_mark)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["layer", "tile"], set_={"seq": statement.excluded.seq}
        ),
        [{"layer": layer, "tile": tile, "seq": seq} for tile in wanted],
    )


def renew(connection: Connection) -> None:
    """Forget all marks and take another number for this database: no file of a tile holds now."""
    connection.execute(delete(tile_mark))
    connection.execute(
        insert(tile_mark).values(layer=_STORE, tile=WHOLE_LAYER, seq=secrets.randbits(62))
    )


def mark_everything(connection: Connection) -> None:
    """Say that every layer changed as a whole."""
    for layer in LAYERS:
        set_marks(connection, layer, (WHOLE_LAYER,))


@dataclass(frozen=True)
class Mark:
    """One mark.

    Attributes:
        layer: name of the feature table, '' for the number of the database.
        tile: number of a tile of zoom 12, or :data:`WHOLE_LAYER`.
        seq: number of the newest change in it.
    """

    layer: str
    tile: int
    seq: int

    @property
    def is_store(self) -> bool:
        """Say whether ``seq`` is the number of the database."""
        return self.layer == _STORE


def marks_since(connection: Connection, seq: int) -> list[Mark]:
    """Return the marks after a number, oldest first, and always the number of the database."""
    statement = (
        select(tile_mark.c.layer, tile_mark.c.tile, tile_mark.c.seq)
        .where((tile_mark.c.seq > seq) | (tile_mark.c.layer == _STORE))
        .order_by(tile_mark.c.seq)
    )
    return [Mark(*row) for row in connection.execute(statement)]
