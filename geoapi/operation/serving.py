# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve a site: check first, then hand over to uvicorn, and stop without cutting anybody off."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields

import uvicorn

from geoapi.errors import UsageError
from geoapi.operation.backup import sole_user
from geoapi.operation.logs import configure_logging
from geoapi.settings import Settings
from geoapi.store import open_store
from geoapi.store.schema import require_current_schema

# Running requests get this long after SIGTERM.
GRACE_S = 20
# Longer than a proxy keeps an idle connection, so that it never reuses one we just closed.
_KEEP_ALIVE_S = 75
# A worker that starts on a busy machine is not a dead one; uvicorn's own 5 s kills it.
_WORKER_ANSWER_S = 60
APPLICATION = "geoapi.cli.asgi:application"


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return the environment from which a serving process reads the same settings again."""
    environment = {}
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        environment[f"PAKMUD_{setting.name.upper()}"] = text
    return environment


def require_servable(settings: Settings) -> None:
    """Refuse to serve what could not be served well.

    Raises:
        UsageError: the schema is not this program's, or the port is taken.
        DataUnavailableError: the store does not answer.
    """
    with closing(open_store(settings.store, timeout_s=settings.statement_timeout_s)) as store:
        require_current_schema(store)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise UsageError(
                "operation.port_taken",
                host=settings.host,
                port=settings.port,
                reason=error.strerror or "",
            ) from error


def serve(settings: Settings, announce: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; then finish running requests and close the store.

    Args:
        settings: of the site.
        announce: called when nothing speaks against serving.

    Raises:
        UsageError: wrong schema, or the port is taken.
        ConflictError: another process serves the same GeoPackage.
        DataUnavailableError: the store does not answer.
    """
    with sole_user(settings):
        configure_logging(settings)
        require_servable(settings)
        if announce is not None:
            announce()
        # serving processes are new processes when there are several: they read this
        os.environ.update(settings_environment(settings))
        uvicorn.run(
            APPLICATION,
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop="uvloop",
            http="geoapi.web.connections:GuardedProtocol",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # ours trusts whole networks, see geoapi.web.client_address
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
            timeout_worker_healthcheck=_WORKER_ANSWER_S,
        )
