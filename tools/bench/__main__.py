# SPDX-License-Identifier: GPL-2.0-or-later
"""The command: prepare data, start the servers, measure, compare, record.

Usage: python -m tools.bench [--points N] [--only GROUP] [--server NAME] [--tree PATH] [--record]
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.live import ROOT
from tests.services import ServiceMissingError
from tools.bench import chart, goals, report
from tools.bench.batches import measure_batches
from tools.bench.cases import GROUPS, OURS, cases
from tools.bench.measuring import Effort, Reading, measure
from tools.bench.peers import PEERS, PeerMissingError, peer_server, peer_versions
from tools.bench.points import load_places
from tools.bench.processes import measure_processes
from tools.bench.record import Section, merged, origin_now, read_record, write_record
from tools.bench.samples import choose
from tools.bench.servers import Server
from tools.bench.sites import MANAGER, OFFICER, Prepared, prepared

_APART = ("processes", "batch")
_GROUPS = (*GROUPS, *_APART)
_GEOPACKAGE_POINTS = 200_000
_REGRESSED = 3


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--points", type=int, action="append", help="Default: 200000.")
    parser.add_argument("--only", choices=_GROUPS, action="append", help="Groups of cases.")
    parser.add_argument("--server", choices=[*OURS, *PEERS], action="append", help="Default: all.")
    parser.add_argument("--tree", type=Path, default=ROOT, help="Checkout whose server to measure.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="Of a round, at the least.")
    parser.add_argument("--anew", action="store_true", help="Make the data anew.")
    parser.add_argument("--serve", action="store_true", help="Serve our sites until Enter.")
    parser.add_argument("--record", action="store_true", help="Write docs/benchmarks.*.")
    parser.add_argument("--check", action="store_true", help=f"Code {_REGRESSED} when slower.")
    return parser.parse_args(words)


def main() -> int:
    """Measure and print."""
    chosen = arguments(sys.argv[1:])
    if not load_places().are_real:
        print("real points are not here (PAKMUD_SHARED): their positions are made up")
    before, sections = read_record(), []
    worse: list[str] = []
    for points in chosen.points or [200_000]:
        new = run(chosen, points)
        sections += new
        old = [r for s in before if s.points == points for r in s.readings]
        now = [reading for section in new for reading in section.readings]
        worse += goals.regressions(now, old)
        for outcome in goals.outcomes(now):
            if outcome.is_met is not None:
                print(f"{report.verdict(outcome).strip('*'):7} {outcome.goal}: {outcome.measured}")
    for line in worse:
        print(f"slower than recorded: {line}")
    if chosen.record and sections:
        write_record(merged(before, sections))
        everything = read_record()  # as rounded as it is kept
        report.write_page(everything)
        chart.write(everything)
    return _REGRESSED if worse and chosen.check else 0


def run(chosen: argparse.Namespace, points: int) -> list[Section]:
    """Measure with one number of points."""
    tree = chosen.tree.resolve()
    wanted = chosen.server or [*OURS, *PEERS]
    with contextlib.ExitStack() as stack:
        sites: list[Prepared] = []
        for backend in _backends(wanted, points):
            source = sites[0] if sites else None
            sites.append(
                stack.enter_context(prepared(backend, points, tree, source, anew=chosen.anew))
            )
        ours = [(site, _started(site.server(), stack)) for site in sites]
        if chosen.serve:
            _wait(ours)
            return []
        peers = [] if chosen.tree != ROOT and not chosen.server else _peers(wanted, sites, stack)
        servers = [*(server for _, server in ours), *peers]
        sample = choose(ours[0][1], points)
        command = _command(sys.argv[1:])
        effort = Effort(rounds=chosen.rounds, seconds=chosen.seconds)
        readings: dict[str, list[Reading]] = {}
        groups = chosen.only or _GROUPS
        for together in cases(ours, sample, [group for group in groups if group not in _APART]):
            found = _told(measure(together, servers, effort))
            readings.setdefault(together[0].group, []).extend(found)
        if "processes" in groups:
            readings["processes"] = _told(measure_processes(servers))
        if "batch" in groups:
            readings["batch"] = _told(measure_batches(ours))
        origin = origin_now(command, tree, [peer_versions(peer.name) for peer in peers])
        return [Section(points, group, origin, tuple(r)) for group, r in readings.items()]


def _command(words: Sequence[str]) -> str:
    """Return how to do it again; the checkout's place on this machine is nobody's business."""
    kept = [word for n, word in enumerate(words) if word != "--tree" and words[n - 1] != "--tree"]
    return f'make bench ARGS="{shlex.join(kept)}"' if kept else "make bench"


def _backends(wanted: Sequence[str], points: int) -> list[str]:
    """Return our stores to measure: PostGIS carries the peers as well, and opens first."""
    needs_postgis = set(wanted) & {"postgis", *PEERS}
    found = ["postgis"] if needs_postgis else []
    if "geopackage" in wanted and points <= _GEOPACKAGE_POINTS:
        found.append("geopackage")
    return found


def _started(server: Server, stack: contextlib.ExitStack) -> Server:
    stack.callback(server.stop)
    server.start()
    return server


def _peers(
    wanted: Sequence[str], sites: Sequence[Prepared], stack: contextlib.ExitStack
) -> list[Server]:
    """Start the wanted peers; one that can't be had is left out with its reason."""
    started = []
    for peer in PEERS:
        if peer in wanted:
            try:
                started.append(_started(peer_server(peer, sites[0]), stack))
            except PeerMissingError as error:
                print(f"skipped: {error}")
    return started


def _told(readings: list[Reading]) -> list[Reading]:
    for reading in readings:
        _say(reading)
    return readings


def _say(reading: Reading) -> None:
    if not reading.requests:
        print(f"{reading.case:34} {reading.server:10} status {reading.status}", flush=True)
        return
    print(
        f"{reading.case:34} {reading.server:10} {reading.cpu_ms:9.3f} ms CPU"
        f" ({reading.app_ms:.3f} + {reading.database_ms:.3f}) ± {reading.spread_ms:.3f},"
        f" {reading.wall_ms:.2f} ms wall, {reading.size_bytes:,} bytes, {reading.requests} times",
        flush=True,
    )


def _wait(ours: Sequence[tuple[Prepared, Server]]) -> None:
    for site, server in ours:
        print(f"{site.backend}: http://127.0.0.1:{server.port}/ogc (pid {server.process.pid},"
              f" PostgreSQL {site.database_pid}, folder {site.folder},"
              f" tokens {OFFICER}.token and {MANAGER}.token)")  # fmt: skip
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        input("Enter ends it ")


if __name__ == "__main__":
    try:
        started = time.monotonic()
        code = main()
        print(f"{time.monotonic() - started:.0f} s")
    except ServiceMissingError as error:
        print(f"skipped: {error}", file=sys.stderr)
        code = 1
    sys.exit(code)
