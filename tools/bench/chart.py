# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw docs/images/benchmarks.svg: CPU of a request, a bar a server, readable in light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from tests.live import ROOT
from tools.bench.goals import by_case
from tools.bench.measuring import Reading
from tools.bench.record import Section
from tools.bench.report import NAMES, SERVERS, number

CHART = ROOT / "docs/images/benchmarks.svg"
CASES = (
    ("items?limit=10", "10 items"),
    ("items?bbox&limit=100", "100 items in a box"),
    ("items?limit=1000", "1,000 items"),
    ("item", "one item"),
    ("page behind 150,000 items", "page behind 150,000"),
    ("tile z10, cold", "map tile, zoom 10"),
)
_WIDTH, _LEFT, _RIGHT = 860, 190, 90
_BAR, _GAP, _TOP, _FOOT = 15, 16, 92, 34
_LOWEST_MS, _HIGHEST_MS = 0.1, 1_000.0
_STYLE = """
text { font: 13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; } .quiet { fill: #59636e; }
.back { fill: #ffffff; } .grid { stroke: #d1d9e0; stroke-width: 1; }
.postgis { fill: #0b7a4b; } .geopackage { fill: #7cc49b; }
.tipg { fill: #c2641a; } .pygeoapi { fill: #8a5bb8; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .quiet { fill: #9198a1; } .back { fill: #0d1117; }
  .grid { stroke: #3d444d; } .postgis { fill: #2fbf7f; } .geopackage { fill: #9fe3c1; }
  .tipg { fill: #e08a45; } .pygeoapi { fill: #ab83d6; }
}
"""


def draw(points: int, readings: Sequence[Reading]) -> str:
    """Return the chart of one number of points; the scale is logarithmic."""
    found = by_case(readings)
    cases = [(case, label) for case, label in CASES if any(key[0] == case for key in found)]
    bars: list[str] = []
    y = _TOP
    for case, label in cases:
        present = [name for name in SERVERS if (case, name) in found]
        middle = y + len(present) * _BAR / 2 + 4
        bars.append(_text(_LEFT - 12, middle, label, "end"))
        for name in present:
            bars.append(_bar(y, name, found[case, name].cpu_ms))
            y += _BAR
        y += _GAP
    height = y + _FOOT
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}" role="img"'
        ' aria-label="CPU milliseconds of a request: Pakmud, tipg and pygeoapi">',
        f"<style>{_STYLE}</style>",
        f'<rect class="back" width="{_WIDTH}" height="{height}" rx="6"/>',
        _text(20, 30, f"CPU of a request among {points:,} points, milliseconds", kind="title"),
        _text(20, 49, "Server and PostgreSQL together; shorter is better; each line of the grid is"
              " ten times the one before.", kind="quiet"),
        *_legend(sorted({server for _, server in found}, key=SERVERS.index)),
        *_grid(y - _GAP + 4),
        *bars,
        "</svg>",
        "",
    ])  # fmt: skip


def _x(value_ms: float) -> float:
    """Return where a value lies from left to right."""
    bounded = min(max(value_ms, _LOWEST_MS), _HIGHEST_MS)
    share = math.log10(bounded / _LOWEST_MS) / math.log10(_HIGHEST_MS / _LOWEST_MS)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(words)}</text>'


def _bar(y: float, server: str, value_ms: float) -> str:
    width = max(_x(value_ms) - _LEFT, 2)
    bar = f'<rect class="{server}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 2}"/>'
    return bar + _text(_LEFT + width + 6, y + _BAR - 4, number(value_ms))


def _legend(servers: Sequence[str]) -> Iterator[str]:
    x = 20.0
    for name in servers:
        yield f'<rect class="{name}" x="{x}" y="62" width="12" height="12"/>'
        yield _text(x + 18, 73, NAMES[name])
        x += 46 + 7.4 * len(NAMES[name])


def _grid(bottom: float) -> Iterator[str]:
    value = _LOWEST_MS
    while value <= _HIGHEST_MS * 1.01:
        x = _x(value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{bottom}"/>'
        yield _text(x, bottom + 18, f"{value:g}", "middle", "quiet")
        value *= 10


def write(sections: Sequence[Section], path: Path = CHART) -> None:
    """Draw the smallest number of points that was measured."""
    points = min(section.points for section in sections)
    readings = [r for s in sections if s.points == points for r in s.readings]
    path.write_text(draw(points, readings), encoding="utf-8")
