# SPDX-License-Identifier: GPL-2.0-or-later
"""Compress responses with zstd or gzip, with an ETag of its own for each coding.

A strong ETag names the very bytes, so the compressed form of ``"a"`` is ``"a-zstd"`` or
``"a-gzip"``.  Handlers never see that: the endings are taken off the conditions of requests.
Source: RFC 9110, 8.8.3.3.
"""

from __future__ import annotations

import gzip
import re
import threading
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol

import anyio.to_thread
import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Coding = Literal["zstd", "gzip"]

MIN_BYTES = 500
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
# From here on compressing takes longer than handing it to a thread.
THREAD_BYTES = 200_000
_COMPRESSIBLE = re.compile(
    r"text/(?!event-stream)|application/([\w.+-]*[+.])?(json|xml|javascript|yaml|schema\+json)\b"
    r"|application/(x-ndjson|wasm|vnd\.mapbox-vector-tile|vnd\.oai\.openapi\+json)|image/svg\+xml"
)
_SUFFIXED = re.compile(r'-(?:zstd|gzip)"')
_NO_BODY = (204, 206, 304)
_OF_THREAD = threading.local()


@lru_cache(maxsize=256)
def choose_coding(accept_encoding: str) -> Coding | None:
    """Choose a coding that the client takes; zstd before gzip, None for neither.

    >>> choose_coding("gzip, deflate, br, zstd"), choose_coding("gzip;q=0"), choose_coding("*")
    ('zstd', None, 'zstd')
    """
    qualities: dict[str, float] = {}
    for part in accept_encoding.split(","):
        name, _, parameters = part.strip().lower().partition(";")
        _, _, value = parameters.partition("q=")
        try:
            qualities[name.strip()] = float(value or 1)
        except ValueError:
            qualities[name.strip()] = 0
    otherwise = qualities.get("*", 0)
    zstd, gzipped = qualities.get("zstd", otherwise), qualities.get("gzip", otherwise)
    if zstd > 0 and zstd >= gzipped:
        return "zstd"
    return "gzip" if gzipped > 0 else None


@lru_cache(maxsize=256)
def gzip_only(accept_encoding: str) -> Coding | None:
    """Say whether a client takes gzip, for what is kept in that form; None if not."""
    return choose_coding(accept_encoding.replace("zstd", "none"))


def without_coding(conditions: str) -> str:
    """Take the endings of codings off the entity tags of a condition."""
    return _SUFFIXED.sub('"', conditions)


def known_form(etag: str, coding: Coding | None, known: str) -> str:
    """Return the form of an entity tag that the client has: 304 must carry the one of the 200.

    Args:
        etag: of the plain form, with quotes.
        coding: what the client takes.
        known: its If-None-Match, endings included.
    """
    for ending in (coding, "zstd", "gzip"):
        suffixed = f'{etag[:-1]}-{ending}"'
        if ending and etag and suffixed in known:
            return suffixed
    return etag


def compress(body: bytes, coding: Coding) -> bytes:
    """Compress a whole body."""
    if coding == "gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    packer = getattr(_OF_THREAD, "packer", None)
    if packer is None:  # making one takes longer than packing a page with it
        packer = _OF_THREAD.packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
    packed: bytes = packer.compress(body)
    return packed


class _Compressor(Protocol):
    """What zlib and zstandard have in common."""

    def compress(self, data: bytes, /) -> bytes:
        """Take in data and return what is ready."""

    def flush(self) -> bytes:
        """Return the rest."""


def _compressor(coding: Coding) -> _Compressor:
    if coding == "gzip":
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()


class CompressionMiddleware:
    """Compress what is worth it; see the module.

    Args:
        app: the application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Keep the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        coding = choose_coding(headers.get("accept-encoding", ""))
        known = headers.get("if-none-match", "")
        # in place: the layers outside look at the same scope afterwards
        scope["headers"] = [
            (name, without_coding(value.decode("latin-1")).encode("latin-1"))
            if name in {b"if-match", b"if-none-match"}
            else (name, value)
            for name, value in scope["headers"]
        ]
        await self.app(scope, receive, _Answer(send, coding, known).send)


@dataclass
class _Answer:
    """One response on its way out.

    Attributes:
        send_on: where messages go.
        coding: what the client takes.
        known: its If-None-Match, endings included.
    """

    send_on: Send
    coding: Coding | None
    known: str
    _start: Message | None = None
    _stream: _Compressor | None = None
    _is_plain: bool = False
    _headers: MutableHeaders = field(default_factory=MutableHeaders)

    async def send(self, message: Message) -> None:
        """Pass a message on, compressed when that is worth it."""
        if message["type"] == "http.response.start":
            self._start, self._headers = message, MutableHeaders(scope=message)
        elif message["type"] != "http.response.body" or self._is_plain:
            await self.send_on(message)
        elif self._stream is not None:
            await self._send_part(self._stream, message)
        else:
            await self._send_first(message)

    async def _send_first(self, message: Message) -> None:
        """Decide with the first part of the body in hand, then send the start before it."""
        start = self._start or {"status": 500}
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if start["status"] == 304:  # noqa: PLR2004 - Not Modified
            self._match_known_etag()
        is_worth_it = self._may_compress(start["status"]) and (has_more or len(body) >= MIN_BYTES)
        if not is_worth_it or self.coding is None:
            self._is_plain = True
            await self.send_on(start)
            await self.send_on(message)
            return
        self._mark(self.coding)
        if has_more:
            del self._headers["Content-Length"]
            self._stream = _compressor(self.coding)
            await self.send_on(start)
            await self._send_part(self._stream, message)
            return
        if len(body) >= THREAD_BYTES:
            packed = await anyio.to_thread.run_sync(compress, body, self.coding)
        else:
            packed = compress(body, self.coding)
        self._headers["Content-Length"] = str(len(packed))
        await self.send_on(start)
        await self.send_on({"type": "http.response.body", "body": packed})

    async def _send_part(self, stream: _Compressor, message: Message) -> None:
        body = stream.compress(message.get("body", b""))
        has_more = message.get("more_body", False)
        if not has_more:
            body += stream.flush()
        if body or not has_more:
            await self.send_on({"type": "http.response.body", "body": body, "more_body": has_more})

    def _may_compress(self, status: int) -> bool:
        kind = self._headers.get("content-type", "")
        if not _COMPRESSIBLE.match(kind):
            return False
        self._headers.add_vary_header("Accept-Encoding")
        return (
            status not in _NO_BODY
            and "content-encoding" not in self._headers
            and "content-range" not in self._headers
            and "no-transform" not in self._headers.get("cache-control", "")
        )

    def _mark(self, coding: Coding) -> None:
        self._headers["Content-Encoding"] = coding
        etag = self._headers.get("etag", "")
        if etag.startswith('"') and etag.endswith('"'):
            self._headers["ETag"] = f'{etag[:-1]}-{coding}"'
        if "accept-ranges" in self._headers:
            del self._headers["accept-ranges"]

    def _match_known_etag(self) -> None:
        """Give back the ETag that the client has."""
        self._headers.add_vary_header("Accept-Encoding")
        etag = self._headers.get("etag", "")
        if etag:
            self._headers["ETag"] = known_form(etag, self.coding, self.known)
