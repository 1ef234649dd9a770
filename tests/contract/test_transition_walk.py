# SPDX-License-Identifier: GPL-2.0-or-later
"""Random attempts at every step by everybody, compared with an oracle, on both stores."""

from __future__ import annotations

import multiprocessing
import shutil
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
from tests.transition_walk import ATTEMPTS_OF_EPISODE, imagine, walk

ATTEMPTS = 3_000
SEEDS = range(ATTEMPTS // ATTEMPTS_OF_EPISODE)
SOAK_ATTEMPTS = 1_000_000
WALKS_OF_JOB = 20
# A run that is slower than this has something else wrong with it.
SOAK_MOST_S = 6_000


def assert_everything_was_tried(counts: Counter[tuple[str, str]]) -> None:
    for action in STEPS:
        for answer in ("accepted", "refused"):
            assert counts[action, answer] > 0, (action, answer)


def test_the_oracle_knows_the_same_actions():
    assert STEPS.keys() == TRANSITIONS.keys() | {"edit"}


def test_walks_try_every_step_with_both_answers():
    counts = sum((imagine(seed) for seed in SEEDS), Counter[tuple[str, str]]())
    assert counts.total() == ATTEMPTS
    assert_everything_was_tried(counts)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_attempts_are_answered_as_the_oracle_says(site: Site, seed: int):
    assert walk(site, seed) == imagine(seed)


def test_a_walk_finds_an_illegal_step_that_is_accepted(site: Site, monkeypatch: pytest.MonkeyPatch):
    """The comparison can fail: with the rule of the four eyes gone, some walk notices."""
    monkeypatch.setattr("geoapi.transitions.editors_of", lambda _row: ())
    with pytest.raises(AssertionError, match="illegal accepted"):
        walk(site, 0, 5_000)


def _walks(job: tuple[str, int]) -> Counter[tuple[str, str]]:
    """Take some walks in a store of its own."""
    folder, number = Path(job[0]) / str(job[1]), job[1]
    folder.mkdir()
    store = open_store(folder / "walk.gpkg")
    migrate(store)
    site = site_of(store, folder)
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(WALKS_OF_JOB):
        counts += walk(site, 1_000_000 + number * WALKS_OF_JOB + seed, guided=0.25)
    store.close()
    shutil.rmtree(folder)
    return counts


@pytest.mark.soak
@pytest.mark.timeout(SOAK_MOST_S)
def test_a_million_random_attempts(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    jobs = SOAK_ATTEMPTS // (ATTEMPTS_OF_EPISODE * WALKS_OF_JOB)
    begun, counts = time.monotonic(), Counter[tuple[str, str]]()
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.imap_unordered(_walks, [(str(tmp_path), n) for n in range(jobs)])
        for some in found:
            counts += some
            accepted = sum(n for (_, answer), n in counts.items() if answer == "accepted")
            took_s = time.monotonic() - begun
            with capsys.disabled():
                print(f"{counts.total():,} attempts, {accepted:,} accepted, {took_s:,.0f} s")
    assert counts.total() == SOAK_ATTEMPTS
    assert_everything_was_tried(counts)
