# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process knows of the marks: when something public last changed in a tile.

Marks are read again when they are older than a second, and at once after a write of this process.
So a tile is at the most a second behind what another process has committed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from geoapi.store import Store
from geoapi.store.tile_grid import MARK_ZOOM, interleave
from geoapi.store.tile_marks import WHOLE_LAYER, Mark, marks_since
from geoapi.tiles.build import TileAddress

LIFETIME_S = 1.0


@dataclass
class KnownMarks:
    """The marks as they were last read.

    Attributes:
        store: where they are.
        number: of the database; files of another one are not ours.
        seq: every change up to this number is known.
    """

    store: Store
    number: int = -1
    seq: int = 0
    _whole: dict[str, int] = field(default_factory=dict)
    # {(layer, zoom up to 12, number of the tile): newest change in it}
    _tiles: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _own_changes: int = -1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_fresh(self) -> bool:
        """Say whether nothing has to be read before an answer."""
        return (
            time.monotonic() - self._read_at < LIFETIME_S
            and self._own_changes == self.store.map_changes
        )

    def refresh(self) -> None:
        """Read what came since.

        Raises:
            DataUnavailableError: the store is away.
        """
        with self._lock:
            if self.is_fresh:
                return
            # looked at before the marks are: a write in between is read again
            began, own = time.monotonic(), self.store.map_changes
            found = self.store.read(lambda connection: marks_since(connection, self.seq))
            number = next((mark.seq for mark in found if mark.is_store), 0)
            if number != self.number:
                self._forget()
                found = self.store.read(lambda connection: marks_since(connection, 0))
                self.number = number
            for mark in found:
                if not mark.is_store:
                    self._take(mark)
            self._read_at, self._own_changes = began, own

    def _forget(self) -> None:
        self.seq = 0
        self._whole.clear()
        self._tiles.clear()

    def _take(self, mark: Mark) -> None:
        self.seq = max(self.seq, mark.seq)
        if mark.tile == WHOLE_LAYER:
            self._whole[mark.layer] = mark.seq
            return
        for zoom in range(MARK_ZOOM + 1):
            key = (mark.layer, zoom, mark.tile >> 2 * (MARK_ZOOM - zoom))
            self._tiles[key] = max(mark.seq, self._tiles.get(key, 0))

    def changed_in(self, layer: str, address: TileAddress) -> int:
        """Return the number of the newest change of a layer in a tile, or in the one of zoom 12."""
        above = max(address.zoom - MARK_ZOOM, 0)
        code = interleave(address.column >> above, address.row >> above)
        key = (layer, address.zoom - above, code)
        return max(self._whole.get(layer, 0), self._tiles.get(key, 0))
