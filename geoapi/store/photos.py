# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions about all photos at once: whose files must be there, which look alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from geoapi.store.features import scope_condition
from geoapi.store.record_tables import photo
from geoapi.store.tables import WORKING
from geoapi.types import Scope

_BATCH = 500


@dataclass(frozen=True)
class PhotoHash:
    """The perceptual hash of one photo, and whose it is."""

    photo_id: str
    point_id: str
    phash: str


def hashes(connection: Connection, scopes: Sequence[Scope]) -> list[PhotoHash]:
    """Return the hashes of all photos inside the scopes, oldest first."""
    statement = (
        select(photo.c.id, photo.c.point_id, photo.c.phash)
        .where(photo.c["view"] == WORKING, photo.c.phash != "", scope_condition(photo, scopes))
        .order_by(photo.c.fid)
    )
    return [PhotoHash(*row) for row in connection.execute(statement)]


def known_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return which of the ids are those of photos."""
    wanted, found = list(ids), set[str]()
    for start in range(0, len(wanted), _BATCH):
        statement = select(photo.c.id).where(
            photo.c["view"] == WORKING, photo.c.id.in_(wanted[start : start + _BATCH])
        )
        found |= {row[0] for row in connection.execute(statement)}
    return found


def all_ids(connection: Connection) -> list[str]:
    """Return the ids of all photos."""
    return [
        row[0] for row in connection.execute(select(photo.c.id).where(photo.c["view"] == WORKING))
    ]
