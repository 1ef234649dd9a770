# SPDX-License-Identifier: GPL-2.0-or-later
"""A small site and a client for the tests of what pygeoapi answers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import service_points
from geoapi.app import create_app
from geoapi.collections import collection_by_id
from geoapi.feature_rows import RowStamp, build_row
from geoapi.ogc.items import get_items
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Viewer
from geoapi.settings import Settings
from geoapi.site import Site, open_site
from geoapi.store import Transaction
from geoapi.store.features import put_row
from geoapi.store.schema import migrate
from tests.api.provider_route import provider_response

WRITER = Viewer(user_id="writer", via="system")
REVIEWER = Viewer(user_id="reviewer", via="system")
POINTS = "/ogc/collections/service-points"
DOCUMENTS = (
    "/ogc/", "/ogc/conformance", "/ogc/collections", POINTS, f"{POINTS}/queryables",
    f"{POINTS}/schema", "/ogc/openapi",
)  # fmt: skip
PUBLIC, DRAFTS = 16, 9


def point_id(number: int) -> str:
    return str(uuid.UUID(int=number + 1, version=4))


def service_point(number: int) -> dict[str, Any]:
    """Return a point; every fifth has no place yet."""
    place = {"type": "Point", "coordinates": [99.8 + number / 100, 19.9]} if number % 5 else None
    return {
        "type": "Feature",
        "id": point_id(number),
        "geometry": place,
        "properties": {
            "name_th": f"ที่ว่าการอำเภอที่ {number:02d}",
            "name_en": f"District <office> & co {number:02d}",
            "category": "district_office",
            "province_code": "57",
            "district_code": "5701",
            "phones": [{"number": "+6653150161", "ext": "12", "kind": "main"}],
            "website": "https://www.example.go.th/",
            "note_th": "=1+1",
            "accuracy_m": 2.5,
        },
    }


def add_areas(transaction: Transaction) -> None:
    ring = [[99.5, 19.5], [100.2, 19.5], [100.2, 20.3], [99.5, 19.5]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
    for code, level, name, parent in (
        ("57", "province", "เชียงราย", None),
        ("5701", "district", "เมืองเชียงราย", "57"),
    ):
        properties = {"code": code, "level": level, "name_th": name, "parent_code": parent}
        feature = {"type": "Feature", "id": code, "geometry": shape, "properties": properties}
        stamp = RowStamp("published", 1, transaction.now, transaction.now)
        row = build_row("area", feature, stamp)
        put_row(transaction, "area", row.values, row.geometry)


@contextmanager
def sample_site(folder: Path) -> Iterator[Site]:
    """Open a site with two areas and 25 points, 16 of them public."""
    made = open_site(Settings(store=str(folder / "site.gpkg"), data_dir=folder / "var"))
    migrate(made.store)
    made.store.write(add_areas)
    for number in range(PUBLIC + DRAFTS):
        service_points.create(made, WriteContext(WRITER), service_point(number))
        if number % 5 and number < 20:
            for viewer, action in ((WRITER, "submit"), (REVIEWER, "verify")):
                context = WriteContext(viewer, if_match=("*",))
                service_points.take_action(made, context, point_id(number), action)
    yield made
    made.store.close()


async def _through_pygeoapi(request: Request) -> Response:
    """Answer an items request by pygeoapi and our provider."""
    if request.headers.get("x-insider"):
        request.state.viewer = SYSTEM
    collection = collection_by_id(request.path_params["collection_id"])
    return await provider_response(request, collection)


async def _inside(request: Request) -> Response:
    """Answer an items request as to somebody who sees everything."""
    request.state.viewer = SYSTEM
    return await get_items(request)


class Client:
    """The application over httpx's ASGI transport, one request after the other."""

    def __init__(self, app: Starlette, base_url: str, runner: asyncio.Runner) -> None:
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(
            transport=transport, base_url=base_url, follow_redirects=True
        )
        self.cookies = self._client.cookies
        self._runner = runner

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.get(path, **more))

    def head(self, path: str) -> httpx.Response:
        return self._runner.run(self._client.head(path))


@contextmanager
def sample_client(site: Site) -> Iterator[Client]:
    """Serve a site, with items through pygeoapi and for an insider at addresses of their own."""
    app = create_app(site)
    app.router.routes.insert(0, Route("/through/{collection_id}/items", _through_pygeoapi))
    app.router.routes.insert(0, Route("/inside/{collection_id}/items", _inside))
    with asyncio.Runner() as runner:
        yield Client(app, site.settings.base_url, runner)


def local(href: str, site: Site) -> str:
    assert href.startswith(site.settings.base_url), href
    return href.removeprefix(site.settings.base_url) or "/"
