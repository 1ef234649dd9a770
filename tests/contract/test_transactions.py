# SPDX-License-Identifier: GPL-2.0-or-later
"""Many writes in one transaction leave what the same writes leave one by one."""

from __future__ import annotations

import os
import random
import uuid

import pytest

from geoapi import service_points
from geoapi.collections import SERVICE_POINTS
from geoapi.errors import ConflictError, DataUnavailableError, NotFoundError
from geoapi.site import Site
from geoapi.store import Store, Transaction
from geoapi.transactions import Action, Order, Outcome, run
from tests.contract.point_samples import OFFICER, by, emptied, point, refused
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


def test_transaction_beyond_its_time_stores_nothing(site: Site) -> None:
    item_id = str(uuid.uuid4())
    action = Action("insert", SERVICE_POINTS, item_id, document=point(id=item_id))
    order = Order("batch", (action,), budget_s=-1.0)
    refused(DataUnavailableError, lambda: run(site, by(OFFICER), order))
    refused(NotFoundError, lambda: service_points.get(site, OFFICER, item_id))


def test_answer_is_stored_with_the_writes_or_not_at_all(site: Site) -> None:
    item_id = str(uuid.uuid4())
    action = Action("insert", SERVICE_POINTS, item_id, document=point(id=item_id))

    def fails(_transaction: Transaction, _outcomes: list[Outcome]) -> None:
        raise ConflictError("store.integrity")

    order = Order("batch", (action,), budget_s=60.0)
    refused(ConflictError, lambda: run(site, by(OFFICER), order, fails))
    refused(NotFoundError, lambda: service_points.get(site, OFFICER, item_id))
