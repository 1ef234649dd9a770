# SPDX-License-Identifier: GPL-2.0-or-later
"""Killed at any moment under load: every acknowledged write is there, once and whole."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from tests.durability.load import Load, check_indexes, check_stored
from tests.live import LiveSite
from tests.services import Cluster

SEED = int(os.environ.get("PAKMUD_TEST_SEED") or random.SystemRandom().randrange(2**32))
MOMENTS = [
    pytest.param(6, id="6-moments"),
    pytest.param(50, id="50-moments", marks=pytest.mark.soak),
]
MOST_WRITES = 60
# Longer than one write takes: the moment falls anywhere inside one.
LATEST_S = 0.05


def crash_and_check(load: Load, randomly: random.Random, kill: Callable[[], None]) -> None:
    """Let writers write, kill, and check what is found by whoever comes back."""
    before = len(load.writes)
    load.start()
    load.wait_for(randomly.randint(1, MOST_WRITES))
    time.sleep(randomly.uniform(0, LATEST_S))
    kill()
    load.stop()
    acknowledged, sent = load.acknowledged, load.writes[before:]
    if not load.site.is_up():
        load.site.start()
    check_stored(load.site, acknowledged, load.writes)
    check_indexes(load.site)
    load.settle()
    load.replay(sent[-24:])
    check_stored(load.site, load.writes, load.writes)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("moments", MOMENTS)
def test_killed_server_keeps_every_acknowledged_write_once_and_whole(
    backend: str, moments: int, new_site: Callable[..., LiveSite]
) -> None:
    print("PAKMUD_TEST_SEED =", SEED)
    randomly = random.Random(SEED)
    site = new_site(backend, log_level="WARNING")
    load = Load(site, site.add_user("writer", "officer"))
    site.start()
    for _ in range(moments):
        crash_and_check(load, randomly, site.kill)
    assert not load.refused
    assert site.stop()


@pytest.mark.postgis
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("moments", MOMENTS)
def test_killed_postgresql_keeps_every_acknowledged_write_once_and_whole(
    moments: int, new_site: Callable[..., LiveSite], durable_postgres: Cluster
) -> None:
    print("PAKMUD_TEST_SEED =", SEED)
    randomly = random.Random(SEED)
    dsn = durable_postgres.create_database("pakmud")
    site = new_site("postgis", dsn=dsn, log_level="WARNING")
    load = Load(site, site.add_user("writer", "officer"))
    site.start()

    def kill() -> None:
        durable_postgres.kill()
        time.sleep(0.3)
        durable_postgres.start()

    for _ in range(moments):
        load.refused.clear()
        crash_and_check(load, randomly, kill)
        # without its database the server says so, and nothing else
        assert all(text.startswith("503 ") for text in load.refused), load.refused[:3]
    assert site.stop()
