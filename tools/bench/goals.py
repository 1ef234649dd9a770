# SPDX-License-Identifier: GPL-2.0-or-later
"""The goals of the programme, and what measured numbers say of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.bench.measuring import Reading

POSTGIS, GEOPACKAGE, TIPG = "postgis", "geopackage", "tipg"
GEOPACKAGE_FACTOR = 3.0
DEPTH_FACTOR = 1.5
RIGHTS_MS = 0.15
SEARCH_MS = 15.0
TILE_COLD_MS, TILE_CACHED_MS = 30.0, 0.3
BATCH_S = 3.0
# (case, CPU milliseconds at the most, so many times less than tipg or None)
ITEM_GOALS: tuple[tuple[str, float, float | None], ...] = (
    ("items?limit=10", 0.6, 10.0),
    ("items?bbox&limit=100", 1.8, 3.5),
    ("items?limit=1000", 11.0, 5.0),
    ("item", 0.35, None),
    ("item, 304", 0.2, None),
)
# A change that noise does not explain: more than a quarter, and more than both spreads.
REGRESSION = 1.25
_SMALL_MS = 0.05


@dataclass(frozen=True)
class Outcome:
    """One goal and what became of it.

    Attributes:
        goal: in words.
        measured: in words.
        is_met: None when it could not be measured.
    """

    goal: str
    measured: str
    is_met: bool | None


type Readings = Mapping[tuple[str, str], Reading]


def by_case(readings: Sequence[Reading]) -> Readings:
    """Return good readings by (case, server)."""
    return {(r.case, r.server): r for r in readings if r.requests}


def outcomes(readings: Sequence[Reading]) -> list[Outcome]:
    """Compare readings with the goals."""
    found = by_case(readings)
    return [
        *_items(found),
        *_depth(found),
        *_searches(found),
        *_tiles(found),
        *_rights(found),
        _batch(found),
        *_geopackage(found),
    ]


def _items(found: Readings) -> Iterator[Outcome]:
    for case, most_ms, factor in ITEM_GOALS:
        own, peer = found.get((case, POSTGIS)), found.get((case, TIPG))
        yield _at_most(f"{case}: {most_ms:g} ms", own.cpu_ms if own else None, most_ms)
        if factor is None:
            continue
        goal = f"{case}: {factor:g} times less than tipg"
        if own is None or peer is None:
            yield Outcome(goal, "not measured", None)
            continue
        ratio = peer.cpu_ms / own.cpu_ms
        yield Outcome(goal, f"{ratio:.1f} times", ratio >= factor)


def _at_most(goal: str, value: float | None, most: float, unit: str = "ms") -> Outcome:
    if value is None:
        return Outcome(goal, "not measured", None)
    return Outcome(goal, f"{value:.2f} {unit}", value <= most)


def _depth(found: Readings) -> Iterator[Outcome]:
    first = found.get(("first page", POSTGIS))
    deep = [r for (case, server), r in found.items()
            if case.startswith("page behind") and server == POSTGIS]  # fmt: skip
    goal = f"any page depth: {DEPTH_FACTOR:g} times the first page"
    if first is None or not deep:
        yield Outcome(goal, "not measured", None)
        return
    worst = max(deep, key=lambda reading: reading.cpu_ms)
    ratio = worst.cpu_ms / first.cpu_ms
    yield Outcome(goal, f"{ratio:.2f} times ({worst.case})", ratio <= DEPTH_FACTOR)


def _worst(found: Readings, beginning: str, ending: str = "") -> Reading | None:
    matching = [
        reading
        for (case, server), reading in found.items()
        if server == POSTGIS and case.startswith(beginning) and case.endswith(ending)
    ]
    return max(matching, key=lambda reading: reading.cpu_ms, default=None)


def _searches(found: Readings) -> Iterator[Outcome]:
    for language in ("Thai", "English"):
        worst = _worst(found, f"q= {language}")
        yield _worst_at_most(f"q= in {language}: {SEARCH_MS:g} ms", worst, SEARCH_MS)


def _tiles(found: Readings) -> Iterator[Outcome]:
    for kind, most in (("cold", TILE_COLD_MS), ("cached", TILE_CACHED_MS)):
        worst = _worst(found, "tile z", kind)
        yield _worst_at_most(f"tiles z6-z14 over Bangkok, {kind}: {most:g} ms", worst, most)


def _worst_at_most(goal: str, worst: Reading | None, most: float) -> Outcome:
    if worst is None:
        return Outcome(goal, "not measured", None)
    return Outcome(goal, f"{worst.cpu_ms:.2f} ms ({worst.case})", worst.cpu_ms <= most)


def _rights(found: Readings) -> Iterator[Outcome]:
    """A page and an item as an officer against the same as the public."""
    for case in ("items?limit=10", "items?bbox&limit=100", "item"):
        public = found.get((f"{case}, public", POSTGIS))
        officer = found.get((f"{case}, officer", POSTGIS))
        cost = officer.cpu_ms - public.cpu_ms if officer and public else None
        yield _at_most(f"rights cost of {case}: {RIGHTS_MS:g} ms", cost, RIGHTS_MS)


def _batch(found: Readings) -> Outcome:
    worst = _worst(found, "batch of 1,000")
    goal = f"batch of 1,000 features: {BATCH_S:g} s"
    return _at_most(goal, worst.wall_ms / 1000 if worst else None, BATCH_S, "s")


def _geopackage(found: Readings) -> Iterator[Outcome]:
    pairs = [
        (case, reading.cpu_ms / found[case, POSTGIS].cpu_ms)
        for (case, server), reading in found.items()
        if server == GEOPACKAGE and (case, POSTGIS) in found and found[case, POSTGIS].cpu_ms > 0
    ]
    goal = f"GeoPackage: {GEOPACKAGE_FACTOR:g} times PostGIS on each"
    if not pairs:
        yield Outcome(goal, "not measured", None)
        return
    slow = [f"{case} {ratio:.1f}" for case, ratio in pairs if ratio > GEOPACKAGE_FACTOR]
    worst = max(ratio for _, ratio in pairs)
    said = f"at the most {worst:.1f} times" + (f"; over it: {', '.join(slow)}" if slow else "")
    yield Outcome(goal, said, not slow)


def regressions(now: Sequence[Reading], before: Sequence[Reading]) -> list[str]:
    """Name our readings that got slower than recorded, beyond what the spreads explain."""
    recorded, found = by_case(before), by_case(now)
    worse = []
    for key, reading in found.items():
        old = recorded.get(key)
        if old is None or key[1] not in (POSTGIS, GEOPACKAGE):
            continue
        noise = reading.spread_ms + old.spread_ms + _SMALL_MS
        if reading.cpu_ms > old.cpu_ms * REGRESSION and reading.cpu_ms - old.cpu_ms > noise:
            worse.append(
                f"{key[0]} on {key[1]}: {reading.cpu_ms:.2f} ms, recorded {old.cpu_ms:.2f} ms"
            )
    return worse
