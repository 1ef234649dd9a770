# SPDX-License-Identifier: GPL-2.0-or-later
"""Service points to measure with: real places of subdistricts first, then copies around them.

A fifth of the copies lies around Bangkok, as dense as the offices there are. Everything follows
from the number of the point, so that any part can be made apart from the others.
"""

from __future__ import annotations

import csv
import os
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from geoapi.document import LATITUDES_DEG, LONGITUDES_DEG, normalised
from geoapi.feature_rows import Row
from geoapi.importing.register import Register, load_register
from geoapi.revisions import Edit, WriteContext, change_entry, rows_of, stamped
from geoapi.rights import SYSTEM
from geoapi.store.changes import ChangeEntry
from geoapi.types import JsonObject
from tests.live import ROOT

REAL_POINTS = "service_points/kongvut_subdistrict_points.csv"
SEED = 2569
# About 5 km: copies stay in the neighbourhood of what they are copied from.
SPREAD_DEG = 0.05
BANGKOK = (100.5231, 13.7463)
BANGKOK_SPREAD_DEG = 0.09
BANGKOK_SHARE = 5  # every fifth copy
_BANGKOK_CODE = "10"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STEP = timedelta(seconds=20)
_LAST_WRITE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

# (category, Thai beginning of the name, English end of the name, share in copies)
KINDS = (
    ("school", "โรงเรียนบ้าน", "School", 30),
    ("health_promoting_hospital", "โรงพยาบาลส่งเสริมสุขภาพตำบล", "Health Promoting Hospital", 20),
    ("subdistrict_administrative_organization", "องค์การบริหารส่วนตำบล", "SAO", 15),
    ("municipality", "สำนักงานเทศบาลตำบล", "Municipality Office", 10),
    ("police_station", "สถานีตำรวจภูธร", "Police Station", 8),
    ("post_office", "ที่ทำการไปรษณีย์", "Post Office", 7),
    ("land_office", "สำนักงานที่ดิน", "Land Office", 5),
    ("hospital", "โรงพยาบาล", "Hospital", 4),
    ("land_transport_office", "สำนักงานขนส่ง", "Land Transport Office", 1),
)
_SHARES = [share for *_, share in KINDS]


@dataclass(frozen=True)
class Place:
    """What a point is made from.

    Attributes:
        code: of the subdistrict, DOPA.
        name_th: of the subdistrict.
        name_en: of the subdistrict, '' where the register has none.
        postal_code: '' where it is not known.
        lon: degrees.
        lat: degrees.
    """

    code: str
    name_th: str
    name_en: str
    postal_code: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Places:
    """Where points are made.

    Attributes:
        outside: places of the whole country.
        bangkok: subdistricts of the capital, whose names the dense points bear.
        are_real: positions come from real data.
    """

    outside: tuple[Place, ...]
    bangkok: tuple[Place, ...]
    are_real: bool


@dataclass(frozen=True)
class Written:
    """One point as the product writes it: its two rows and its entry in the history."""

    working: Row
    published: Row
    entry: ChangeEntry
    at: datetime


def shared_file(name: str) -> Path:
    """Return a file of the real data, which is no part of the project."""
    return Path(os.environ.get("PAKMUD_SHARED", ROOT.parent / "shared")) / "data" / name


@cache
def load_places() -> Places:
    """Read the real places; without them the register's subdistricts get made-up positions."""
    register = load_register()
    path = shared_file(REAL_POINTS)
    bangkok = tuple(
        Place(unit.code, unit.name_th, unit.name_en, min(unit.postal_codes, default=""), *BANGKOK)
        for unit in register.units.values()
        if unit.level == "subdistrict" and unit.code.startswith(_BANGKOK_CODE)
    )
    if path.exists():
        with path.open(encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file) if row["lat"]]
        real = tuple(
            Place(
                row["subd_code"], row["name_th"], _english(register, row["subd_code"]),
                row["postal_code"], float(row["lon"]), float(row["lat"]),
            )
            for row in rows
        )  # fmt: skip
        return Places(real, bangkok, are_real=True)
    return Places(tuple(_made_up(register)), bangkok, are_real=False)


def _english(register: Register, code: str) -> str:
    unit = register.units.get(code)
    return unit.name_en if unit else ""


def _made_up(register: Register) -> Iterator[Place]:
    randomly = random.Random(SEED)  # noqa: S311 - for places, not for secrets
    for unit in register.units.values():
        if unit.level == "subdistrict" and not unit.code.startswith(_BANGKOK_CODE):
            lon, lat = randomly.uniform(98.0, 105.0), randomly.uniform(6.5, 20.0)
            postal_code = min(unit.postal_codes, default="")
            yield Place(unit.code, unit.name_th, unit.name_en, postal_code, lon, lat)


def make_point(number: int, count: int) -> Written:
    """Make the point of a number.

    Args:
        number: from 0; the first ones stand where the real ones do.
        count: how many points there will be: the last one was written last.
    """
    randomly = random.Random(SEED * 10_000_000 + number)  # noqa: S311
    item_id = str(uuid.UUID(int=randomly.getrandbits(128), version=4))
    feature = normalised(_feature(number, randomly), item_id)
    at = _LAST_WRITE - (count - number) * _STEP
    context = WriteContext(SYSTEM, reason="bench")
    edit = Edit(feature, "verified", "import", "bench", (), publishes=True)
    author = (SYSTEM.user_id, _short_code(number))
    complete = stamped(edit, {}, (1, at, at), author)
    working, published = rows_of(complete, (1, at, at), edit)
    if published is None:
        raise ValueError("a verified point is published")
    return Written(working, published, change_entry(context, edit, working, published), at)


def _short_code(number: int) -> str:
    """Return a code like the real ones; an odd factor modulo 2**30 gives each number its own."""
    rest, letters = number * 48_271 % 2**30, ""
    for _ in range(7):
        rest, digit = divmod(rest, 32)
        letters = _ALPHABET[digit] + letters
    return letters


def _feature(number: int, randomly: random.Random) -> JsonObject:
    places = load_places()
    kind = randomly.choices(KINDS, _SHARES)[0]
    if number < len(places.outside):
        place, spread = places.outside[number], 0.0
    elif number % BANGKOK_SHARE == 0 and places.bangkok:
        place, spread = randomly.choice(places.bangkok), BANGKOK_SPREAD_DEG
    else:
        place, spread = places.outside[number % len(places.outside)], SPREAD_DEG
    lon = min(max(randomly.gauss(place.lon, spread), LONGITUDES_DEG[0]), LONGITUDES_DEG[1])
    lat = min(max(randomly.gauss(place.lat, spread), LATITUDES_DEG[0]), LATITUDES_DEG[1])
    category, beginning, ending, _ = kind
    properties = {
        "official_id": f"9{number:09d}",
        "name_th": f"{beginning}{place.name_th} {number % 89 + 1}",
        "name_en": f"{place.name_en} {ending} {number % 89 + 1}" if place.name_en else None,
        "category": category,
        "subdistrict_code": place.code,
        "postal_code": place.postal_code or None,
        "position_method": "imported",
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
