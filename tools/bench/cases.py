# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of the servers, case by case."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence

from tools.bench.client import Request
from tools.bench.measuring import Case
from tools.bench.peers import PYGEOAPI, PYGEOAPI_COLLECTION, TIPG, TIPG_COLLECTION
from tools.bench.samples import (
    COLLECTION,
    ITEMS,
    Sample,
    deep_page,
    item_etags,
    searches,
    spelled,
    tiles_over_bangkok,
)
from tools.bench.servers import Server
from tools.bench.sites import OFFICER, Prepared

OURS = ("postgis", "geopackage")
GROUPS = ("items", "pages", "search", "tiles", "rights", "feed")
_TIPG_ITEMS = f"/collections/{TIPG_COLLECTION}/items"
_PYGEOAPI_ITEMS = f"/collections/{PYGEOAPI_COLLECTION}/items"
_PEER_ITEMS = {TIPG: _TIPG_ITEMS, PYGEOAPI: _PYGEOAPI_ITEMS}
# pygeoapi answers with a web page unless it is told otherwise
_PEER_FORMAT = {TIPG: "f=geojson", PYGEOAPI: "f=json"}
_PAGE = 10
DEPTHS = (1_000, 150_000)
ZOOMS = range(6, 15)
_TILES_OF = "tiles/WebMercatorQuad"


def cases(
    ours: Sequence[tuple[Prepared, Server]], sample: Sample, groups: Sequence[str]
) -> Iterator[Sequence[Case]]:
    """Give the cases of the named groups; those that are compared with each other, together.

    Args:
        ours: our sites and their running servers.
        sample: what to ask for.
        groups: of ``GROUPS``.
    """
    makers: dict[str, Callable[[], Iterator[Sequence[Case]]]] = {
        "items": lambda: zip(_item_cases(ours, sample)),
        "pages": lambda: iter([list(_page_cases(ours))]),
        "search": lambda: zip(_search_cases()),
        "tiles": lambda: zip(_tile_cases(ours)),
        "rights": lambda: _rights_cases(ours, sample),
        "feed": lambda: zip(_feed_cases()),
    }
    for group in groups:
        yield from makers[group]()


def _everywhere(query: str) -> dict[str, list[Request]]:
    """Return one query of items for every server."""
    requests = {name: [Request(f"{ITEMS}?{query}")] for name in OURS}
    for peer, path in _PEER_ITEMS.items():
        requests[peer] = [Request(f"{path}?{query}&{_PEER_FORMAT[peer]}")]
    return requests


def _item_cases(ours: Sequence[tuple[Prepared, Server]], sample: Sample) -> Iterator[Case]:
    yield Case("items?limit=10", "items", _everywhere("limit=10"))
    boxes = [_everywhere(f"bbox={spelled(box)}&limit=100") for box in sample.boxes]
    merged = {name: [box[name][0] for box in boxes] for name in boxes[0]}
    yield Case("items?bbox&limit=100", "items", merged)
    yield Case("items?limit=1000", "items", _everywhere("limit=1000"))
    single = {name: [Request(f"{ITEMS}/{own}") for own, _ in sample.ids] for name in OURS}
    for peer, path in _PEER_ITEMS.items():
        asked = f"?{_PEER_FORMAT[peer]}"
        single[peer] = [Request(f"{path}/{number}{asked}") for _, number in sample.ids]
    yield Case("item", "items", single)
    ids = [own for own, _ in sample.ids]
    known = {server.name: item_etags(server, ids) for _, server in ours}
    yield Case("item, 304", "items", known, status=304)


def _page_cases(ours: Sequence[tuple[Prepared, Server]]) -> Iterator[Case]:
    yield Case("first page", "pages", _everywhere(f"limit={_PAGE}"))
    for depth in DEPTHS:
        requests = {}
        for _, server in ours:
            page = deep_page(server, depth, _PAGE)
            if page is not None:
                requests[server.name] = [page]
        for peer, path in _PEER_ITEMS.items():
            query = f"limit={_PAGE}&offset={depth}&{_PEER_FORMAT[peer]}"
            requests[peer] = [Request(f"{path}?{query}")]
        yield Case(f"page behind {depth:,} items", "pages", requests)


def _search_cases() -> Iterator[Case]:
    for name, words in searches().items():
        asked = [Request(f"{ITEMS}?q={word}&limit=10") for word in words]
        yield Case(name, "search", dict.fromkeys(OURS, asked))


def _tile_cases(ours: Sequence[tuple[Prepared, Server]]) -> Iterator[Case]:
    caches = {server.name: site.folder / "var/cache/tiles" for site, server in ours}

    def forget(server: str) -> None:
        """Empty the cache of tiles, so that the next one is made anew."""
        if server in caches:
            shutil.rmtree(caches[server], ignore_errors=True)

    for zoom in ZOOMS:
        tiles = tiles_over_bangkok(zoom, around=0 if zoom < 9 else 1)  # noqa: PLR2004
        own = [Request(f"{COLLECTION}/{_TILES_OF}/{zoom}/{y}/{x}") for x, y in tiles]
        requests = dict.fromkeys(OURS, own)
        # as every browser asks for it, and as it is kept
        small = [Request(request.path, {"Accept-Encoding": "gzip"}) for request in own]
        cached = dict.fromkeys(OURS, small)
        yield Case(f"tile z{zoom}, cached", "tiles", cached, is_warm=True)
        peer = f"/collections/{TIPG_COLLECTION}/{_TILES_OF}/{zoom}"
        cold = requests | {TIPG: [Request(f"{peer}/{x}/{y}") for x, y in tiles]}
        yield Case(f"tile z{zoom}, cold", "tiles", cold, fresh=forget)


def _rights_cases(
    ours: Sequence[tuple[Prepared, Server]], sample: Sample
) -> Iterator[Sequence[Case]]:
    """Ask the same as the public and as an officer of one province."""
    box = sample.boxes[0]
    paths = {
        "items?limit=10": [f"{ITEMS}?limit=10"],
        "items?bbox&limit=100": [f"{ITEMS}?bbox={spelled(box)}&limit=100"],
        "item": [f"{ITEMS}/{own}" for own, _ in sample.ids],
    }
    for name, wanted in paths.items():
        asked = [Request(path) for path in wanted]
        public = Case(f"{name}, public", "rights", dict.fromkeys(OURS, asked))
        signed_in = {
            server.name: [
                Request(path, {"Authorization": f"Bearer {site.token(OFFICER)}"}) for path in wanted
            ]
            for site, server in ours
        }
        yield public, Case(f"{name}, officer", "rights", signed_in)


def _feed_cases() -> Iterator[Case]:
    for since in (0, 150_000):
        asked = [Request(f"{COLLECTION}/changes?since={since}&limit=1000")]
        yield Case(f"changes?since={since:,}&limit=1000", "feed", dict.fromkeys(OURS, asked))
