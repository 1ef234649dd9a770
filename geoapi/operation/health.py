# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses for whoever watches over the site: alive, ready, figures."""

from __future__ import annotations

import ipaddress
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from geoapi.errors import NotFoundError, ServicePointError
from geoapi.operation.backup import last_backup_age_s
from geoapi.operation.metrics import metrics_of
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import job_work
from geoapi.store.job_work import JobFigures
from geoapi.store.schema import schema_state

# Idle workers are seen every ten seconds.
WORKER_GONE_AFTER = timedelta(seconds=45)
MIN_FREE_BYTES = 200_000_000
_NO_STORE = {"Cache-Control": "no-store"}

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Readiness:
    """Whether a site can serve, part by part.

    Attributes:
        parts: {what was looked at: how it is}.
    """

    parts: dict[str, Level]

    @property
    def is_ready(self) -> bool:
        """Say whether no part is in error."""
        return "error" not in self.parts.values()


def store_folder(settings: Settings) -> Path:
    """Return the folder whose disk fills: of the GeoPackage, else the data folder."""
    return settings.data_dir if "://" in settings.store else Path(settings.store).parent


def free_bytes(folder: Path) -> int:
    """Return the room left on the disk of a folder, or of its nearest parent that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def is_worked_on(found: JobFigures, now: datetime) -> bool:
    """Say whether a worker was seen lately."""
    return found.seen_at is not None and now - found.seen_at < WORKER_GONE_AFTER


def check_readiness(site: Site) -> Readiness:
    """Look whether the store answers, its schema is ours, and the disk has room."""
    parts: dict[str, Level] = {}
    try:
        state, _ = schema_state(site.store)
        parts["store"] = "ok"
        parts["schema"] = "ok" if state == "current" else "error"
        if state == "current":
            # without a worker the site serves all the same; only jobs wait
            found = site.store.read(job_work.figures)
            parts["jobs"] = "ok" if is_worked_on(found, site.clock()) else "warning"
    except ServicePointError:
        parts["store"] = "error"
    room = free_bytes(store_folder(site.settings))
    parts["disk"] = "ok" if room >= MIN_FREE_BYTES else "error"
    age_s = last_backup_age_s(site.settings.data_dir, site.clock())
    is_fresh = age_s is not None and age_s <= site.settings.backup_max_age_hours * 3600
    parts["backup"] = "ok" if is_fresh else "warning"
    return Readiness(parts)


def may_see_metrics(settings: Settings, request: Request) -> bool:
    """Say whether figures go to this client: this machine, or a network of the settings.

    A proxy on this machine that is not declared in ``trusted_proxies`` would make everybody look
    like this machine; its X-Forwarded-For gives it away.
    """
    if request.client is None:
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if is_forwarded and not settings.trusted_proxies:
        return False
    return address.is_loopback or any(
        address in ipaddress.ip_network(network) for network in settings.metrics_networks
    )


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n", headers=_NO_STORE)


async def _readyz(request: Request) -> Response:
    found = await run_in_threadpool(check_readiness, request.app.state.site)
    document = {"ready": found.is_ready, "checks": found.parts}
    return JSONResponse(document, 200 if found.is_ready else 503, _NO_STORE)


async def _metrics(request: Request) -> Response:
    site: Site = request.app.state.site
    if not may_see_metrics(site.settings, request):
        raise NotFoundError("operation.http_not_found", path="/metrics")
    registry = metrics_of(request.app).registry
    content = await run_in_threadpool(generate_latest, registry)
    return Response(content, headers=_NO_STORE, media_type=CONTENT_TYPE_LATEST)


def health_routes() -> list[Route]:
    """Return /healthz, /readyz and /metrics."""
    return [
        Route("/healthz", _healthz),
        Route("/readyz", _readyz),
        Route("/metrics", _metrics),
    ]
