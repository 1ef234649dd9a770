# SPDX-License-Identifier: GPL-2.0-or-later
"""What the requests ask for: boxes with enough points, items, deep pages, tiles over Bangkok."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from geoapi.types import BBox
from tests.live import path_of
from tools.bench.client import Answer, Connection, Request
from tools.bench.loading import base_of
from tools.bench.points import BANGKOK, KINDS, SEED, load_places, make_point
from tools.bench.servers import Server

COLLECTION = "/ogc/collections/service-points"
ITEMS = f"{COLLECTION}/items"
# Half the side of the smallest box, degrees: 4 km from side to side.
_HALF_DEG = 0.018
_LARGEST_HALF_DEG = 0.3
_WANTED = 120
_BOXES = 60
_IDS = 400
_STRIDE = 10_000
_WORDS = 300
_SHORTEST_WORD = 5


@dataclass(frozen=True)
class Sample:
    """What to ask for, the same of all servers.

    Attributes:
        boxes: each holds more points than a page of a hundred.
        ids: (id with us, number with the peers) of published points.
    """

    boxes: tuple[BBox, ...]
    ids: tuple[tuple[str, int], ...]


def choose(server: Server, count: int) -> Sample:
    """Choose items, and boxes around some of them, grown until they hold enough.

    Args:
        server: one of ours, which is asked how many points a box holds.
        count: how many points there are.
    """
    randomly = random.Random(SEED)  # noqa: S311 - for places, not for secrets
    made = base_of(count)
    numbers = randomly.sample(range(made), min(_IDS, made))
    points = [make_point(number, made).published for number in numbers]
    ids = tuple((str(p.values["id"]), n + 1) for p, n in zip(points, numbers, strict=True))
    connection = Connection(server.port)
    boxes = tuple(
        _grown(connection, point.geometry.x, point.geometry.y)
        for point in points[:_BOXES]
        if point.geometry is not None
    )
    connection.close()
    return Sample(boxes, ids)


def _grown(connection: Connection, lon: float, lat: float) -> BBox:
    half = _HALF_DEG
    while True:
        west, south = round(lon - half, 5), round(lat - half, 5)
        box = (west, south, round(lon + half, 5), round(lat + half, 5))
        answer = connection.send(Request(f"{ITEMS}?bbox={spelled(box)}&limit={_WANTED}"))
        if half > _LARGEST_HALF_DEG or len(orjson.loads(answer.body)["features"]) == _WANTED:
            return box
        half *= 1.5


def spelled(box: BBox) -> str:
    """Return a box as the parameter bbox."""
    return ",".join(str(value) for value in box)


def searches() -> dict[str, list[str]]:
    """Return words to look for by name of the case: of a few points and of very many.

    So many different ones that what a server remembers of a search does not help it.
    """
    randomly = random.Random(SEED)  # noqa: S311
    places = [p for p in load_places().outside if _is_word(p.name_th) and _is_word(p.name_en)]
    chosen = randomly.sample(places, min(_WORDS, len(places)))
    beginnings = [beginning for _, beginning, _, _ in KINDS]
    endings = [ending.lower() for _, _, ending, _ in KINDS]
    return {
        "q= Thai, rare": [place.name_th for place in chosen],
        "q= Thai, common": _parts(beginnings, randomly),
        "q= Thai, common, asked again": ["โรงเรียน", "โรงพยาบาล"],
        "q= Thai, two words": [
            f"{beginnings[n % len(beginnings)]} {place.name_th}" for n, place in enumerate(chosen)
        ],
        "q= English, rare": [place.name_en.lower() for place in chosen],
        "q= English, common": _parts(endings, randomly),
        "q= English, common, asked again": ["school", "hospital"],
    }


def _is_word(name: str) -> bool:
    return len(name) >= _SHORTEST_WORD and " " not in name


def _parts(texts: Sequence[str], randomly: random.Random) -> list[str]:
    """Return the pieces of texts, which thousands of names hold, in no order."""
    words = [word for text in texts for word in text.split()]
    parts = {
        word[first:behind]
        for word in words
        for first in range(len(word))
        for behind in range(first + _SHORTEST_WORD, len(word) + 1)
    }
    return randomly.sample(sorted(parts), len(parts))


def deep_page(server: Server, depth: int, limit: int) -> Request | None:
    """Follow next links until ``depth`` items lie behind; None where there are not so many.

    The cursor does not know how long pages are, so the walk takes long strides.
    """
    connection = Connection(server.port)
    path, passed = f"{ITEMS}?limit={min(_STRIDE, depth)}", 0
    while passed < depth:
        page = orjson.loads(connection.send(Request(path)).body)
        passed += page["numberReturned"]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            connection.close()
            return None
        path = path_of(following[0])
    connection.close()
    stride = f"limit={min(_STRIDE, depth)}"
    return Request(path.replace(stride, f"limit={limit}"))


def item_etags(server: Server, ids: Sequence[str]) -> list[Request]:
    """Return requests for items with the entity tag that the client already has."""
    connection = Connection(server.port)
    requests = []
    for item_id in ids:
        path = f"{ITEMS}/{item_id}"
        answer: Answer = connection.send(Request(path))
        requests.append(Request(path, {"If-None-Match": answer.headers["etag"]}))
    connection.close()
    return requests


def tiles_over_bangkok(zoom: int, around: int = 1) -> list[tuple[int, int]]:
    """Return (column, row) of the tile in the middle of Bangkok and of its neighbours.

    Source: OGC 17-083r4, WebMercatorQuad.
    """
    lon, lat = BANGKOK
    tiles = 2**zoom
    column = int((lon + 180) / 360 * tiles)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * tiles)
    steps = range(-around, around + 1)
    near = [(column + dx, row + dy) for dx in steps for dy in steps]
    return [(x, y) for x, y in near if 0 <= x < tiles and 0 <= y < tiles]
