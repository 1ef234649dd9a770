# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that filters are asked of: documents with gaps, accents, capitals, lists and places."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from shapely.geometry import shape

from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.feature_rows import RowStamp, build_row
from geoapi.ogc.cql2 import FilterLanguage, read_filter
from geoapi.ogc.crs import CRS84
from geoapi.revisions import instant
from geoapi.store import Store
from geoapi.store.features import insert_rows
from geoapi.store.query import ItemQuery, count_items
from geoapi.types import JsonObject
from tests.contract.query_samples import RING, TRIANGLE, ids

ROWS = 400
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NAMES = (
    "ศาลจังหวัดเชียงราย", "ศาลแขวง", "น้ำใส", "นำใส", "Café Ärzte", "CAFE ARZTE", "cafe arzte",
    "50% [a*b]?", "back\\slash", "it's", "a_b", "axb", "Οδός", "ΟΔΟΣ", "โรงพยาบาล",
)  # fmt: skip
NUMBERS = ("+6653150161", "1567", "+66812345678")
BOX = (99.5, 19.5, 100.5, 20.5)
PHOTOS = ("p1", "p2", "p3")


@dataclass(frozen=True)
class Sample:
    """A filled store with what is in it."""

    store: Store
    items: list[JsonObject]

    def found(
        self,
        text: str,
        collection: Collection = SERVICE_POINTS,
        language: FilterLanguage = "cql2-text",
        crs: str = CRS84,
        **parts: Any,
    ) -> list[str]:
        """Return the ids that a filter finds, and hold the count to them."""
        tree = read_filter(collection, text, language, crs)
        assert hash(tree) == hash(read_filter(collection, text, language, crs))
        query = {"source": collection.source, "filter": tree, **parts}
        wanted = ids(self.store, **query)
        assert count_items(self.store, ItemQuery(**query)) == len(wanted)
        return wanted

    def expected(self, keep: Callable[[JsonObject], Any]) -> list[str]:
        """Return the ids of what plain Python keeps; None, not known, is not kept."""
        return [item["id"] for item in self.items if keep(item["properties"] | _place(item))]


def _place(item: JsonObject) -> JsonObject:
    geometry = item["geometry"]
    return {"place": None if geometry is None else shape(geometry)}


def items() -> list[JsonObject]:
    """Return the documents, the same each time."""
    draw = random.Random(11)
    made = []
    for number in range(ROWS):
        at = START + timedelta(hours=draw.randint(0, 60), milliseconds=draw.randint(0, 999))
        verified = draw.choice((None, at, at - timedelta(days=draw.randint(0, 3))))
        code = draw.choice(("570101", "570102", "500101"))
        place: Any = [round(99 + 2 * draw.random(), 3), round(19 + 2 * draw.random(), 3)]
        place = draw.choice((place, place, place, [99.5, 19.5], [100.0, 20.0], None))
        properties = {
            "name_th": draw.choice(NAMES),
            "name_en": draw.choice((None, "", *NAMES)),
            "category": draw.choice(("hospital", "court", "school")),
            "province_code": code[:2], "district_code": code[:4], "subdistrict_code": code,
            "postal_code": draw.choice((None, "57000", "57130")),
            "state": "verified", "status": draw.choice(("open", "closed")),
            "short_code": f"C{number:06d}", "is_branch": draw.random() < 0.3,
            "address_th": draw.choice((None, "", "ถนนพหลโยธิน", *NAMES)),
            "accuracy_m": draw.choice((None, 0, 2.5, 3, 10, 250)),
            "no_phone": draw.choice((True, False)),
            "phones": [{"number": n} for n in draw.sample(NUMBERS, draw.randint(0, 3))],
            "photos": draw.sample(PHOTOS, draw.randint(0, 3)),
            "card_readers": draw.choice((None, {"installed": draw.randint(0, 9),
                "working": draw.randint(0, 9), "planned_on": draw.choice((None, "2026-12-01"))})),
            "verified_at": None if verified is None else instant(verified),
            "created_at": instant(START), "updated_at": instant(at), "revision": number % 5 + 1,
        }  # fmt: skip
        if draw.random() < 0.2:
            for name in ("photos", "phones", "accuracy_m", "no_phone"):
                del properties[name]
        geometry = None if place is None else {"type": "Point", "coordinates": place}
        made.append({"type": "Feature", "id": f"id-{number}", "geometry": geometry,
                     "properties": properties})  # fmt: skip
    return made


def fill(store: Store) -> Sample:
    """Put the documents, two areas and some assignments into a store."""
    made = items()
    built = []
    for item in made:
        properties = item["properties"]
        at = datetime.fromisoformat(properties["updated_at"])
        stamp = RowStamp("published", properties["revision"], START, at)
        row = build_row("service_point", item, stamp, {"editors": "[]"})
        built.append((row.values, row.geometry))
    store.write(lambda t: insert_rows(t, "service_point", built))
    areas = []
    for code, coordinates in (("57", TRIANGLE), ("50", RING)):
        document = {
            "type": "Feature", "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
            "properties": {"code": code, "level": "province", "name_th": code,
                           "postal_codes": [f"{code}000"]},
        }  # fmt: skip
        row = build_row("area", document, RowStamp("published", 1, START, START))
        areas.append((row.values, row.geometry))
    store.write(lambda t: insert_rows(t, "area", areas))
    return Sample(store, made)


PROVINCES = COLLECTIONS["provinces"]


def box_polygon() -> shapely.Polygon:
    """Return the box that the tests ask about."""
    return shapely.box(*BOX)
