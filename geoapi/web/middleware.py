# SPDX-License-Identifier: GPL-2.0-or-later
"""Around every request: its id, its line in the log, security headers, limits of its body."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoapi.errors import ServicePointError, TooLargeError
from geoapi.operation.logs import REQUEST_ID
from geoapi.operation.metrics import metrics_of
from geoapi.site import Site
from geoapi.web.client_address import apply_forwarded, networks
from geoapi.web.compression import CompressionMiddleware
from geoapi.web.cors import add_cors, preflight
from geoapi.web.error_pages import defect_response, on_error, on_http_exception
from geoapi.web.security_headers import security_headers

LOG = logging.getLogger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CLIENT_CLOSED = 499
# A body has this long to begin and this many bytes a second to go on, so that nobody holds a
# connection open with a byte now and then.
_BODY_TIMEOUT_S = 30.0
_BODY_BYTES_PER_S = 10_000

__all__ = [
    "BodyLimitMiddleware",
    "CompressionMiddleware",
    "Done",
    "RequestMiddleware",
    "note_request",
    "request_id_of",
]


@dataclass
class _Outcome:
    """What became of a request."""

    status: int = 0
    sent_bytes: int = 0
    has_started: bool = False


def request_id_of(given: str) -> str:
    """Return the id that a client or proxy gave a request, or a new one when it is not sane."""
    return given if given and _SANE_ID.fullmatch(given) else os.urandom(16).hex()


def _route_of(scope: Scope) -> str:
    """Name the route as it is declared, so that no id of anybody stands in log or metrics."""
    route: BaseRoute | None = scope.get("route")
    if route is None:
        return "unmatched"
    root: str = scope.get("root_path", "")
    return root or "/" if isinstance(route, Mount) else root + getattr(route, "path", "")


class RequestMiddleware:
    """The outermost layer: nothing leaves without an id and security headers, no error unanswered.

    Args:
        app: the application inside.
        site: the running site.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """Prepare the headers, which are the same for every response."""
        self.app = app
        self.site = site
        self._headers = security_headers(site.settings)
        self._trusted = networks(site.settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        apply_forwarded(scope, self._trusted)
        request_id = request_id_of(Headers(scope=scope).get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        token = REQUEST_ID.set(request_id)
        outcome, started = _Outcome(), time.perf_counter()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                outcome.status, outcome.has_started = message["status"], True
                self._add_headers(scope, message, request_id)
            elif message["type"] == "http.response.body":
                outcome.sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._answer(scope, receive, send_on, outcome)
        finally:
            self._finish(scope, outcome, time.perf_counter() - started)
            REQUEST_ID.reset(token)

    def _add_headers(self, scope: Scope, message: Message, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["X-Request-Id"] = request_id
        add_cors(scope, headers, self.site.settings.cors_origins)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, outcome: _Outcome) -> None:
        request = Request(scope, receive)
        response: Response | None = preflight(scope, self.site.settings.cors_origins)
        try:
            if response is None:
                await self.app(scope, receive, send)
                return
        except ServicePointError as error:
            response = await on_error(request, error)
        except HTTPException as error:
            response = await on_http_exception(request, error)
        except ClientDisconnect:
            outcome.status = _CLIENT_CLOSED
            return
        except Exception:
            # the one place that may catch everything: a defect must still be answered and logged
            metrics_of(scope["app"]).failures.inc()
            LOG.exception("request failed route=%s", _route_of(scope))
            response = defect_response(request)
        if not outcome.has_started:
            await response(scope, receive, send)

    def _finish(self, scope: Scope, outcome: _Outcome, seconds: float) -> None:
        done = Done(_route_of(scope), outcome.status or _CLIENT_CLOSED, outcome.sent_bytes)
        note_request(scope, done, seconds)


@dataclass(frozen=True)
class Done:
    """What became of a finished request; the route is named as it is declared."""

    route: str
    status: int
    sent_bytes: int


def note_request(scope: Scope, done: Done, seconds: float) -> None:
    """Count a finished request and write its line into the log."""
    method = scope["method"]
    metrics_of(scope["app"]).count(method, done.route, done.status, seconds)
    LOG.info(
        "request done method=%s route=%s status=%d ms=%.1f bytes=%d",
        method,
        done.route,
        done.status,
        seconds * 1000,
        done.sent_bytes,
    )


def _fits(path: str, pattern: str) -> bool:
    """Say whether a path begins as a pattern says, or equals one with ``*`` for a step."""
    if "*" not in pattern:
        return path.startswith(pattern)
    given, wanted = path.split("/"), pattern.split("/")
    return len(given) == len(wanted) and all(
        step in ("*", own) for own, step in zip(given, wanted, strict=True)
    )


class BodyLimitMiddleware:
    """Refuse bodies that are too large or come too slowly, before anybody collects them.

    Args:
        app: the application inside.
        max_bytes: largest body.
        path_limits: {beginning of a path, or a path with ``*`` for one step: largest body there};
            the longest that fits counts.
        timeout_s: how long a body may take beyond what its bytes are given.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        path_limits: Mapping[str, int] | None = None,
        timeout_s: float = _BODY_TIMEOUT_S,
    ) -> None:
        """Keep the limits, longest path first."""
        self.app = app
        self.max_bytes = max_bytes
        self.timeout_s = timeout_s
        self._paths = sorted((path_limits or {}).items(), key=lambda item: -len(item[0]))

    def limit_of(self, path: str) -> int:
        """Return the largest body of a path."""
        fitting = (limit for pattern, limit in self._paths if _fits(path, pattern))
        return next(fitting, self.max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Raises:
            TooLargeError: the body is longer than the limit.
            HTTPException: 408, the body came too slowly; 400, its length is no number.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdigit():
            raise HTTPException(400)
        if int(declared) > limit:
            raise TooLargeError("operation.body_too_large", limit_bytes=limit)
        await self.app(scope, self._limited(receive, limit), send)

    def _limited(self, receive: Receive, limit: int) -> Receive:
        received, is_complete = 0, False
        started = anyio.current_time()

        async def next_part() -> Message:
            nonlocal received, is_complete
            if is_complete:
                return await receive()
            ends_at = started + self.timeout_s + received / _BODY_BYTES_PER_S
            try:
                with anyio.fail_after(ends_at - anyio.current_time()):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, headers={"Connection": "close"}) from error
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > limit:
                raise TooLargeError("operation.body_too_large", limit_bytes=limit)
            return message

        return next_part
