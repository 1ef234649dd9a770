# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that dribble, do not read, or come in crowds, on real sockets; everything ends soon."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from geoapi.store import utc_now
from geoapi.web import connections
from geoapi.web.connections import ConnectionLimits, Guard
from tests.api.conftest import Live, new_site, serving
from tests.api.live_data import fill

GET = b"GET /ogc/conformance?f=json HTTP/1.1\r\nHost: localhost\r\n"
LONG_ANSWER = b"/ogc/collections/service-points/changes?limit=10000"
LIMITS = ConnectionLimits(
    of_one=5, of_all=7, exempt=(), head_s=0.6, drain_s=0.8, drained_bytes=4096, look_every_s=0.05
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running site whose connections have little time."""
    folder = tmp_path_factory.mktemp("guarded")
    with (
        new_site(str(folder / "site.gpkg"), folder / "var", utc_now) as site,
        serving(site, "geopackage", LIMITS) as running,
    ):
        site.store.write(fill)
        yield running


@pytest.fixture
def live(guarded: Live) -> Live:
    """The running site, once the connections of the test before are closed."""
    ends = time.monotonic() + 10
    while open_connections(guarded) and time.monotonic() < ends:
        time.sleep(0.02)
    return guarded


def open_connections(live: Live) -> int:
    with connect(live) as probe:
        probe.sendall(GET + b"Connection: close\r\n\r\n")
        answer = read_all(probe)
    return 0 if answer.startswith(b"HTTP/1.1 200") else 1


def connect(live: Live, buffer: int = 0) -> socket.socket:
    opened = socket.socket()
    if buffer:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    opened.settimeout(15)
    opened.connect(("127.0.0.1", live.site.settings.port))
    return opened


def read_all(opened: socket.socket) -> bytes:
    """Read to the end; a reset is an end too."""
    parts = []
    try:
        while part := opened.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem_of(answer: bytes) -> dict[str, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    document: dict[str, str] = json.loads(body)
    assert document["detail_th"] != document["detail_en"]
    return document


def dribble(opened: socket.socket, piece: bytes, seconds: float = 5.0) -> float:
    """Send a piece now and then until the other side ends it; return after how long it did."""
    began = time.monotonic()
    opened.settimeout(0.1)
    while time.monotonic() - began < seconds:
        try:
            opened.sendall(piece)
            if opened.recv(65536, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    opened.settimeout(15)
    return time.monotonic() - began


def test_silent_connection_is_closed(live: Live) -> None:
    with closing(connect(live)) as opened:
        assert read_all(opened) == b""


def test_head_that_dribbles_in_ends_with_408(live: Live) -> None:
    with closing(connect(live)) as opened:
        opened.sendall(GET)
        assert dribble(opened, b"X-More: 1\r\n") < 5
        answer = read_all(opened)
    assert status_of(answer) == 408
    assert problem_of(answer)["code"] == "RequestTimeout"


def test_head_that_dribbles_in_on_a_kept_connection_ends_too(live: Live) -> None:
    with closing(connect(live)) as opened:
        opened.sendall(GET + b"\r\n")
        assert status_of(opened.recv(65536)) == 200
        opened.settimeout(0.2)
        try:
            while opened.recv(65536):
                pass
        except TimeoutError:
            pass
        opened.sendall(GET)
        assert dribble(opened, b"X-More: 1\r\n") < 5
        assert status_of(read_all(opened)) == 408


def test_empty_lines_do_not_keep_a_connection(live: Live) -> None:
    with closing(connect(live)) as opened:
        assert dribble(opened, b"\r\n") < 5


def test_rest_of_a_refused_body_is_not_read_for_ever(live: Live) -> None:
    with closing(connect(live)) as opened:
        opened.sendall(
            b"POST /ogc/collections/service-points/items HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/geo+json\r\nContent-Length: 100000\r\n"
            b"Authorization: Bearer pkm_no\r\n\r\n{"
        )
        assert status_of(opened.recv(4096)) in (401, 400)
        opened.settimeout(0.1)
        ended, ends = False, time.monotonic() + 8
        while not ended and time.monotonic() < ends:
            try:
                opened.sendall(b" ")
                ended = not opened.recv(4096)
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
        assert ended


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /?q=" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (GET + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (GET + b"X-Many: 1\r\n" * 8_000 + b"\r\n", 431),
        (GET + b"X-Endless: " + b"x" * 70_000, 431),
        (b"NONSENSE\r\n\r\n", 400),
    ],
)
def test_head_that_is_too_large_or_no_http_is_refused(live: Live, head: bytes, status: int) -> None:
    with closing(connect(live)) as opened:
        opened.sendall(head)
        answer = read_all(opened)
    if answer:  # the rest that nobody read may reset the connection first
        assert status_of(answer) == status
        assert problem_of(answer)["status"] == status
    else:
        assert status == 431


def test_large_body_beside_a_small_head_is_no_large_head(live: Live) -> None:
    body = b"x" * 100_000
    with closing(connect(live)) as opened:
        opened.sendall(
            b"POST /ogc/conformance HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
            b"Connection: close\r\n\r\n" + body
        )
        assert status_of(opened.recv(65536)) == 405


def test_reader_that_does_not_read_is_cut(live: Live) -> None:
    request = b"GET /ogc/openapi?f=json HTTP/1.1\r\nHost: localhost\r\n"
    with closing(connect(live)) as opened:
        opened.sendall(request + b"Connection: close\r\n\r\n")
        size = len(read_all(opened))
    times = 20_000_000 // size  # more than the buffers of the system take
    with closing(connect(live, buffer=2048)) as opened:
        opened.sendall((request + b"\r\n") * times)
        began, longest_s = time.monotonic(), 30
        while len(guard_of(live)) == 1 and time.monotonic() - began < longest_s:
            time.sleep(0.05)
        assert len(guard_of(live)) == 0
        assert len(read_all(opened)) < times * size


def guard_of(live: Live) -> Guard:
    """Return the guard of the running site."""
    (guard,) = (g for g in connections._GUARDS.values() if g.limits is LIMITS)
    assert live.url
    return guard


def test_reader_that_reads_slowly_gets_everything(live: Live) -> None:
    with closing(connect(live, buffer=4096)) as opened:
        opened.sendall(
            b"GET " + LONG_ANSWER + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        parts = b""
        for _ in range(20):
            parts += opened.recv(2048)
            time.sleep(0.1)
        parts += read_all(opened)
    head, _, body = parts.partition(b"\r\n\r\n")
    assert status_of(head) == 200
    assert json.loads(body)["hasMore"] is False


def test_crowd_of_one_address_is_refused(live: Live) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(closing(connect(live))) for _ in range(5)]
        with closing(connect(live)) as more:
            answer = read_all(more)
        assert status_of(answer) == 503
        assert b"retry-after: 5" in answer
        held[0].sendall(GET + b"Connection: close\r\n\r\n")
        assert status_of(read_all(held[0])) == 200
