# SPDX-License-Identifier: GPL-2.0-or-later
"""Many writes in one transaction leave what the same writes leave one by one."""

from __future__ import annotations

import os
import random

import pytest

from geoapi.site import Site
from geoapi.store import Store
from tests.contract.point_samples import emptied
from tests.contract.transaction_walk import left, one_by_one, rounds, together

SEED = int(os.environ.get("PAKMUD_TEST_SEED") or random.SystemRandom().randrange(2**32))
WALKS = [pytest.param(3, id="3-walks"), pytest.param(150, id="150", marks=pytest.mark.soak)]
ROUNDS = 14


@pytest.mark.parametrize("walks", WALKS)
def test_batch_leaves_what_single_writes_leave_and_refuses_the_same(
    kept: Store, site: Site, walks: int
) -> None:
    print("PAKMUD_TEST_SEED =", SEED)
    for seed in range(SEED, SEED + walks):
        told, found = [], []
        for work in (one_by_one, together):
            emptied(kept)
            told.append([work(site, viewer, actions) for viewer, actions in rounds(seed, ROUNDS)])
            found.append(left(site))
        assert told[1] == told[0], seed
        for table in found[0]:
            assert found[1][table] == found[0][table], (seed, table)
