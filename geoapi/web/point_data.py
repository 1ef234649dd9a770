# SPDX-License-Identifier: GPL-2.0-or-later
"""What the pages read: lists of points, single points, areas, numbers, extents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.endings import public_successor
from geoapi.errors import NotFoundError
from geoapi.messages import Language
from geoapi.rights import Viewer, scopes
from geoapi.search_words import search_words
from geoapi.site import Site
from geoapi.store import FeatureRow, changes, features
from geoapi.store.query import ItemQuery, count_items, read_item, read_page
from geoapi.store.site_meta import get_meta
from geoapi.store.tables import WORKING
from geoapi.types import BBox, JsonObject, Permission, Scope

PAGE_SIZE = 20
# The country, for a site that is still empty.
THAILAND: BBox = (97.3, 5.6, 105.7, 20.5)
_MOST_AREAS = 1000
_MOST_POINTS_DRAWN = 3000
# Rows of this view only: those the viewer may work on, not what the public sees elsewhere.
_WORKING_POINTS = replace(SERVICE_POINTS.source, fixed=(("view", WORKING),))


@dataclass(frozen=True)
class PointSearch:
    """What somebody looks for.

    Attributes:
        q: words as typed.
        category: code, '' for all.
        state: workflow state, '' for all.
        page: number from 1.
        size: rows of a page.
        language: decides the order of names.
    """

    q: str = ""
    category: str = ""
    state: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    language: Language = "th"


@dataclass(frozen=True)
class PointList:
    """One page of points.

    Attributes:
        features: GeoJSON Features.
        total: how many match, None when there are very many.
        has_next: whether there is a following page.
    """

    features: list[JsonObject]
    total: int | None
    has_next: bool


def public_points(site: Site, search: PointSearch) -> PointList:
    """Find what the public may see."""
    return _find(site, ItemQuery(SERVICE_POINTS.source), search)


def working_points(
    site: Site, viewer: Viewer, permission: Permission, search: PointSearch
) -> PointList:
    """Find the working revisions over which the viewer holds a permission."""
    held = scopes(viewer, permission)
    if not held:
        return PointList([], 0, False)
    return _find(site, ItemQuery(_WORKING_POINTS, scopes=held), search)


def _find(site: Site, query: ItemQuery, search: PointSearch) -> PointList:
    equals = (("category", search.category), ("state", search.state))
    query = replace(
        query,
        equals=tuple((name, value) for name, value in equals if value),
        search=search_words(search.q),
        sort=((f"name_sort_{search.language}", False),),
        offset=(search.page - 1) * search.size,
        limit=search.size,
    )
    page = read_page(site.store, query)
    total = count_items(site.store, query)
    return PointList(
        [orjson.loads(text) for text in page.features], total, page.next_after is not None
    )


def point_by_code(site: Site, code: str) -> JsonObject:
    """Return the public document of a short code, or of an id.

    Raises:
        NotFoundError: the public knows no such point.
    """
    for column, value in (("short_code", code.upper()), ("id", code.lower())):
        query = ItemQuery(SERVICE_POINTS.source, equals=((column, value),), limit=1)
        page = read_page(site.store, query)
        if page.features:
            found: JsonObject = orjson.loads(page.features[0])
            return found
    raise NotFoundError("web.error.no_point", code=code)


def public_point(site: Site, item_id: str | None) -> JsonObject | None:
    """Return the public document of an id, None when there is none."""
    if not item_id:
        return None
    try:
        return point_by_code(site, item_id)
    except NotFoundError:
        return None


def visible_points(site: Site, viewer: Viewer, words: str, limit: int) -> list[JsonObject]:
    """Find points by words: working ones inside the viewer's scope, public ones elsewhere."""
    query = ItemQuery(
        SERVICE_POINTS.source,
        scopes=scopes(viewer, "points.read_working"),
        search=search_words(words),
        sort=(("name_sort_th", False),),
        limit=limit,
    )
    return [orjson.loads(text) for text in read_page(site.store, query).features]


def visible_point(site: Site, viewer: Viewer, item_id: str) -> JsonObject | None:
    """Return a point as the viewer may see it, None when there is none."""
    held = scopes(viewer, "points.read_working")
    stored = (
        None if "\0" in item_id else read_item(site.store, SERVICE_POINTS.source, item_id, held)
    )
    return None if stored is None else orjson.loads(stored.feature)


def successor_of_code(site: Site, code: str) -> JsonObject | None:
    """Return what a merged point became, by its short code or id; None when it was not merged."""
    return public_successor(site, code.upper(), "short_code") or public_successor(
        site, code.lower()
    )


