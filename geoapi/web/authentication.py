# SPDX-License-Identifier: GPL-2.0-or-later
"""Middleware that finds out who asks, and refuses what does not count; it never reads a body."""

from __future__ import annotations

import base64
import binascii
import logging
import time
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoapi.access_tokens import TOKEN_PREFIX, is_token
from geoapi.accounts import normalise_username
from geoapi.errors import (
    ConflictError,
    DataUnavailableError,
    ForbiddenError,
    NotAuthenticatedError,
    ServicePointError,
)
from geoapi.identity import IdentityCache, SignedIn, look_up, touch
from geoapi.problems import MEDIA_TYPE, kind_of, problem_document
from geoapi.rights import PUBLIC, Viewer
from geoapi.site import Site
from geoapi.store.audit import AuditEntry, record
from geoapi.store.credentials import Kind
from geoapi.web import csrf
from geoapi.web.client_address import apply_forwarded, networks
from geoapi.web.rendering import render, request_language

LOG = logging.getLogger(__name__)

BEARER = 'Bearer realm="Pakmud"'
BASIC = 'Basic realm="Pakmud", charset="UTF-8"'
PASSWORD_PATH = "/auth/password"  # noqa: S105 - a path
# What a forgotten, ended session must not stand in the way of.
_WITHOUT_SESSION = frozenset({"/auth/login", "/auth/logout", "/auth/set-password", "/demo/login"})
# What somebody who must change the password may reach.
_BEFORE_CHANGE = ("/auth/password", "/auth/logout", "/auth/me", "/static/", "/vendor/", "/healthz")
# What changes who counts as signed in.
_CHANGING_PATHS = ("/auth/", "/demo/")
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_AUDIT_AGAIN_S = 60.0
_AUDIT_SIZE = 1024


@dataclass(frozen=True)
class _Secret:
    """What a request shows: a secret of one kind, and the name it must belong to."""

    kind: Kind
    text: str
    username: str = ""


