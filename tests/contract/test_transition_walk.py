# SPDX-License-Identifier: GPL-2.0-or-later
"""Random attempts at every step by everybody, compared with an oracle, on both stores."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from geoapi.site import Site
from geoapi.store import open_store
from geoapi.store.schema import migrate
from geoapi.workflow import TRANSITIONS
from tests.contract.point_samples import site_of
from tests.transition_oracle import STEPS
from tests.transition_walk import ATTEMPTS_OF_EPISODE, walk

ATTEMPTS = 3_000
SOAK_ATTEMPTS = 1_000_000
# A run that is slower than this has something else wrong with it.
SOAK_MOST_S = 6_000


def assert_everything_was_tried(counts: Counter[tuple[str, str]]) -> None:
    for action in STEPS:
        for answer in ("accepted", "refused"):
            assert counts[action, answer] > 0, (action, answer)


def test_the_oracle_knows_the_same_actions():
    assert STEPS.keys() == TRANSITIONS.keys() | {"edit"}


def test_random_attempts_are_answered_as_the_oracle_says(site: Site):
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(ATTEMPTS // ATTEMPTS_OF_EPISODE):
        counts += walk(site, seed)
    assert counts.total() == ATTEMPTS
    assert_everything_was_tried(counts)


def test_a_walk_finds_an_illegal_step_that_is_accepted(site: Site, monkeypatch: pytest.MonkeyPatch):
    """The comparison can fail: with the rule of the four eyes gone, some walk notices."""
    monkeypatch.setattr("geoapi.transitions.editors_of", lambda _row: ())
    with pytest.raises(AssertionError, match="illegal accepted"):
        walk(site, 0, 5_000)


def _walks(job: tuple[str, int, int]) -> Counter[tuple[str, str]]:
    """Take every n-th walk in a store of its own."""
    folder, first, every = job
    store = open_store(Path(folder) / f"walk{first}.gpkg")
    migrate(store)
    site = site_of(store, Path(folder))
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(first, SOAK_ATTEMPTS // ATTEMPTS_OF_EPISODE, every):
        counts += walk(site, 1_000_000 + seed)
    store.close()
    return counts


@pytest.mark.soak
@pytest.mark.timeout(SOAK_MOST_S)
def test_a_million_random_attempts(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    workers = os.cpu_count() or 1
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        found = pool.map(_walks, [(str(tmp_path), n, workers) for n in range(workers)])
    counts = sum(found, Counter[tuple[str, str]]())
    assert counts.total() == SOAK_ATTEMPTS
    assert_everything_was_tried(counts)
    accepted = sum(n for (_, answer), n in counts.items() if answer == "accepted")
    with capsys.disabled():
        print(f"\n{accepted:,} of {SOAK_ATTEMPTS:,} accepted, {time.monotonic() - begun:,.0f} s")
