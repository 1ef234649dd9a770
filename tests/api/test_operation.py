# SPDX-License-Identifier: GPL-2.0-or-later
"""Around every request: ids, headers, limits, compression, health; in process over ASGI."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import zstandard
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from geoapi.errors import DataUnavailableError, NotAuthenticatedError, ServicePointError
from geoapi.operation.health import health_routes
from geoapi.settings import Settings
from geoapi.site import Site, open_site
from geoapi.store.schema import migrate
from geoapi.web.error_pages import on_error, on_http_exception
from geoapi.web.middleware import BodyLimitMiddleware, CompressionMiddleware, RequestMiddleware

ETAG = '"abc"'
LONG = {"name": "จุดบริการ" * 200}


async def _data(request: Request) -> Response:
    if request.headers.get("if-none-match") == ETAG:
        return Response(status_code=304, headers={"ETag": ETAG})
    return JSONResponse(LONG, headers={"ETag": ETAG})


async def _write(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({"match": request.headers.get("if-match"), "bytes": len(body)})


async def _parts() -> AsyncIterator[bytes]:
    for _ in range(50):
        yield b'{"a": "bbbbbbbbbbbbbbbbbbbbbbbbbbbb"}\n'


async def _stream(_request: Request) -> Response:
    return StreamingResponse(_parts(), media_type="application/x-ndjson")


async def _defect(_request: Request) -> Response:
    raise KeyError("นายสมชาย 1234567890123")


async def _private(_request: Request) -> Response:
    raise NotAuthenticatedError("auth.sign_in_first")


async def _down(_request: Request) -> Response:
    raise DataUnavailableError("store.locked")


async def _plain(_request: Request) -> Response:
    return PlainTextResponse("x" * 400)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = Settings(
        store=str(tmp_path / "site.gpkg"), data_dir=tmp_path / "var", max_body_bytes=1000
    )
    made = open_site(settings)
    with closing(made.store):
        migrate(made.store)
        yield made


@pytest.fixture
def client_of() -> Callable[..., httpx.AsyncClient]:
    """A function from a site to a client of a small application with all our layers."""

    def make(site: Site, address: str = "127.0.0.1", timeout_s: float = 30) -> httpx.AsyncClient:
        inner = [
            Route("/data", _data), Route("/data/{user_id}", _write, methods=["PUT"]),
            Route("/stream", _stream), Route("/private", _private), Route("/down", _down),
        ]  # fmt: skip
        outer = [Route("/defect", _defect), Route("/plain", _plain), Route("/private", _private)]
        app = Starlette(
            routes=[*health_routes(), *outer, Mount("/ogc", routes=inner)],
            middleware=[
                Middleware(RequestMiddleware, site=site),
                Middleware(CompressionMiddleware),
                Middleware(
                    BodyLimitMiddleware, max_bytes=site.settings.max_body_bytes,
                    path_limits={"/ogc/data/large": 5000}, timeout_s=timeout_s,
                ),
            ],
            exception_handlers={ServicePointError: on_error, HTTPException: on_http_exception},
        )  # fmt: skip
        app.state.site = site
        transport = httpx.ASGITransport(app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://site")

    return make


@pytest.fixture
def ask(site: Site, client_of: Callable[..., httpx.AsyncClient]) -> Callable[..., httpx.Response]:
    """A function that makes one request of a client on this machine."""

    def request(method: str, path: str, **options: object) -> httpx.Response:
        async def go() -> httpx.Response:
            async with client_of(site) as client:
                return await client.request(method, path, **options)

        return asyncio.run(go())

    return request


# ------------------------------------------------------------------- ids and headers


def test_every_answer_has_an_id_and_security_headers(ask):
    for path in ("/plain", "/nowhere", "/defect", "/ogc/data", "/healthz"):
        headers = ask("GET", path).headers
        assert len(headers["x-request-id"]) == 32
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "geolocation=(self)" in headers["permissions-policy"]


def test_sane_id_of_a_client_is_kept_and_another_is_not(ask):
    assert (
        ask("GET", "/plain", headers={"X-Request-Id": "proxy-12345"}).headers["x-request-id"]
        == "proxy-12345"
    )
    for bad in ("x", "a b c d e f g h", "<script>alert(1)</script>", "a" * 65):
        assert ask("GET", "/plain", headers={"X-Request-Id": bad}).headers["x-request-id"] != bad


def test_hsts_only_with_https(site: Site, client_of):
    async def headers_of(url: str) -> httpx.Headers:
        settings = replace(site.settings, public_url=url)
        async with client_of(replace(site, settings=settings)) as client:
            return (await client.get("/plain")).headers

    assert "strict-transport-security" in asyncio.run(headers_of("https://a.example"))
    assert "strict-transport-security" not in asyncio.run(headers_of("http://a.example"))


def test_access_line_has_the_route_and_no_query_or_id(ask, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    ask("PUT", "/ogc/data/somchai?token=geheim", content=b"x")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "geoapi.web.middleware"]
    assert line.startswith("request done method=PUT route=/ogc/data/{user_id} status=200 ms=")
    assert "geheim" not in line
    assert "somchai" not in line


# ------------------------------------------------------------------- errors


def test_defect_is_a_problem_with_the_id_and_logged_without_values(
    ask, caplog: pytest.LogCaptureFixture
):
    answer = ask("GET", "/defect")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.json()["detail_th"]
    assert "สมชาย" not in answer.text
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.getMessage() == "request failed route=/defect"


def test_unknown_path_and_wrong_method_are_problems(ask):
    missing = ask("GET", "/ogc/nowhere", headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")
    assert missing.headers["content-language"] == "en"
    wrong = ask("DELETE", "/ogc/data")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "MethodNotAllowed")
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_program_gets_401_and_browser_gets_the_sign_in(ask):
    program = ask("GET", "/ogc/private", headers={"Accept": "text/html"})
    assert program.status_code == 401
    assert "Bearer" in program.headers["www-authenticate"]
    assert "Basic" in program.headers["www-authenticate"]
    browser = ask("GET", "/private?a=1&b=ก", headers={"Accept": "text/html,*/*"})
    assert browser.status_code == 303
    here = "%2Fprivate%3Fa%3D1%26b%3D%25E0%25B8%2581"
    assert browser.headers["location"] == f"/auth/login?next={here}"


def test_browser_gets_a_page(ask):
    answer = ask("GET", "/nowhere", headers={"Accept": "text/html", "Accept-Language": "th"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text


def test_unavailable_says_when_to_come_back(ask):
    answer = ask("GET", "/ogc/down")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


# ------------------------------------------------------------------- bodies


def test_body_over_the_limit_is_refused_declared_or_not(ask):
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    assert ask("PUT", "/ogc/data/1", content=b"x" * 1000).json()["bytes"] == 1000
    for body in (b"x" * 1001, parts()):
        answer = ask("PUT", "/ogc/data/1", content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "RequestTooLarge")
    assert ask("PUT", "/ogc/data/large", content=b"x" * 5000).status_code == 200


def test_body_that_does_not_come_ends_with_408(site: Site, client_of):
    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(60)

    async def go() -> httpx.Response:
        async with client_of(site, timeout_s=0.05) as client:
            return await client.put("/ogc/data/1", content=never())

    answer = asyncio.run(go())
    assert (answer.status_code, answer.json()["status"]) == (408, 408)


# ------------------------------------------------------------------- compression


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, zstd", "zstd"), ("gzip", "gzip"), ("gzip, zstd;q=0.5", "gzip"), ("br", None)],
)
def test_answer_is_compressed_with_an_etag_of_its_own(ask, accepted: str, coding: str | None):
    answer = ask("GET", "/ogc/data", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.headers["etag"] == (f'"abc-{coding}"' if coding else ETAG)
    if coding != "zstd":
        assert answer.json() == LONG


def test_both_codings_hold_the_whole_body(site: Site, client_of):
    async def raw(coding: str, path: str) -> bytes:
        async with (
            client_of(site) as client,
            client.stream("GET", path, headers={"Accept-Encoding": coding}) as answer,
        ):
            return b"".join([part async for part in answer.aiter_raw()])

    for path in ("/ogc/data", "/ogc/stream"):
        plain = asyncio.run(raw("identity", path))
        assert gzip.decompress(asyncio.run(raw("gzip", path))) == plain
        unpacked = zstandard.ZstdDecompressor().decompressobj()
        assert unpacked.decompress(asyncio.run(raw("zstd", path))) == plain


def test_short_answer_is_not_compressed(ask):
    answer = ask("GET", "/plain", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("known", ['"abc-gzip"', '"abc-zstd"', '"abc"', '"x", "abc-gzip"'])
def test_known_etag_gives_304_with_the_same_etag(ask, known: str):
    answer = ask("GET", "/ogc/data", headers={"Accept-Encoding": "gzip", "If-None-Match": known})
    if known.startswith('"x"'):
        assert answer.status_code == 200  # the small application compares the whole header
    else:
        assert (answer.status_code, answer.headers["etag"]) == (304, known)


def test_condition_of_a_write_is_freed_of_its_ending(ask):
    answer = ask("PUT", "/ogc/data/1", headers={"If-Match": '"abc-zstd", "d-e"'})
    assert answer.json()["match"] == '"abc", "d-e"'


# ------------------------------------------------------------------- other sites


def test_other_sites_may_use_the_ogc_api_only(ask):
    origin = {"Origin": "https://map.example"}
    shared = ask("GET", "/ogc/data", headers=origin)
    assert shared.headers["access-control-allow-origin"] == "*"
    assert "ETag" in shared.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in shared.headers
    assert "access-control-allow-origin" not in ask("GET", "/plain", headers=origin).headers


def test_preflight_allows_conditional_writes(ask):
    asked = {"Origin": "https://map.example", "Access-Control-Request-Method": "PUT"}
    answer = ask("OPTIONS", "/ogc/data/1", headers=asked)
    assert answer.status_code == 204
    assert "If-Match" in answer.headers["access-control-allow-headers"]
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert ask("OPTIONS", "/plain", headers=asked).status_code == 405


def test_listed_origin_alone_is_allowed(site: Site, client_of):
    settings = replace(site.settings, cors_origins=("https://map.example",))

    async def allowed(origin: str) -> str | None:
        async with client_of(replace(site, settings=settings)) as client:
            answer = await client.get("/ogc/data", headers={"Origin": origin})
            assert "Origin" in answer.headers["vary"]
            return answer.headers.get("access-control-allow-origin")

    assert asyncio.run(allowed("https://map.example")) == "https://map.example"
    assert asyncio.run(allowed("https://other.example")) is None


# ------------------------------------------------------------------- health


def test_alive_and_ready(ask):
    assert ask("GET", "/healthz").text == "ok\n"
    answer = ask("GET", "/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "store": "ok", "schema": "ok", "disk": "ok", "backup": "warning", "jobs": "warning",
    }  # fmt: skip


def test_not_ready_without_a_schema(tmp_path: Path, client_of):
    settings = Settings(store=str(tmp_path / "x.gpkg"), data_dir=tmp_path / "v")
    site = open_site(settings)

    async def go() -> httpx.Response:
        async with client_of(site) as client:
            return await client.get("/readyz")

    answer = asyncio.run(go())
    site.store.close()
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["schema"] == "error"


def test_metrics_count_by_route(site: Site, client_of):
    async def go() -> str:
        async with client_of(site) as client:
            await client.put("/ogc/data/somchai", content=b"x")
            await client.get("/nowhere")
            return (await client.get("/metrics")).text

    text = asyncio.run(go())
    assert (
        'pakmud_requests_total{method="PUT",route="/ogc/data/{user_id}",status="2xx"} 1.0' in text
    )
    assert 'route="unmatched",status="4xx"' in text
    assert "pakmud_change_seq 0.0" in text
    assert "pakmud_write_queue_length 0.0" in text
    assert "process_cpu_seconds_total" in text
    assert "somchai" not in text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 404),
        # a proxy on this machine that nobody declared
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 404),
    ],
)
def test_metrics_are_for_this_machine(
    site: Site, client_of, address: str, headers: dict[str, str], status: int
):
    async def go() -> int:
        async with client_of(site, address) as client:
            return (await client.get("/metrics", headers=headers)).status_code

    assert asyncio.run(go()) == status