class AuthenticationMiddleware:
    """Set ``scope["state"]["viewer"]`` and ``["signed_in"]``, or answer 401 or 403.

    Args:
        app: the application inside.
        site: the running site.
        cache: remembers secrets for two seconds.
    """

    def __init__(self, app: ASGIApp, site: Site, cache: IdentityCache | None = None) -> None:
        """Prepare; nothing is asked of the store yet."""
        self.app = app
        self.site = site
        self.cache = cache or IdentityCache()
        self._trusted = networks(site.settings.trusted_proxies)
        self._audited: dict[tuple[str, str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        apply_forwarded(scope, self._trusted)
        state: dict[str, Any] = scope.setdefault("state", {})
        state.update(viewer=PUBLIC, signed_in=None)
        if scope["type"] == "websocket":  # we have none
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answering = _Answering(request, self.site, send)
        refusal: Response | None = None
        try:
            await self._authenticate(request)
            refusal = self._must_change_password(request)
        except (NotAuthenticatedError, ForbiddenError) as error:
            refusal = _refusal(request, error)
        await (refusal or self.app)(scope, receive, answering.send)
        await self._after(request, answering.status)

    async def _authenticate(self, request: Request) -> None:
        """Find the viewer and check what comes by cookie.

        Raises:
            NotAuthenticatedError: a token or session that does not count.
            ForbiddenError: the request was forged.
            DataUnavailableError: the store can't be asked.
        """
        secret = _shown_secret(request, self.site)
        if secret is None:
            return
        signed_in = await self._find(secret)
        now = self.site.clock()
        if signed_in is None or not signed_in.counts(now, self.site.settings):
            if secret.kind == "token":
                LOG.info("token refused known=%s", signed_in is not None)
                raise NotAuthenticatedError("auth.token_over")
            is_write = request.method not in csrf.SAFE_METHODS
            if is_write and request.url.path not in _WITHOUT_SESSION:
                raise NotAuthenticatedError("auth.session_over")
            return
        if secret.username and normalise_username(secret.username) != signed_in.username:
            raise NotAuthenticatedError("auth.token_of_another")
        request.state.viewer = signed_in.viewer_at(now)
        request.state.signed_in = signed_in
        if secret.kind == "session" and request.method not in csrf.SAFE_METHODS:
            _check_forgery(request)

    async def _find(self, secret: _Secret) -> SignedIn | None:
        known = self.cache.get(secret.kind, secret.text)
        if known is not None:
            return known
        asked_at = self.cache.now()
        found = await anyio.to_thread.run_sync(look_up, self.site, secret.kind, secret.text)
        if found is not None:
            self.cache.put(secret.kind, secret.text, found, asked_at)
        return found

    def _must_change_password(self, request: Request) -> Response | None:
        """Return the answer to somebody who must change the password before anything else."""
        signed_in: SignedIn | None = request.state.signed_in
        if signed_in is None or signed_in.row.kind == "token":
            return None
        path = request.url.path
        if not signed_in.must_change_password or path.startswith(_BEFORE_CHANGE):
            return None
        if request.method in csrf.SAFE_METHODS and _wants_page(request):
            return RedirectResponse(PASSWORD_PATH, 303, {"Cache-Control": "no-store"})
        return _refusal(request, ForbiddenError("auth.must_change_password"))

    async def _after(self, request: Request, status: int) -> None:
        """Do after the answer what nobody has to wait for."""
        if request.method not in csrf.SAFE_METHODS and request.url.path.startswith(_CHANGING_PATHS):
            self.cache.clear()
        signed_in: SignedIn | None = request.state.signed_in
        if signed_in is None:
            return
        now = self.site.clock()
        if signed_in.wants_touch(now):
            self.cache.note_use(signed_in.row.id, now)
            await anyio.to_thread.run_sync(touch, self.site, signed_in)
        if status == 403:  # noqa: PLR2004 - Forbidden
            await self._record_refusal(request, signed_in)

    async def _record_refusal(self, request: Request, signed_in: SignedIn) -> None:
        """Write a refusal into the audit, the same one once a minute at the most."""
        key = (signed_in.row.id, request.method, request.url.path)
        now = time.monotonic()
        if now - self._audited.get(key, -_AUDIT_AGAIN_S) < _AUDIT_AGAIN_S:
            return
        if len(self._audited) >= _AUDIT_SIZE:
            self._audited.clear()
        self._audited[key] = now
        entry = AuditEntry(
            "csrf" if getattr(request.state, "csrf_refused", False) else "request",
            "refused",
            signed_in.viewer.user_id,
            "",
            getattr(request.state, "request_id", ""),
            {"method": request.method, "path": request.url.path[:200]},
        )
        await anyio.to_thread.run_sync(_store_refusal, self.site, entry)


def _store_refusal(site: Site, entry: AuditEntry) -> None:
    try:
        site.store.write(lambda transaction: record(transaction, entry))
    except (ConflictError, DataUnavailableError) as error:
        LOG.warning("refusal not recorded reason=%s", error.message_id)


class _Answering:
    """Look at an answer as it leaves: add cookie and challenge, insist on the form's check."""

    def __init__(self, request: Request, site: Site, send: Send) -> None:
        self._request = request
        self._site = site
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status < 400 and getattr(self._request.state, "csrf_pending", False):  # noqa: PLR2004
                # a defect of ours, seen by the first test of the route
                raise RuntimeError("a form was handled without csrf.checked_form")
            self._add_headers(MutableHeaders(scope=message))
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        nonce = getattr(self._request.state, "new_pre_session", "")
        if nonce:
            helper = Response()
            helper.set_cookie(
                csrf.pre_session_cookie(self._site.settings),
                csrf.pre_session_value(self._site, nonce),
                path="/",
                secure=self._site.settings.is_secure,
                httponly=True,
                samesite="lax",
            )
            headers.append("set-cookie", helper.headers["set-cookie"])
        if self.status == 401:  # noqa: PLR2004 - Unauthorized
            if _is_browser(self._request, self._site):
                # for Basic a browser would put its own password window over our page
                headers["www-authenticate"] = BEARER
            elif "www-authenticate" not in headers:
                headers["www-authenticate"] = f"{BEARER}, {BASIC}"


def _is_browser(request: Request, site: Site) -> bool:
    return (
        "sec-fetch-mode" in request.headers
        or csrf.session_cookie(site.settings) in request.cookies
        or _wants_page(request)
    )


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _shown_secret(request: Request, site: Site) -> _Secret | None:
    """Return the secret that a request shows; a header counts before a cookie.

    Raises:
        NotAuthenticatedError: the header holds no token.
    """
    header = request.headers.get("authorization")
    if header is None:
        cookie = request.cookies.get(csrf.session_cookie(site.settings))
        return _Secret("session", cookie) if cookie else None
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return _token_secret(value.strip(), "")
    if scheme.lower() == "basic":
        username, password = _basic_parts(value)
        if not password.startswith(TOKEN_PREFIX):
            raise NotAuthenticatedError("auth.basic_needs_token")
        return _token_secret(password, username)
    raise NotAuthenticatedError("auth.unknown_scheme")


def _token_secret(text: str, username: str) -> _Secret:
    if not is_token(text):
        raise NotAuthenticatedError("auth.token_malformed")
    return _Secret("token", text, username)


def _basic_parts(value: str) -> tuple[str, str]:
    try:
        username, found, password = (
            base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, ValueError) as error:
        raise NotAuthenticatedError("auth.basic_unreadable") from error
    if not found or not username:
        raise NotAuthenticatedError("auth.basic_unreadable")
    return username, password


def _check_forgery(request: Request) -> None:
    """Check a writing request that came by session cookie, as far as the headers tell.

    A form of a page is checked by :func:`geoapi.web.csrf.checked_form` when it is read.

    Raises:
        ForbiddenError: the request was forged.
    """
    csrf.check_origin(request)
    token = request.headers.get(csrf.HEADER, "")
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM_TYPES)
    if not token and is_form and not request.url.path.startswith("/ogc"):
        request.state.csrf_pending = True
        return
    csrf.check_token(request, token)


def _refusal(request: Request, error: ServicePointError) -> Response:
    """Answer with a page to browsers' pages and with a problem to everything else."""
    status = kind_of(error).status
    if _wants_page(request) and not request.url.path.startswith("/ogc"):
        # what is refused is not to be shown as if signed in
        viewer: Viewer = request.state.viewer
        LOG.info("refused status=%d reason=%s via=%s", status, error.message_id, viewer.via)
        return render(request, "auth/refused.html", {"message_id": error.message_id}, status)
    language = request_language(request)
    document = problem_document(error, language, getattr(request.state, "request_id", ""))
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    if error.message_id.startswith("auth.token_"):
        headers["WWW-Authenticate"] = f'{BEARER}, error="invalid_token", {BASIC}'
    return JSONResponse(document, status, headers, media_type=MEDIA_TYPE)