def public_or_successor(site: Site, item_id: str | None) -> JsonObject | None:
    """Return the public document of an id, or of what the point was merged into."""
    if not item_id:
        return None
    return public_point(site, item_id) or public_successor(site, item_id)


def working_row(
    site: Site, viewer: Viewer, permission: Permission, item_id: str
) -> FeatureRow | None:
    """Return the working row if the viewer holds a permission over it, else None."""
    held = scopes(viewer, permission)
    if not held:
        return None
    return site.store.read(
        lambda connection: features.get_row(
            connection, SERVICE_POINTS.table, item_id, WORKING, scopes=held
        )
    )


def agency(site: Site, agency_id: str | None) -> JsonObject | None:
    """Return an agency, None when it is not known."""
    if not agency_id:
        return None
    query = ItemQuery(COLLECTIONS["agencies"].source, equals=(("id", agency_id),), limit=1)
    found = read_page(site.store, query).features
    return orjson.loads(found[0]) if found else None


def areas_under(site: Site, level: str, parent_code: str) -> list[JsonObject]:
    """Return the areas of a collection below one of the next higher level, by Thai name.

    Args:
        site: the running site.
        level: ``provinces``, ``districts`` or ``subdistricts``.
        parent_code: DOPA code of the area above, '' for all.
    """
    equals = (("parent_code", parent_code),) if parent_code else ()
    query = ItemQuery(
        COLLECTIONS[level].source,
        equals=equals,
        sort=(("name_sort_th", False),),
        limit=_MOST_AREAS,
    )
    return [orjson.loads(text) for text in read_page(site.store, query).features]


def areas_in(site: Site, level: str, bbox: BBox) -> list[JsonObject]:
    """Return the areas of a collection that touch a box."""
    query = ItemQuery(COLLECTIONS[level].source, bbox=bbox, limit=_MOST_AREAS)
    return [orjson.loads(text) for text in read_page(site.store, query).features]


def area_names(site: Site, codes: Iterable[str], language: Language) -> dict[str, str]:
    """Return the names of districts by their codes."""
    return {code: area_name(site, "districts", code, language) for code in {c for c in codes if c}}


def area_name(site: Site, level: str, code: str, language: Language) -> str:
    """Return the name of an area, or its code when it is not known."""
    query = ItemQuery(COLLECTIONS[level].source, equals=(("code", code),), limit=1)
    found = read_page(site.store, query).features
    return name_of(orjson.loads(found[0]), language) if found else code


def name_of(feature: JsonObject, language: Language) -> str:
    """Return the name in a language, or the other one when it has none."""
    properties = feature["properties"]
    first, second = ("name_th", "name_en") if language == "th" else ("name_en", "name_th")
    return str(properties.get(first) or properties.get(second) or "")


def points_in(site: Site, bbox: BBox) -> list[JsonObject]:
    """Return the public points of a box, some thousands at the most."""
    query = ItemQuery(SERVICE_POINTS.source, bbox=bbox, limit=_MOST_POINTS_DRAWN)
    return [orjson.loads(text) for text in read_page(site.store, query).features]


def numbers(site: Site) -> dict[str, int]:
    """Count points, verified points and districts."""
    most = 10_000_000
    queries = {
        "points": ItemQuery(SERVICE_POINTS.source, scopes=(Scope(),)),
        "verified": ItemQuery(SERVICE_POINTS.source),
        "districts": ItemQuery(COLLECTIONS["districts"].source),
    }
    return {name: count_items(site.store, query, most) or 0 for name, query in queries.items()}


def extent(site: Site) -> BBox:
    """Return the box around all public points, with a margin; Thailand when there are none."""
    found = site.store.read(
        lambda connection: features.public_extent(connection, SERVICE_POINTS.table)
    )
    if found is None:
        return THAILAND
    west, south, east, north = found
    return (west - 0.02, south - 0.02, east + 0.02, north + 0.02)


def public_history(site: Site, item_id: str) -> list[dict[str, Any]]:
    """Return what happened to the public document, newest first."""
    rows = site.store.read(
        lambda connection: changes.read_history(connection, SERVICE_POINTS.id, item_id, ())
    )
    return rows[::-1]


def last_change(site: Site) -> int:
    """Return the number of the newest change: what is drawn stays good until it grows."""
    return site.store.read(changes.last_seq)


def site_value(site: Site, key: str) -> JsonObject | None:
    """Return a JSON value that the site keeps about itself, None when there is none."""
    text = site.store.read(lambda connection: get_meta(connection, key))
    return None if text is None else orjson.loads(text)
