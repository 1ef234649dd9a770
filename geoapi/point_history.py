# SPDX-License-Identifier: GPL-2.0-or-later
"""The history of a service point: who did what when, and where the point was at each revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from geoapi.distances import distance_m
from geoapi.errors import ForbiddenError, NotFoundError
from geoapi.point_access import stored_item
from geoapi.revisions import COLLECTION, TABLE
from geoapi.rights import Viewer, scopes
from geoapi.site import Site
from geoapi.store import changes, features
from geoapi.store.tables import WORKING
from geoapi.store.user_names import display_names
from geoapi.types import JsonObject, LonLat


@dataclass(frozen=True)
class HistoryEntry:
    """One revision, for those who may see the working revision.

    Attributes:
        revision: its number.
        at: when, UTC.
        operation: code of the list ``operation``.
        actor_id: id of the user.
        actor: the user's name, '' when it is not known any more.
        reason: '' when none was given.
        feature: the document after it, None after a deletion.
        before: the document of the revision before, None when that may not be seen.
        distance_m: how far the point moved, in metres; None when it did not move.
    """

    revision: int
    at: datetime
    operation: str
    actor_id: str
    actor: str
    reason: str
    feature: JsonObject | None
    before: JsonObject | None
    distance_m: float | None


def position_of(feature: JsonObject | None) -> LonLat | None:
    """Return (lon, lat) in degrees, None while the point has no place."""
    geometry = None if feature is None else feature.get("geometry")
    if not geometry:
        return None
    lon, lat = geometry["coordinates"][:2]
    return (float(lon), float(lat))


def moved_m(before: JsonObject | None, after: JsonObject | None) -> float | None:
    """Return how far a point moved between two revisions in metres, None when it did not."""
    origin, destination = position_of(before), position_of(after)
    if origin is None or destination is None or origin == destination:
        return None
    return distance_m(origin, destination)


def places(rows: Sequence[Mapping[str, Any]]) -> Iterator[JsonObject]:
    """Yield where the point was at each row of its history, oldest first.

    For a row whose working document may be seen: ``position`` (lon, lat or None) and
    ``distance_m``, metres to the position of the row before, None when it did not move or the
    row before is not to be seen.  Nothing for other rows.
    """
    before: JsonObject | None = None
    for row in rows:
        if not row["is_inside"]:
            before = None
            yield {}
            continue
        feature = None if row["document"] is None else orjson.loads(row["document"])
        distance = moved_m(before, feature)
        position = position_of(feature)
        yield {
            "position": None if position is None else list(position),
            "distance_m": None if distance is None else round(distance, 1),
        }
        before = feature


def point_history(site: Site, viewer: Viewer, item_id: str) -> list[HistoryEntry]:
    """Return the revisions of a point that the viewer may see, newest first.

    Raises:
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer sees the public revision only.
    """
    held = scopes(viewer, "points.read_working")
    row = "\0" not in item_id and site.store.read(
        lambda c: features.get_row(c, TABLE, item_id, WORKING, scopes=held)
    )
    if not row:
        if stored_item(site, viewer, item_id) is None:
            raise NotFoundError("ogc.item_not_found", id=item_id[:80].replace("\0", ""))
        raise ForbiddenError("auth.outside_scope")
    rows = site.store.read(lambda c: changes.read_history(c, COLLECTION, item_id, held))
    actors = {entry["actor_id"] for entry in rows if entry["is_inside"]}
    names = site.store.read(lambda c: display_names(c, actors))
    return list(_entries(rows, names))[::-1]


def _entries(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[HistoryEntry]:
    before: JsonObject | None = None
    for row in rows:
        if not row["is_inside"]:
            before = None
            continue
        feature = None if row["document"] is None else orjson.loads(row["document"])
        yield HistoryEntry(
            row["revision"],
            row["at"],
            row["operation"],
            row["actor_id"],
            names.get(row["actor_id"], ""),
            row["reason"],
            feature,
            before,
            moved_m(before, feature),
        )
        before = feature
