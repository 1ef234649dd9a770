# SPDX-License-Identifier: GPL-2.0-or-later
"""Which other sites' pages may read and write the OGC API; pages of ours are never shared."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Scope

_PATH = "/ogc"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_REQUEST_HEADERS = (
    "Accept, Accept-Datetime, Accept-Language, Authorization, Content-Crs, Content-Type,"
    " Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since,"
    " Pakmud-Reason, Prefer, X-CSRF-Token, X-Request-Id"
)
EXPOSED_HEADERS = (
    "Accept-Patch, Accept-Post, Allow, Content-Crs, Content-Disposition, Deprecation, ETag,"
    " Idempotency-Replayed, Last-Modified, Link, Location, Memento-Datetime,"
    " Preference-Applied, Retry-After, Sunset, X-Request-Id"
)
_PREFLIGHT_AGE_S = 600


def _is_shared(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == _PATH or path.startswith(f"{_PATH}/")


def _allowed(scope: Scope, origins: tuple[str, ...]) -> str:
    """Return the value of Access-Control-Allow-Origin, '' for none."""
    origin = Headers(scope=scope).get("origin", "")
    return allowed_origin(origin, origins) if _is_shared(scope) else ""


def allowed_origin(origin: str, origins: tuple[str, ...]) -> str:
    """Return who may read an answer of the OGC API, '' for nobody.

    Args:
        origin: the asking page's, '' when the request names none.
        origins: the setting ``cors_origins``.
    """
    if not origin:
        return ""
    if "*" in origins:
        return "*"
    return origin if origin in origins else ""


def add_cors(scope: Scope, headers: MutableHeaders, origins: tuple[str, ...]) -> None:
    """Add what a browser needs to hand an answer of the OGC API to another site's page.

    Credentials are never allowed: a page of another site signs in with a token of its own.

    Args:
        scope: of the request.
        headers: of the response.
        origins: the setting ``cors_origins``.
    """
    if _is_shared(scope) and "*" not in origins:
        headers.add_vary_header("Origin")
    allowed = _allowed(scope, origins)
    if allowed:
        headers["Access-Control-Allow-Origin"] = allowed
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS


def preflight(scope: Scope, origins: tuple[str, ...]) -> Response | None:
    """Answer a browser's question before a request, or None when it is no such question."""
    headers = Headers(scope=scope)
    if scope["method"] != "OPTIONS" or "access-control-request-method" not in headers:
        return None
    allowed = _allowed(scope, origins)
    if not allowed:
        return None
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _REQUEST_HEADERS,
            "Access-Control-Max-Age": str(_PREFLIGHT_AGE_S),
        },
    )
