# SPDX-License-Identifier: GPL-2.0-or-later
"""The share of one client: buckets that fill up, a gate for heavy reads, time of a read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from geoapi.errors import DataUnavailableError, ServicePointError, TooManyRequestsError
from geoapi.rights import Viewer
from geoapi.settings import Settings
from geoapi.web.client_limits import Buckets, ClientLimits, ClientLimitsMiddleware, HeavyGate
from tests.contract.point_samples import refused

SOMEWHERE, ELSEWHERE = "203.0.113.5", "203.0.113.6"
SIGNED_IN = [(b"accept", b"*/*"), (b"authorization", b"Bearer good")]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_lets_a_minutes_worth_pass_and_fills_up_steadily():
    clock = Clock()
    buckets = Buckets(60, clock)
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0
    clock.now += 0.5
    assert buckets.take("a") == pytest.approx(0.5)
    clock.now += 0.5
    assert buckets.take("a") == 0
    clock.now += 3600
    assert [buckets.take("a") > 0 for _ in range(61)] == [False] * 60 + [True]


def test_buckets_remember_those_seen_last_and_no_more():
    buckets = Buckets(1, Clock(), most=3)
    for client in ("a", "b", "c"):
        assert buckets.take(client) == 0
    assert buckets.take("a") > 0
    assert buckets.take("d") == 0  # "b" is forgotten, not "a", which came again
    assert len(buckets) == 3
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0


def test_no_limit_remembers_nobody():
    buckets = Buckets(0)
    assert not any(buckets.take("a") for _ in range(1000))
    assert len(buckets) == 0


def limited(app: Any = None, clock: Any = None, **settings: Any) -> ClientLimitsMiddleware:
    async def fine(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    return ClientLimitsMiddleware(app or fine, ClientLimits(Settings(**settings), clock or Clock()))


def ask(
    limits: ClientLimitsMiddleware,
    address: str = SOMEWHERE,
    method: str = "GET",
    path: str = "/ogc/",
    query: bytes = b"",
    headers: Any = (),
) -> int:
    """Return the status of a request."""
    return asyncio.run(asked(limits, scope_of(address, method, path, query, headers)))


def scope_of(
    address: str, method: str = "GET", path: str = "/ogc/", query: bytes = b"", headers: Any = ()
) -> dict[str, Any]:
    return {
        "type": "http", "method": method, "path": path, "query_string": query,
        "headers": list(headers), "client": (address, 5000) if address else None, "state": {},
    }  # fmt: skip


async def asked(limits: ClientLimitsMiddleware, scope: dict[str, Any]) -> int:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await limits(scope, None, send)  # type: ignore[arg-type]
    return int(sent[0]["status"])


def test_reads_writes_and_heavy_reads_are_counted_apart():
    limits = limited(reads_per_minute=2, writes_per_minute=1, heavy_reads_per_minute=1)
    assert ask(limits) == ask(limits) == 200
    error = refused(TooManyRequestsError, lambda: ask(limits))
    assert error.params["retry_after_s"] == 30
    assert ask(limits, method="POST") == 200
    assert refused(TooManyRequestsError, lambda: ask(limits, method="PATCH"))
    assert ask(limits, query=b"limit=5&filter=a%3D1") == 200
    assert refused(TooManyRequestsError, lambda: ask(limits, query=b"f=csv"))
    assert ask(limits, ELSEWHERE, query=b"f=csvx") == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.1", "::1", ""])
def test_this_machine_is_not_counted(address: str):
    limits = limited(reads_per_minute=1)
    assert [ask(limits, address) for _ in range(3)] == [200] * 3


def test_files_of_pages_and_health_are_not_counted():
    limits = limited(reads_per_minute=1)
    for path in ("/static/a.css", "/vendor/maplibre.js", "/healthz", "/ogc/"):
        assert ask(limits, path=path) == 200
    refused(TooManyRequestsError, lambda: ask(limits, path="/ogc/"))


def test_a_network_of_ipv6_is_one_client():
    limits = limited(reads_per_minute=1)
    assert ask(limits, "2001:db8:1:2::1") == 200
    refused(TooManyRequestsError, lambda: ask(limits, "2001:db8:1:2:ffff::9"))
    assert ask(limits, "2001:db8:1:3::1") == 200


def test_users_have_their_own_share_and_bad_credentials_that_of_the_address():
    async def application(scope: Any, _receive: Any, send: Any) -> None:
        is_good = (b"authorization", b"Bearer good") in scope["headers"]
        scope["state"]["viewer"] = Viewer("somebody" if is_good else "")
        status = 200 if is_good else 401
        await send({"type": "http.response.start", "status": status, "headers": []})

    limits = limited(application, reads_per_minute=3)
    assert ask(limits, headers=SIGNED_IN) == 200  # not known yet: of the address
    assert [ask(limits, headers=SIGNED_IN) for _ in range(3)] == [200] * 3
    refused(TooManyRequestsError, lambda: ask(limits, ELSEWHERE, headers=SIGNED_IN))
    for number in range(2):
        guess = [(b"authorization", f"Bearer {number}".encode())]
        assert ask(limits, headers=guess) == 401
    refused(TooManyRequestsError, lambda: ask(limits, headers=[(b"authorization", b"Bearer 9")]))


def test_a_read_that_does_not_begin_its_answer_in_time_ends():
    async def slow(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.sleep(30)

    error = refused(DataUnavailableError, lambda: ask(limited(slow, read_time_s=0.01)))
    assert error.message_id == "limits.took_too_long"


def test_an_answer_that_has_begun_and_a_write_take_the_time_they_need():
    async def slow(scope: Any, _receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.05)

    limits = limited(slow, read_time_s=0.02)
    assert ask(limits) == ask(limits, method="POST") == 200


def test_own_timeout_of_the_application_is_not_taken_for_ours():
    async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ask(limited(broken))


def test_one_client_holds_half_of_the_heavy_places_and_others_the_rest():
    async def run() -> None:
        gate = HeavyGate(4, wait_s=0.01)
        go_on, inside = asyncio.Event(), []

        async def hold(client: str) -> None:
            async with gate.inside(client):
                inside.append(client)
                await go_on.wait()

        tasks = [asyncio.create_task(hold("a")) for _ in range(2)]
        await asyncio.sleep(0)
        error = await error_of(hold("a"))
        assert error.message_id == "limits.heavy_of_client"
        tasks += [asyncio.create_task(hold(client)) for client in ("b", "c")]
        await asyncio.sleep(0.001)
        assert inside == ["a", "a", "b", "c"]
        assert (await error_of(hold("d"))).message_id == "limits.heavy_of_all"
        go_on.set()
        await asyncio.gather(*tasks)
        async with gate.inside("d"):
            pass
        assert gate._running == {}

    asyncio.run(run())


def test_a_heavy_read_waits_for_its_turn():
    async def run() -> None:
        gate = HeavyGate(1, wait_s=10)
        async with gate.inside("a"):
            waiting = asyncio.create_task(gate.inside("b").__aenter__())
            await asyncio.sleep(0.01)
            assert not waiting.done()
        await waiting
        assert gate._running == {"b": 1}

    asyncio.run(run())


def test_a_place_is_free_again_after_an_error_and_a_cancellation():
    async def run() -> None:
        gate = HeavyGate(2, wait_s=0.01)

        async def fail() -> None:
            async with gate.inside("a"):
                raise ValueError

        async def hang() -> None:
            async with gate.inside("a"):
                await asyncio.sleep(30)

        with pytest.raises(ValueError, match=r"^$"):
            await fail()
        task = asyncio.create_task(hang())
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gate._running == {}

    asyncio.run(run())


async def error_of(waiting: Any) -> ServicePointError:
    with pytest.raises(ServicePointError) as caught:
        await waiting
    return caught.value
