# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure a site of this machine: import of real points, then reads among many, on both stores.

Usage: python -m tools.bench [--copies N] [--requests N] [--backend NAME] [--output FILE]

CPU seconds come from /proc (server, and PostgreSQL with all its sessions): wall clock says little
on a machine that others use.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil
from sqlalchemy import text

from geoapi.feature_rows import RowStamp, build_row
from geoapi.store import features, open_store
from geoapi.store.tables import PUBLISHED
from tests import services
from tests.live import ROOT, LiveSite, path_of, send

ITEMS = "/ogc/collections/service-points/items"
POINTS = "service_points/kongvut_subdistrict_points.csv"
# About 20 km: copies stay in the neighbourhood of what they are copied from.
JITTER_DEGREES = 0.2
BATCH_ROWS = 5_000
SEED = 2569


@dataclass(frozen=True)
class Import:
    """What an import took; ``said`` is the command's own last line."""

    backend: str
    rows: int
    refused: int
    wall_s: float
    cpu_s: float
    database_cpu_s: float


@dataclass(frozen=True)
class Reading:
    """What one request took on average."""

    backend: str
    name: str
    status: int
    size_bytes: int
    wall_ms: float
    app_cpu_ms: float
    database_cpu_ms: float


def cpu_s(pid: int | None) -> float:
    """Return the CPU seconds of a process, its living and its ended children."""
    if pid is None:
        return 0.0
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system
        # of sessions that have ended meanwhile
        times = process.cpu_times()
        total += times.children_user + times.children_system
    return total


def shared_file(name: str) -> Path:
    """Return a file of the real data, which is no part of the project."""
    return Path(os.environ.get("PAKMUD_SHARED", ROOT.parent / "shared")) / "data" / name


@contextlib.contextmanager
def new_site(backend: str, folder: Path) -> Iterator[tuple[LiveSite, int | None]]:
    """Make a site; yields it and the process id of its PostgreSQL."""
    cluster = services.start_cluster(fsync=True) if backend == "postgis" else None
    folder.mkdir()
    store = cluster.create_database("pakmud") if cluster else str(folder / "pakmud.gpkg")
    site = LiveSite(store, folder / "var", {"log_level": "WARNING"})
    try:
        site.run("init")
        yield site, cluster.process.pid if cluster and cluster.process else None
    finally:
        site.kill()
        if cluster:
            cluster.stop()


def measure_import(site: LiveSite, backend: str, database_pid: int | None) -> Import:
    """Import the real points once, as verified."""
    report = site.data_dir / "report.csv"
    before, used = cpu_s(database_pid), resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    said = site.run(
        "--lang", "en", "import", "service-points", str(shared_file(POINTS)),
        "--as", "verified", "--report", str(report),
    )  # fmt: skip
    wall_s = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own_s = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    print(said.splitlines()[0])
    with report.open(encoding="utf-8-sig") as file:
        refused = {row["row"] for row in csv.DictReader(file) if row["outcome"] == "refused"}
    rows = int(said.split(":")[1].split()[0].replace(",", ""))
    return Import(backend, rows, len(refused), wall_s, own_s, cpu_s(database_pid) - before)


def add_copies(site: LiveSite, count: int) -> int:
    """Add jittered copies of the published points, without history; return how many are there."""
    store = open_store(site.store, timeout_s=600)
    randomly = random.Random(SEED)  # noqa: S311 - for places, not for secrets
    texts = store.read(
        lambda connection: (
            connection.execute(text("SELECT feature FROM service_point WHERE view = 'published'"))
            .scalars()
            .all()
        )
    )
    originals = [orjson.loads(feature) for feature in texts]
    for first in range(0, count, BATCH_ROWS):
        rows = []
        for number in range(first, min(first + BATCH_ROWS, count)):
            document = _copy(originals[number % len(originals)], number, randomly)
            now = store.clock()
            row = build_row("service_point", document, RowStamp(PUBLISHED, 1, now, now))
            rows.append((row.values, row.geometry))
        store.write(lambda t, rows=rows: features.insert_rows(t, "service_point", rows))
    if "://" in site.store:
        with store.writing.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    store.close()
    return len(originals) + count


def _copy(original: dict, number: int, randomly: random.Random) -> dict:
    """Return a copy at another place, with an id and a short code of its own."""
    lon, lat = original["geometry"]["coordinates"][:2]
    place = [
        round(lon + randomly.uniform(-JITTER_DEGREES, JITTER_DEGREES), 7),
        round(lat + randomly.uniform(-JITTER_DEGREES, JITTER_DEGREES), 7),
    ]
    changed = {"official_id": f"9{number:09d}", "short_code": f"B{number:06d}", "synthetic": True}
    return {
        "type": "Feature",
        "id": str(uuid.UUID(int=randomly.getrandbits(128), version=4)),
        "geometry": {"type": "Point", "coordinates": place},
        "properties": original["properties"] | changed,
    }


