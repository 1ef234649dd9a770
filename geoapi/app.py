# SPDX-License-Identifier: GPL-2.0-or-later
"""Put the application together: routes, middleware, error handlers around one site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from geoapi.errors import ServicePointError
from geoapi.identity import IdentityCache
from geoapi.jobs.beside import working
from geoapi.jobs.engine import EnginePool
from geoapi.jobs.nursery import Nursery
from geoapi.ogc import transactions
from geoapi.ogc.downloads import AT_A_TIME as DOWNLOADS_AT_A_TIME
from geoapi.ogc.feed_watch import FeedWatch
from geoapi.ogc.host import build_host
from geoapi.ogc.hot_reads import HotReads
from geoapi.ogc.routes import ogc_routes
from geoapi.operation.health import health_routes
from geoapi.photos.sweep import sweep_quietly
from geoapi.process_registry import load_processes
from geoapi.site import Site
from geoapi.store.async_reading import AsyncReader
from geoapi.tiles.service import tile_service
from geoapi.web import (
    assignment_import_page,
    assignment_pages,
    auth_pages,
    job_pages,
    my_assignments,
    pages,
    photo_files,
    photo_pages,
    photo_uploads,
    report_pages,
    review_bulk_pages,
    review_pages,
    user_pages,
)
from geoapi.web.assets import STATIC_FOLDER, vendor_routes
from geoapi.web.authentication import AuthenticationMiddleware
from geoapi.web.client_limits import ClientLimits, ClientLimitsMiddleware
from geoapi.web.compression import CompressionMiddleware
from geoapi.web.error_pages import on_defect, on_error, on_http_exception
from geoapi.web.middleware import BodyLimitMiddleware, RequestMiddleware
from geoapi.web.photo_work import body_limits


def create_app(site: Site) -> Starlette:
    """Build the ASGI application of a site; nothing is opened that the site has not opened.

    Args:
        site: settings, store and keys.
    """
    reader = AsyncReader(site.store)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(sweep_quietly, site)
        with working(site, app.state.processes, app.state.engines):
            yield
        await reader.close()
        site.store.close()

    app = Starlette(
        routes=_routes(),
        lifespan=lifespan,
        middleware=_layers(site, reader),
        exception_handlers={
            ServicePointError: on_error,
            HTTPException: on_http_exception,
            Exception: on_defect,
        },
    )
    app.state.site = site
    app.state.processes = load_processes(site.settings.process_packages)
    app.state.engines = EnginePool(site.settings, Nursery(site.settings))
    app.state.host = build_host(site)
    # files that are made at a time: each keeps a core and a connection busy
    app.state.downloads = CapacityLimiter(DOWNLOADS_AT_A_TIME)
    app.state.tiles = tile_service(site)
    app.state.feed_watch = FeedWatch(site)
    return app


def _layers(site: Site, reader: AsyncReader) -> list[Middleware]:
    """Return the layers around the routes, the outermost first."""
    settings, cache, limits = site.settings, IdentityCache(), ClientLimits(site.settings)
    return [
        Middleware(HotReads, site=site, cache=cache, reader=reader, limits=limits),
        Middleware(RequestMiddleware, site=site),
        Middleware(ClientLimitsMiddleware, limits=limits),
        Middleware(CompressionMiddleware),
        Middleware(
            BodyLimitMiddleware,
            max_bytes=settings.max_body_bytes,
            path_limits={**body_limits(settings), **transactions.body_limits(settings)},
        ),
        Middleware(AuthenticationMiddleware, site=site, cache=cache),
    ]


def _routes() -> list[Route | Mount]:
    return [
        # asked most: an address is compared with all that stand before it
        Mount("/ogc", routes=ogc_routes()),
        *pages.routes(),
        *my_assignments.routes(),
        *job_pages.routes(),
        *assignment_import_page.routes(),
        *assignment_pages.routes(),
        *auth_pages.routes(),
        *user_pages.routes(),
        *photo_pages.routes(),
        *photo_files.routes(),
        *photo_uploads.routes(),
        *report_pages.routes(),
        # before the pages of single points, whose address takes any word
        *review_bulk_pages.routes(),
        *review_pages.routes(),
        *health_routes(),
        *vendor_routes(),
        Mount("/static", StaticFiles(directory=STATIC_FOLDER), name="static"),
    ]
