# SPDX-License-Identifier: GPL-2.0-or-later
"""An application around accounts, a browser for it, and how people sign in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import anyio
import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from geoapi import accounts, grants, sign_in
from geoapi.accounts import NewUser
from geoapi.errors import ServicePointError
from geoapi.managers import Actor
from geoapi.rights import SYSTEM, Grant
from geoapi.site import Site
from geoapi.web import auth_pages, user_pages
from geoapi.web.authentication import AuthenticationMiddleware
from geoapi.web.csrf import checked_form
from geoapi.web.error_pages import on_error, on_http_exception

ROOT = Actor(SYSTEM, "test")
PASSWORD = "ฝนตกที่แม่สาย 2569"
OTHER = "หมอกหนาที่ดอยตุง 41"
PROBLEM = "application/problem+json"
PAGE = {"accept": "text/html"}


class Clock:
    """An injected clock that stands until it is moved."""

    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class _InProcess(httpx.BaseTransport):
    """Hand requests to an application without a network, so that https can be tried too."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            body = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)

        request.read()
        return anyio.run(ask)


def browser(app: ASGIApp, base_url: str) -> httpx.Client:
    return httpx.Client(transport=_InProcess(app), base_url=base_url)


async def _probe(request: Request) -> JSONResponse:
    viewer = request.state.viewer
    return JSONResponse({"user": viewer.user_id, "via": viewer.via})


async def _careless(request: Request) -> JSONResponse:
    """A route that takes a form without checking it, as a defect would."""
    form = await request.form()
    return JSONResponse(dict(form))


async def _careful(request: Request) -> JSONResponse:
    form = await checked_form(request)
    return JSONResponse({"q": form["q"]})


def app_of(site: Site) -> Starlette:
    """The pages and the middleware of accounts, and routes that show what reaches a handler."""
    methods = ["GET", "POST"]
    app = Starlette(
        routes=[
            Route("/ogc/probe", _probe, methods=methods),
            Route("/careless", _careless, methods=methods),
            Route("/careful", _careful, methods=methods),
            *auth_pages.routes(),
            *user_pages.routes(),
        ],
        middleware=[Middleware(AuthenticationMiddleware, site=site)],
        exception_handlers={ServicePointError: on_error, HTTPException: on_http_exception},
    )
    app.state.site = site
    return app


def client_of(site: Site) -> httpx.Client:
    return browser(app_of(site), site.settings.base_url)


def make_user(site: Site, name: str, *held: Grant) -> str:
    user_id, path = accounts.create_user(site, ROOT, NewUser(name, f"ชื่อ {name}"))
    for number, grant in enumerate(held, 1):
        grants.add_grant(site, ROOT, user_id, number, grant)
    sign_in.set_password_by_link(site, path.partition("token=")[2], PASSWORD)
    return user_id


def token_on(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def revision_on(page: httpx.Response) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    assert found, page.text
    return found[1]


def log_in(
    client: httpx.Client, name: str = "somchai", password: str = PASSWORD, **more: str
) -> httpx.Response:
    page = client.get("/auth/login", headers=PAGE)
    fields = {"csrf_token": token_on(page), "username": name, "password": password, **more}
    return client.post("/auth/login", data=fields, headers=PAGE)


def new_token(site: Site, client: httpx.Client, name: str = "somchai") -> str:
    log_in(client, name)
    page = client.get("/auth/tokens", headers=PAGE)
    fields = {"csrf_token": token_on(page), "label": "QGIS", "days": "30"}
    made = client.post("/auth/tokens", data=fields, headers=PAGE)
    found = re.search(r"pakmud_[0-9A-Za-z]{49}", made.text)
    assert found, made.text
    assert found[0] not in client.get("/auth/tokens", headers=PAGE).text
    assert made.headers["cache-control"] == "no-store"
    return found[0]
