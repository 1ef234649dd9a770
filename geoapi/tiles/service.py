# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer for tiles: from a file while nothing changed in it, else built anew and kept.

What is guaranteed: an answer holds every change that this process has committed, and every one
that another process committed more than a second before.  A tile is built after the marks were
read, so what it says it holds it does hold; at worst it holds more and is built once too often.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field

from geoapi.collections import Collection
from geoapi.site import Site
from geoapi.tiles.build import FORM, TileAddress, build_tile, tiled_collections
from geoapi.tiles.files import StoredTile, TileFolder
from geoapi.tiles.known_marks import KnownMarks

_GZIP_LEVEL = 4
_ETAG_LENGTH = 24
# Name of the tiles that hold all collections.
DATASET = "dataset"


@dataclass(frozen=True)
class TileSet:
    """A set of tiles.

    Attributes:
        name: of its folder; id of the collection, or :data:`DATASET`.
        collections: whose layers it has.
    """

    name: str
    collections: tuple[Collection, ...]

    @property
    def min_zoom(self) -> int:
        """Return the first zoom with tiles."""
        return min(c.tiles.min_zoom for c in self.collections if c.tiles is not None)

    @property
    def max_zoom(self) -> int:
        """Return the last zoom with tiles."""
        return max(c.tiles.max_zoom for c in self.collections if c.tiles is not None)

    def holds(self, zoom: int, column: int, row: int) -> bool:
        """Say whether there is such a tile."""
        return self.min_zoom <= zoom <= self.max_zoom and max(row, column) < 2**zoom

    @property
    def form(self) -> str:
        """Return a word that changes with what the tiles are made of."""
        what = repr((FORM, [(c.id, c.tiles) for c in self.collections]))
        return hashlib.sha256(what.encode()).hexdigest()[:8]


def tile_set_of(collection: Collection) -> TileSet:
    """Return the tiles of one collection."""
    return TileSet(collection.id, (collection,))


def dataset_tiles() -> TileSet:
    """Return the tiles that hold all collections."""
    return TileSet(DATASET, tiled_collections())


@dataclass
class TileService:
    """What a running site needs for its tiles.

    Attributes:
        site: the site.
        marks: what is known of changes.
        folder: finished tiles.
    """

    site: Site
    marks: KnownMarks
    folder: TileFolder
    _names: dict[str, str] = field(default_factory=dict)

    def finished(self, tile_set: TileSet, address: TileAddress) -> StoredTile | None:
        """Return a tile that needs no building; None when there is none or the marks are old."""
        if not self.marks.is_fresh:
            return None
        found = self.folder.read(self._name(tile_set, address))
        if found is None or found.seq < self._changed(tile_set, address):
            return None
        return found

    def tile(self, tile_set: TileSet, address: TileAddress) -> StoredTile:
        """Return a tile, built when it has to be; for a thread.

        Raises:
            DataUnavailableError: the store is away or too slow.
        """
        self.marks.refresh()
        found = self.finished(tile_set, address)
        if found is not None:
            return found
        # the name before the number: changes of another database must never count for this one
        name = self._name(tile_set, address)
        seq = self.marks.seq
        body = build_tile(self.site.store, tile_set.collections, address)
        etag = hashlib.sha256(body).hexdigest()[:_ETAG_LENGTH]
        packed = gzip.compress(body, _GZIP_LEVEL, mtime=0) if body else b""
        built = StoredTile(seq, etag, packed)
        self.folder.write(name, built)
        return built

    def _changed(self, tile_set: TileSet, address: TileAddress) -> int:
        layers = {collection.table for collection in tile_set.collections}
        return max(self.marks.changed_in(layer, address) for layer in layers)

    def _name(self, tile_set: TileSet, address: TileAddress) -> str:
        head = self._names.get(tile_set.name)
        if head is None:
            head = self._names[tile_set.name] = f"{tile_set.name}-{tile_set.form}"
        return f"{self.marks.number:x}/{head}/{address.zoom}/{address.column}/{address.row}"


def tile_service(site: Site) -> TileService:
    """Make the service of a site; nothing is read or made yet."""
    most_bytes = site.settings.tile_cache_mb * 1_000_000
    return TileService(site, KnownMarks(site.store), TileFolder(site.settings.data_dir, most_bytes))
