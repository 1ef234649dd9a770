# SPDX-License-Identifier: GPL-2.0-or-later
"""Random rows of a store, the same in each, and how plain Python finds them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.feature_rows import RowStamp, build_row
from geoapi.store import Store
from geoapi.store.features import insert_rows
from geoapi.store.query import (
    ItemQuery,
    read_page,
)
from geoapi.types import JsonObject

START = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = SERVICE_POINTS.source
SUBDISTRICTS = COLLECTIONS["subdistricts"].source
ROWS, MANY = 500, 3000
WORDS = (
    "โรงพยาบาล", "สำนักงานที่ดิน", "เทศบาลตำบล", "ที่ว่าการอำเภอ", "แม่สาย", "เชียงราย", "ฮอด",
    "เวียงป่าเป้า", "มหาสารคาม", "พาน", "แม่จัน", "สาขา ๒", "Hospital", "hall", "Ärzte", "100%",
    "a_b", 'x"y', "it's", "back\\slash", "ใหม่",
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A store and what was put into it: {fid order: (document, stamp)}."""

    store: Store
    rows: list[tuple[JsonObject, RowStamp, dict[str, Any]]]


def documents(count: int, seed: int = 7) -> Iterator[tuple[JsonObject, RowStamp]]:
    draw = random.Random(seed)
    for number in range(count):
        code = draw.choice(("570101", "570102", "570901", "500101"))
        name = " ".join(draw.choices(WORDS, k=draw.randint(1, 3)))
        properties = {
            "name_th": name,
            "name_en": draw.choice((None, "", "Mae Sai Hospital", "Hall", "zebra", "Ärzte")),
            "category": draw.choice(("hospital", "court", "school")),
            "province_code": code[:2], "district_code": code[:4], "subdistrict_code": code,
            "postal_code": draw.choice((None, "57000", "57130")),
            "state": "verified", "status": draw.choice(("open", "closed")),
            "official_id": draw.choice((None, f"EQ-{number % 9}", f"{number:05d}")),
            "short_code": f"C{number:06d}", "is_branch": draw.random() < 0.3,
            "agency_id": draw.choice((None, "a1", "a2")),
            "parent_id": draw.choice((None, "p1")),
            "phones": [{"number": f"+6653{number:06d}"}] if number % 3 else [],
        }  # fmt: skip
        place = [round(99 + draw.random() * 2, 7), round(19 + draw.random(), 7)]
        geometry = None if draw.random() < 0.1 else {"type": "Point", "coordinates": place}
        document = {"type": "Feature", "id": f"id-{number}", "geometry": geometry,
                    "properties": properties}  # fmt: skip
        at = START + timedelta(seconds=draw.randint(0, 60))
        yield document, RowStamp("published", 1, at, at, "", code)


def fill(store: Store, count: int) -> Filled:
    rows, built = [], []
    for document, stamp in documents(count):
        row = build_row("service_point", document, stamp, {"editors": "[]"})
        built.append((row.values, row.geometry))
        rows.append((document, stamp, row.values))
    store.write(lambda t: insert_rows(t, "service_point", built))
    return Filled(store, rows)


TRIANGLE = [[[[99.0, 19.0], [100.0, 19.0], [99.0, 20.0], [99.0, 19.0]]]]
RING = [[[[101.0, 19.0], [102.0, 19.0], [102.0, 20.0], [101.0, 20.0], [101.0, 19.0]],
         [[101.4, 19.4], [101.6, 19.4], [101.6, 19.6], [101.4, 19.6], [101.4, 19.4]]]]  # fmt: skip
AREAS = {"570101": TRIANGLE, "570102": RING}


def put_areas(store: Store) -> None:
    built = []
    for code, coordinates in AREAS.items():
        document = {
            "type": "Feature", "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
            "properties": {"code": code, "level": "subdistrict", "name_th": code},
        }  # fmt: skip
        row = build_row("area", document, RowStamp("published", 1, START, START))
        built.append((row.values, row.geometry))
    store.write(lambda t: insert_rows(t, "area", built))


def ids(store: Store, **parts: Any) -> list[str]:
    query = ItemQuery(**{"source": SOURCE, "limit": 10_000, **parts})
    return [orjson.loads(f)["id"] for f in read_page(store, query).features]


def expected(filled: Filled, keep: Any) -> list[str]:
    return [d["id"] for d, stamp, values in filled.rows if keep(d["properties"], stamp, values)]
