# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processes called by six clients at once: how many answers belong to the other process?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from tools.bench.client import Connection, Request
from tools.bench.measuring import NOT_FOUND, Reading
from tools.bench.peers import PYGEOAPI
from tools.bench.servers import Server

CALLS, CLIENTS = 200, 6
CASE = "200 mixed process calls, {wrong} wrong"
_OK = 200


@dataclass(frozen=True)
class Call:
    """One execution and the text that its answer must hold."""

    request: Request
    expected: str


def measure_processes(servers: Sequence[Server]) -> list[Reading]:
    """Call two processes in turn on each server that has processes."""
    return [reading for server in servers if (reading := _measure(server)) is not None]


def _measure(server: Server) -> Reading | None:
    make = _PROCESSES.get(server.name)
    if make is None:
        return None
    first = _send([make(0)], server)[0]
    if first == NOT_FOUND:
        return Reading("200 mixed process calls", server.name, NOT_FOUND)
    calls = [make(number) for number in range(CALLS)]
    app, database = server.cpu_s()
    started = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        parts = [calls[index::CLIENTS] for index in range(CLIENTS)]
        answers = [s for part in clients.map(lambda part: _send(part, server), parts) for s in part]
    wall = time.monotonic() - started
    app_after, database_after = server.cpu_s()
    app_ms = (app_after - app) / CALLS * 1000
    database_ms = (database_after - database) / CALLS * 1000
    wrong = sum(1 for answer in answers if answer != _OK)
    return Reading(
        CASE.format(wrong=wrong), server.name, _OK, 0, CALLS, wall / CALLS * 1000, app_ms,
        database_ms, app_ms + database_ms,
    )  # fmt: skip


def _send(calls: Sequence[Call], server: Server) -> list[int]:
    """Return for each call 200 when its answer is the right one, else its status or 0."""
    connection = Connection(server.port)
    judged = []
    for call in calls:
        try:
            answer = connection.send(call.request)
        except OSError:
            judged.append(0)
            continue
        is_right = call.expected in answer.body.decode(errors="replace")
        judged.append(_OK if answer.status == _OK and is_right else min(answer.status, 599) * -1)
        if answer.status == NOT_FOUND:
            judged[-1] = NOT_FOUND
    connection.close()
    return judged


def _execution(base: str, process: str, inputs: dict) -> Request:
    headers = {"Content-Type": "application/json"}
    path = f"{base}/processes/{process}/execution"
    return Request(path, headers, "POST", orjson.dumps({"inputs": inputs}))


def _ours(number: int) -> Call:
    if number % 2:
        return Call(_execution("/ogc", "echo", {"text": f"call{number}x"}), f"call{number}x")
    return Call(_execution("/ogc", "square", {"numbers": [number]}), f"[{number * number}]")


def _pygeoapi(number: int) -> Call:
    if number % 2:
        inputs = {"name": f"call{number}x"}
        return Call(_execution("", "hello-world", inputs), f"Hello call{number}x")
    # a right triangle of 3, 4 and 5, the larger the later
    geoms = ["POINT (0 0)", f"POINT ({3 * (number + 1)} {4 * (number + 1)})"]
    inputs = {"operation": "measurement:distance", "geoms": geoms}
    return Call(_execution("", "shapely-functions", inputs), f"{5.0 * (number + 1)}")


_PROCESSES: dict[str, Callable[[int], Call]] = {
    "postgis": _ours,
    "geopackage": _ours,
    PYGEOAPI: _pygeoapi,
}
