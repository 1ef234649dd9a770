# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare a position with the area codes of an address, by the areas' shapes in the store."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from geoapi.collections import COLLECTIONS
from geoapi.site import Site
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import JsonObject, LonLat

LEVELS = {
    "province_code": "provinces",
    "district_code": "districts",
    "subdistrict_code": "subdistricts",
}
_MOST = 10


@dataclass(frozen=True)
class AreasAt:
    """The areas that hold a position.

    Attributes:
        codes: {member of the document: code}; a level without a shape there is left out.
        features: {member: area}.
        differing: members whose code in the address is another one.
        lacks_subdistricts: the map has districts there, but no shapes of subdistricts.
    """

    codes: dict[str, str] = field(default_factory=dict)
    features: dict[str, JsonObject] = field(default_factory=dict)
    differing: tuple[str, ...] = ()
    lacks_subdistricts: bool = False


def areas_at(site: Site, place: LonLat, address: dict[str, str]) -> AreasAt:
    """Find the areas that hold a position and where the address says something else.

    On a boundary the area that the address names counts.

    Args:
        site: the running site.
        place: (lon, lat), degrees CRS84.
        address: codes that the address has; '' for none.
    """
    found: dict[str, JsonObject] = {}
    for member, collection in LEVELS.items():
        areas = _touching(site, collection, place)
        if areas:
            named = [a for a in areas if a["properties"]["code"] == address.get(member)]
            found[member] = (named or areas)[0]
    codes = {member: str(area["properties"]["code"]) for member, area in found.items()}
    differing = tuple(m for m in codes if address.get(m) and address[m] != codes[m])
    lacks = "district_code" in codes and "subdistrict_code" not in codes
    return AreasAt(codes, found, differing, lacks)


def _touching(site: Site, collection: str, place: LonLat) -> list[JsonObject]:
    source = COLLECTIONS[collection].source
    query = ItemQuery(source, bbox=(*place, *place), limit=_MOST)
    return [orjson.loads(text) for text in read_page(site.store, query).features]


def taken_from_map(address: dict[str, str], areas: AreasAt) -> dict[str, str]:
    """Return the address's codes as the map has them; a subdistrict that can't be is emptied.

    >>> taken_from_map({"subdistrict_code": "570101"}, AreasAt({"district_code": "5707"}))
    {'subdistrict_code': '', 'district_code': '5707'}
    """
    taken = address | areas.codes
    subdistrict, district = taken.get("subdistrict_code", ""), taken.get("district_code", "")
    if "subdistrict_code" not in areas.codes and not subdistrict.startswith(district):
        taken["subdistrict_code"] = ""
    return taken
