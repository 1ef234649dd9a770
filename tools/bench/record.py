# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured before, in docs/benchmarks.json: by number of points and group of cases."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests import services
from tests.live import ROOT
from tools.bench.measuring import Reading

RECORD = ROOT / "docs/benchmarks.json"


@dataclass(frozen=True)
class Origin:
    """Where numbers come from.

    Attributes:
        commit: short, with a word when files were changed.
        date: of the run, UTC.
        command: that made it.
        machine: in words.
        versions: of what was measured, in words.
    """

    commit: str
    date: str
    command: str
    machine: str
    versions: str


@dataclass(frozen=True)
class Section:
    """The readings of one group of cases with one number of points."""

    points: int
    group: str
    origin: Origin
    readings: tuple[Reading, ...]


def origin_now(command: str, tree: Path, peers: Sequence[str]) -> Origin:
    """Describe the present run."""
    versions = services.versions()
    commit = services.first_line(["git", "-C", str(tree), "rev-parse", "--short", "HEAD"])
    changed = subprocess.run(
        ["git", "-C", str(tree), "status", "--porcelain", "geoapi"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    own = f"Python {platform.python_version()}, PostgreSQL {versions['PostgreSQL'].split(' ')[0]}"
    words = [own, f"PostGIS {versions['PostGIS']}", *peers]
    load = os.getloadavg()[0]
    return Origin(
        f"{commit} with local changes" if changed else commit,
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        command,
        f"{os.cpu_count()} cores shared with others, load {load:.0f} at the end",
        ", ".join(words),
    )


def read_record(path: Path = RECORD) -> list[Section]:
    """Return the recorded sections, none when there is no record yet."""
    if not path.exists():
        return []
    return [
        Section(
            entry["points"], entry["group"], Origin(**entry["origin"]),
            tuple(Reading(**reading) for reading in entry["readings"]),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]  # fmt: skip


def merged(old: Sequence[Section], new: Sequence[Section]) -> list[Section]:
    """Replace the sections that were measured anew and keep the others."""
    anew: Mapping[tuple[int, str], Section] = {(s.points, s.group): s for s in new}
    kept = [section for section in old if (section.points, section.group) not in anew]
    return sorted([*kept, *new], key=lambda section: section.points)


def write_record(sections: Sequence[Section], path: Path = RECORD) -> None:
    """Write the record, one reading a line, so that a change is easy to read."""
    entries = []
    for section in sections:
        readings = ",\n".join(
            "   " + json.dumps(reading.as_json(), ensure_ascii=False)
            for reading in section.readings
        )
        head = json.dumps(
            {"points": section.points, "group": section.group, "origin": asdict(section.origin)},
            ensure_ascii=False,
        )
        entries.append(f' {head[:-1]}, "readings": [\n{readings}\n ]}}')
    path.write_text("[\n" + ",\n".join(entries) + "\n]\n", encoding="utf-8")
