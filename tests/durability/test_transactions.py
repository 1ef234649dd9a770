# SPDX-License-Identifier: GPL-2.0-or-later
"""Killed in the middle of a transaction: nothing of it is stored, or all, and once."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.durability.load import check_indexes, database
from tests.live import Answer, LiveSite, feature

SEED = int(os.environ.get("PAKMUD_TEST_SEED") or random.SystemRandom().randrange(2**32))
# (items of a transaction, kills)
COUNTS = [
    pytest.param(150, 1, id="1-kill"),
    pytest.param(1000, 20, id="20-kills", marks=pytest.mark.soak),
]


@dataclass
class Sender:
    """Sends one transaction to a site, whose answer may never come."""

    site: LiveSite
    token: str
    body: bytes
    key: str
    answer: Answer | None = None

    def send(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.answer = self.site.request(
                "POST", "/ogc/transactions", self.body, authorization=f"Bearer {self.token}",
                content_type="application/ogc-tx+json", idempotency_key=self.key,
            )  # fmt: skip


def transaction(semantic: str, count: int) -> tuple[bytes, list[str]]:
    """Make the body that creates points, and their ids."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    items = [
        {**feature(f"จุดทดสอบ load {n}", 99.8 + n / 10_000, 19.9), "id": item_id}
        for n, item_id in enumerate(ids)
    ]
    action = {"action": "insert", "collection": "service-points", "items": items}
    body = {"semantic": semantic, "transaction": [action]}
    return json.dumps(body).encode(), ids


def stored(site: LiveSite, key: str) -> tuple[list[str], int, int]:
    """Return the ids of points, how many changes, and how many answers of a key are stored."""
    with database(site) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM service_point").fetchall()]
        (changes,) = connection.execute(
            "SELECT count(*) FROM change WHERE collection = 'service-points'"
        ).fetchone()
        keys = [row[0] for row in connection.execute("SELECT key FROM idempotency").fetchall()]
    return ids, changes, keys.count(key)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("count", "kills"), COUNTS)
def test_killed_server_has_stored_all_of_a_transaction_or_nothing(
    backend: str, count: int, kills: int, new_site: Callable[..., LiveSite]
) -> None:
    print("PAKMUD_TEST_SEED =", SEED)
    randomly = random.Random(SEED)
    site = new_site(backend, log_level="WARNING")
    token = site.add_user("writer", "officer")
    site.start()
    whole: set[str] = set()
    longest_s = 0.4
    for number in range(kills):
        body, ids = transaction(randomly.choice(["atomic", "batch"]), count)
        sender = Sender(site, token, body, f"kill-{number}")
        thread = threading.Thread(target=sender.send)
        thread.start()
        time.sleep(randomly.uniform(0, longest_s))
        site.kill()
        thread.join(60)
        site.start()
        found, changes, answers = stored(site, sender.key)
        assert set(found) in (whole, whole | set(ids)), "half a transaction is stored"
        assert len(found) == changes
        assert answers == (len(found) > len(whole)), "an answer without its writes, or without one"
        assert sender.answer is None or answers == 1, "an acknowledged transaction is gone"
        began = time.monotonic()
        sender.send()
        if not answers:  # the next is killed somewhere between its beginning and its end
            longest_s = time.monotonic() - began
        assert sender.answer is not None
        assert sender.answer.status == 200, sender.answer.body[:500]
        assert sender.answer.json()["summary"]["totalInserted"] == count
        whole |= set(ids)
        assert sorted(stored(site, sender.key)[0]) == sorted(whole)
    check_indexes(site)
    assert site.stop()
