# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the measured part of docs/benchmarks.md from the record; the rest is left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.live import ROOT
from tools.bench.goals import POSTGIS, Outcome, outcomes
from tools.bench.measuring import NOT_FOUND, Reading
from tools.bench.record import Section

PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- measured by make bench: begin -->", "<!-- measured by make bench: end -->"
SERVERS = ("postgis", "geopackage", "tipg", "pygeoapi")
NAMES = {
    "postgis": "Pakmud, PostGIS",
    "geopackage": "Pakmud, GeoPackage",
    "tipg": "tipg",
    "pygeoapi": "pygeoapi",
}
_TITLES = {
    "items": "Items",
    "pages": "Page depth",
    "search": "Search",
    "tiles": "Tiles over Bangkok",
    "rights": "What rights cost",
    "feed": "Change feed",
    "batch": "Batches",
    "processes": "200 process calls by 6 clients at once",
}
_HOW = (
    "CPU milliseconds a request: server and PostgreSQL together, the server's own share in"
    " brackets, ± half of what lies between the lowest and the highest of the rounds. One serving"
    " process each, one client over one kept connection, no compression; the servers are asked in"
    " turn, so that what else the machine does hits all of them. tipg and pygeoapi read a plain"
    " table of the same public points with primary key and GiST index in the same PostgreSQL."
    " ÷ is how many times less Pakmud on PostGIS needs."
)


def page_with(text: str, sections: Sequence[Section]) -> str:
    """Return the page with its measured part written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{measured(sections)}{END}{after or chr(10)}"


def measured(sections: Sequence[Section]) -> str:
    """Return the measured part."""
    lines = ["## Requests", _HOW, "", "![CPU a request](images/benchmarks.svg)", ""]
    for points in sorted({section.points for section in sections}):
        lines += list(_of_size(points, [s for s in sections if s.points == points]))
    return "\n".join(lines)


def _of_size(points: int, sections: Sequence[Section]) -> Iterator[str]:
    yield f"## {points:,} points"
    yield from _origins(sections)
    yield "### Goals"
    yield "| goal | measured | |"
    yield "|---|---|---|"
    readings = [reading for section in sections for reading in section.readings]
    for outcome in outcomes(readings):
        yield f"| {outcome.goal} | {outcome.measured} | {verdict(outcome)} |"
    yield ""
    for group, title in _TITLES.items():
        for section in sections:
            if section.group == group:
                yield f"### {title}"
                yield from table(section.readings)
                yield ""


def _origins(sections: Sequence[Section]) -> Iterator[str]:
    """Say where the numbers come from, once for all groups of the same run."""
    runs: dict[tuple[str, str, str], list[Section]] = {}
    for section in sections:
        origin = section.origin
        runs.setdefault((origin.commit, origin.date, origin.command), []).append(section)
    for (commit, date, command), those in runs.items():
        groups = ", ".join(_TITLES[section.group].lower() for section in those)
        origin = those[0].origin
        yield (
            f"Made by `{command}` at commit {commit} on {date}; {origin.versions};"
            f" {origin.machine}: {groups}."
        )
        yield ""


def verdict(outcome: Outcome) -> str:
    """Return met, missed or nothing to say."""
    return {True: "met", False: "**missed**", None: "–"}[outcome.is_met]


def table(readings: Sequence[Reading]) -> Iterator[str]:
    """Give the lines of a table: a case a line, a server a column."""
    present = [name for name in SERVERS if any(r.server == name for r in readings)]
    peers = [name for name in present if name not in ("postgis", "geopackage")]
    head = ["request", *(NAMES[name] for name in present), *(f"÷ {name}" for name in peers)]
    yield "| " + " | ".join([*head, "wall ms", "kB"]) + " |"
    yield "|---|" + "---:|" * (len(head) + 1)
    by_case: dict[str, dict[str, Reading]] = {}
    for reading in readings:
        by_case.setdefault(reading.case, {})[reading.server] = reading
    for case, found in by_case.items():
        cells = [case, *(_cell(found.get(name)) for name in present)]
        cells += [_ratio(found, peer) for peer in peers]
        cells.append(" / ".join(_wall(found.get(name)) for name in present))
        cells.append(" / ".join(_size(found.get(name)) for name in present))
        yield "| " + " | ".join(cells) + " |"


def _cell(reading: Reading | None) -> str:
    if reading is None:
        return ""
    if not reading.requests:
        return "not there" if reading.status == NOT_FOUND else f"fails: {reading.status}"
    total, spread = number(reading.cpu_ms), number(reading.spread_ms)
    if reading.database_ms:
        return f"{total} ({number(reading.app_ms)}) ± {spread}"
    return f"{total} ± {spread}"


def number(value: float) -> str:
    """Write milliseconds with the digits that they deserve.

    >>> number(0.2231), number(14.26), number(40123.4)
    ('0.22', '14.3', '40,123')
    """
    if value < 10:  # noqa: PLR2004
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"  # noqa: PLR2004


def _ratio(found: Mapping[str, Reading], peer: str) -> str:
    own, other = found.get(POSTGIS), found.get(peer)
    if own is None or other is None or not own.cpu_ms or not other.requests:
        return ""
    ratio = other.cpu_ms / own.cpu_ms
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"  # noqa: PLR2004


def _wall(reading: Reading | None) -> str:
    return number(reading.wall_ms) if reading and reading.requests else "–"


def _size(reading: Reading | None) -> str:
    return f"{reading.size_bytes / 1000:.1f}" if reading and reading.requests else "–"


def write_page(sections: Sequence[Section], path: Path = PAGE) -> None:
    """Write the measured part into the page."""
    path.write_text(page_with(path.read_text(encoding="utf-8"), sections), encoding="utf-8")