def measure_reads(
    site: LiveSite, backend: str, database_pid: int | None, requests: int
) -> Iterator[Reading]:
    """Read from the served site, each case over one connection."""
    page = site.request("GET", f"{ITEMS}?limit=10")
    item_id = page.json()["features"][0]["id"]
    etag = site.request("GET", f"{ITEMS}/{item_id}").headers["etag"]
    box = "99.5,19.5,100.1,20.1"
    following = next(link["href"] for link in page.json()["links"] if link["rel"] == "next")
    cases = {
        "items?limit=10": (f"{ITEMS}?limit=10", {}, requests),
        "next page": (path_of(following), {}, requests),
        "items?bbox&limit=100": (f"{ITEMS}?bbox={box}&limit=100", {}, requests),
        "items?limit=1000": (f"{ITEMS}?limit=1000", {}, max(requests // 4, 5)),
        "items?q= (rare word)": (f"{ITEMS}?q=ห้วยชมภู", {}, requests),
        "item": (f"{ITEMS}/{item_id}", {}, requests),
        "item, 304": (f"{ITEMS}/{item_id}", {"if_none_match": etag}, requests),
    }
    for name, (path, headers, count) in cases.items():
        with contextlib.closing(site.connection()) as connection:
            answer = send(connection, "GET", path, **headers)
            pid = site.process.pid if site.process else None
            app, database, started = cpu_s(pid), cpu_s(database_pid), time.monotonic()
            for _ in range(count):
                answer = send(connection, "GET", path, **headers)
            wall_s = time.monotonic() - started
        yield Reading(
            backend, name, answer.status, len(answer.body), wall_s / count * 1000,
            (cpu_s(pid) - app) / count * 1000, (cpu_s(database_pid) - database) / count * 1000,
        )  # fmt: skip


def report(imports: list[Import], readings: list[Reading], points: int, command: str) -> str:
    """Return the measures as a page in Markdown."""
    versions = services.versions()
    commit = services.first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    changed = subprocess.run(
        ["git", "-C", str(ROOT), "status", "--porcelain", "geoapi"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    lines = [
        "# Benchmarks",
        "",
        f"Made by `{command}` at commit {commit}{' with local changes' if changed else ''} on"
        f" {datetime.datetime.now(datetime.UTC):%Y-%m-%d}; Python {platform.python_version()},"
        f" PostgreSQL {versions['PostgreSQL']}, PostGIS {versions['PostGIS']},"
        f" {os.cpu_count()} cores shared with others: compare CPU rather than wall clock.",
        "",
        "## Import of the real subdistrict points",
        "The command from start to end: reading, checking, matching names, staging, merging,"
        " report. PostgreSQL waits for the disk (fsync on).",
        "",
        "| store | rows | refused | wall s | CPU s | PostgreSQL CPU s |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {i.backend} | {i.rows:,} | {i.refused:,} | {i.wall_s:.1f} | {i.cpu_s:.1f} |"
            f" {i.database_cpu_s:.1f} |"
            for i in imports
        ),
        "",
        "## Reads",
        f"One client, one connection, one serving process, {points:,} published points"
        " (real ones and jittered copies), no compression. Per request:",
        "",
        "| request | store | status | bytes | wall ms | server CPU ms | PostgreSQL CPU ms |",
        "|---|---|---:|---:|---:|---:|---:|",
        *(
            f"| {r.name} | {r.backend} | {r.status} | {r.size_bytes:,} | {r.wall_ms:.1f} |"
            f" {r.app_cpu_ms:.2f} | {r.database_cpu_ms:.2f} |"
            for r in readings
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=200_000, help="Jittered copies to add.")
    parser.add_argument("--requests", type=int, default=200, help="Requests of each case.")
    parser.add_argument("--backend", choices=["geopackage", "postgis"], action="append")
    parser.add_argument("--output", type=Path, help="Write the page here as well.")
    chosen = parser.parse_args()
    if not shared_file(POINTS).exists():
        print(f"real data are not here: set PAKMUD_SHARED ({POINTS})", file=sys.stderr)
        return 1
    imports: list[Import] = []
    readings: list[Reading] = []
    points = 0
    with tempfile.TemporaryDirectory(prefix="pakmud-bench-") as scratch:
        for backend in chosen.backend or ["geopackage", "postgis"]:
            with new_site(backend, Path(scratch) / backend) as (site, database_pid):
                imports.append(measure_import(site, backend, database_pid))
                points = add_copies(site, chosen.copies)
                site.start()
                readings += measure_reads(site, backend, database_pid, chosen.requests)
    command = " ".join(["python -m tools.bench", *sys.argv[1:]])
    page = report(imports, readings, points, command)
    print(page)
    if chosen.output:
        chosen.output.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
