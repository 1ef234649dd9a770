# SPDX-License-Identifier: GPL-2.0-or-later
"""Send the same requests to several servers in turn and see what each request costs them."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tools.bench.client import Answer, Connection, Request
from tools.bench.servers import Server

NOT_FOUND = 404


@dataclass(frozen=True)
class Case:
    """One kind of request, asked of every server that has it.

    Attributes:
        name: as in tables.
        group: what ``--only`` names.
        requests: by name of the server, each list is gone through again and again.
        status: that a good answer has.
        fresh: called before each request, with the server's name; what it takes is not counted.
        is_warm: each request was asked once before anything is measured.
    """

    name: str
    group: str
    requests: Mapping[str, Sequence[Request]]
    status: int = 200
    fresh: Callable[[str], None] | None = None
    is_warm: bool = False


@dataclass(frozen=True)
class Effort:
    """How long to ask.

    Attributes:
        rounds: in each, every server is asked in turn.
        least: requests of a round at the least ...
        seconds: ... and for so long at the least ...
        most_seconds: ... but no longer than this.
    """

    rounds: int = 5
    least: int = 50
    seconds: float = 0.5
    most_seconds: float = 2.0


@dataclass(frozen=True)
class Reading:
    """What one request took: medians over the rounds.

    Attributes:
        case: name of the case.
        server: name of the server.
        status: 404 when the server has no such thing, 0 when it gave no answer.
        size_bytes: of the body.
        requests: how many were measured.
        wall_ms: as the client saw it.
        app_ms: CPU of the server.
        database_ms: CPU of PostgreSQL.
        cpu_ms: both.
        spread_ms: from the lowest to the highest ``cpu_ms`` of a round, halved.
    """

    case: str
    server: str
    status: int
    size_bytes: int = 0
    requests: int = 0
    wall_ms: float = 0.0
    app_ms: float = 0.0
    database_ms: float = 0.0
    cpu_ms: float = 0.0
    spread_ms: float = 0.0

    def as_json(self) -> dict[str, str | int | float]:
        """Return what is kept, with thousandths of a millisecond."""
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass
class _Line:
    """A server, its endless requests, and what its rounds took."""

    case: Case
    server: Server
    connection: Connection
    waiting: Iterator[bytes]
    sizes: list[int] = field(default_factory=list)
    rounds: list[tuple[int, float, float, float]] = field(default_factory=list)


def measure(cases: Sequence[Case], servers: Sequence[Server], effort: Effort) -> list[Reading]:
    """Measure cases on all servers that have them, interleaved, so that they compare well."""
    readings, lines = [], []
    for case, server in itertools.product(cases, servers):
        requests = case.requests.get(server.name)
        if not requests:
            continue
        encoded = itertools.cycle([request.encode() for request in requests])
        line = _Line(case, server, Connection(server.port), encoded)
        answer = _try(line)
        for _ in requests[1:] if case.is_warm else ():
            answer = _try(line)
        if answer.status == case.status:
            lines.append(line)
        else:
            readings.append(Reading(case.name, server.name, answer.status, len(answer.body)))
            line.connection.close()
    for _ in range(effort.rounds):
        for line in lines:
            _one_round(line, effort)
    for line in lines:
        line.connection.close()
        readings.append(_reading(line))
    return readings


def _try(line: _Line) -> Answer:
    """Ask once to see whether the server has it; warms it up as well."""
    if line.case.fresh is not None:
        line.case.fresh(line.server.name)
    try:
        return line.connection.send_bytes(next(line.waiting))
    except OSError:
        return Answer(0, {}, b"")


def _one_round(line: _Line, effort: Effort) -> None:
    """Ask for a while and note requests, wall, server CPU and PostgreSQL CPU of the round.

    Raises:
        RuntimeError: an answer is not what the first one was.
    """
    app, database = line.server.cpu_s()
    count, apart_s, started = 0, 0.0, time.monotonic()
    while True:
        if line.case.fresh is not None:
            paused = time.monotonic()
            line.case.fresh(line.server.name)
            apart_s += time.monotonic() - paused
        answer = line.connection.send_bytes(next(line.waiting))
        if answer.status != line.case.status:
            said = answer.body[:300].decode(errors="replace")
            raise RuntimeError(f"{line.case.name} on {line.server.name}: {answer.status} {said}")
        count += 1
        line.sizes.append(len(answer.body))
        spent = time.monotonic() - started
        if (count >= effort.least and spent >= effort.seconds) or spent >= effort.most_seconds:
            break
    wall = time.monotonic() - started - apart_s
    app_after, database_after = line.server.cpu_s()
    line.rounds.append((count, wall, app_after - app, database_after - database))


def _reading(line: _Line) -> Reading:
    each = [
        (wall / n * 1000, app / n * 1000, database / n * 1000)
        for n, wall, app, database in line.rounds
    ]
    wall_ms, app_ms, database_ms = (statistics.median(column) for column in zip(*each, strict=True))
    cpu = [app + database for _, app, database in each]
    return Reading(
        line.case.name, line.server.name, line.case.status, int(statistics.median(line.sizes)),
        len(line.sizes), wall_ms, app_ms, database_ms, statistics.median(cpu),
        (max(cpu) - min(cpu)) / 2,
    )  # fmt: skip
