# SPDX-License-Identifier: GPL-2.0-or-later
"""The change table: numbers in commit order, nothing skipped, and to each reader what is theirs."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import replace
from itertools import batched

import pytest

from geoapi import service_points
from geoapi.rights import PUBLIC, SYSTEM, Viewer, scopes
from geoapi.site import Site
from geoapi.store import Store, Transaction, changes
from geoapi.store.changes import ChangeEntry
from geoapi.store.feed import FeedQuery, read_feed
from tests.contract.point_samples import (
    OFFICER,
    REVIEWER,
    START,
    STRANGER,
    act,
    by,
    change,
    create,
    emptied,
    published,
)
from tests.contract.store_samples import change_entry

WRITERS, WRITES = 8, 30
# so many transactions stay open for a while, and at the most so long
SLOW_SHARE, SLOWEST_S = 0.1, 0.05


@pytest.fixture
def store(kept: Store) -> Store:
    return emptied(kept)


def entry(item_id: str, revision: int) -> ChangeEntry:
    return replace(change_entry(0), item_id=item_id, revision=revision)


class Reader(threading.Thread):
    """Follows the feed with a cursor until it is told to stop and nothing is left."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store, self.seen, self.last = store, [], threading.Event()

    def run(self) -> None:
        since = 0
        while True:
            is_last = self.last.is_set()
            query = FeedQuery("service-points", since, 7)
            rows = self.store.read(lambda c, q=query: read_feed(c, q).rows)
            self.seen += [(row["seq"], row["item_id"], row["revision"]) for row in rows]
            since = rows[-1]["seq"] if rows else since
            if is_last and not rows:
                return

    def finish(self) -> list[tuple[int, str, int]]:
        self.last.set()
        self.join()
        return self.seen


def test_a_slow_transaction_is_never_skipped_by_a_reader_of_the_feed(store: Store):
    began, go_on = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        changes.append(transaction, entry("slow", 1))
        changes.append(transaction, entry("slow", 2))
        began.set()
        go_on.wait(1.0)
        time.sleep(0.15)

    reader = Reader(store)
    reader.start()
    first = threading.Thread(target=lambda: store.write(slow))
    first.start()
    assert began.wait(10)

    def quick() -> None:
        for number in range(5):
            store.write(lambda t, n=number: changes.append(t, entry("quick", n)))
        go_on.set()

    second = threading.Thread(target=quick)
    second.start()
    first.join()
    second.join()
    seen = reader.finish()
    assert sorted(Counter(seen).values()) == [1] * 7
    assert {(i, r) for _, i, r in seen} == {("slow", 1), ("slow", 2)} | {
        ("quick", n) for n in range(5)
    }
    assert [s for s, _, _ in seen] == sorted(s for s, _, _ in seen)
    if store.backend == "postgis":  # a GeoPackage has one writer: the quick ones wait there
        assert [i for _, i, _ in seen] == ["quick"] * 5 + ["slow"] * 2


def test_a_transaction_that_holds_its_rows_gets_its_numbers_at_the_end(site: Site):
    if site.store.backend == "geopackage":
        pytest.skip("a GeoPackage has one writer, nothing commits meanwhile")
    first, second = create(site), create(site)
    started, done = threading.Event(), threading.Event()

    def slow(transaction: Transaction, _item: object) -> None:
        started.set()
        assert done.wait(10)

    context = by(OFFICER, receipt=slow)
    patch = {"properties": {"name_th": "ช้า"}}
    thread = threading.Thread(target=lambda: service_points.update(site, context, first.id, patch))
    thread.start()
    assert started.wait(10)
    change(site, second, name_th="เร็ว")
    assert [row["item_id"] for row in feed(site, SYSTEM)][2:] == [second.id]
    done.set()
    thread.join()
    assert [row["item_id"] for row in feed(site, SYSTEM)][2:] == [second.id, first.id]


def write_and_follow(store: Store, writes: int) -> None:
    """Let writers write at once, some of them slowly; a reader gets all, once and in order."""
    reader = Reader(store)
    reader.start()

    def write(name: str) -> None:
        chooser = random.Random(name)

        def one(transaction: Transaction, revision: int) -> None:
            for part in ("a", "b"):  # what is written together stands together
                changes.append(transaction, entry(f"{name} {part}", revision))
            if chooser.random() < SLOW_SHARE:
                time.sleep(chooser.random() * SLOWEST_S)

        for revision in range(1, writes + 1):
            store.write(lambda t, r=revision: one(t, r))

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    seen = reader.finish()
    assert len(seen) == len(set(seen)) == 2 * WRITERS * writes
    assert [s for s, _, _ in seen] == sorted(s for s, _, _ in seen)
    for name in {i for _, i, _ in seen}:
        assert [r for _, i, r in seen if i == name] == list(range(1, writes + 1))
    for (_, first, _), (_, second, _) in batched(seen, 2):
        assert (first[:-1], first[-1], second[-1]) == (second[:-1], "a", "b")


def test_many_writers_and_a_reader_meanwhile_lose_and_repeat_nothing(store: Store):
    write_and_follow(store, WRITES)


@pytest.mark.soak
def test_many_writers_and_a_reader_meanwhile_lose_and_repeat_nothing_in_the_long_run(
    store: Store,
):
    write_and_follow(store, 500)


def test_a_write_that_fails_leaves_no_change_and_no_hole_is_needed(store: Store):
    def failing(transaction: Transaction) -> None:
        changes.append(transaction, entry("never", 1))
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        store.write(failing)
    store.write(lambda t: changes.append(t, entry("there", 1)))
    rows = store.read(lambda c: read_feed(c, FeedQuery("service-points", 0, 9)).rows)
    assert [row["item_id"] for row in rows] == ["there"]
    assert store.read(changes.first_seq) == store.read(changes.last_seq) == rows[0]["seq"]


def feed(site: Site, viewer: Viewer, since: int = 0, limit: int = 1000) -> list[dict]:
    query = FeedQuery("service-points", since, limit, scopes(viewer, "points.read_working"))
    return site.store.read(lambda c: read_feed(c, query).rows)


def test_everybody_gets_the_changes_that_are_theirs(site: Site):
    item = published(site)
    change(site, item, name_th="ฉบับร่าง")
    draft = create(site, subdistrict_code="570301")
    operations = ["create", "submit", "verify", "update", "create"]
    for viewer in (OFFICER, REVIEWER, SYSTEM):
        assert [row["operation"] for row in feed(site, viewer)] == operations
        assert all(row["is_inside"] for row in feed(site, viewer))
    for viewer in (PUBLIC, STRANGER):
        rows = feed(site, viewer)
        assert [(row["item_id"], row["operation"]) for row in rows] == [(item.id, "verify")]
        assert not rows[0]["is_inside"]
        assert "ฉบับร่าง" not in rows[0]["public_document"]
    history = site.store.read(lambda c: changes.read_history(c, "service-points", draft.id, ()))
    assert history == []


def test_a_cursor_continues_behind_the_last_change_that_was_read(site: Site):
    for _ in range(3):
        act(site, create(site), "submit")
    rows, since = [], 0
    while page := feed(site, OFFICER, since, 4):
        rows += page
        since = page[-1]["seq"]
    assert rows == feed(site, OFFICER)
    assert len(rows) == 6


def test_the_history_of_an_item_has_each_revision_with_who_why_and_when(site: Site):
    item = create(site)
    service_points.update(
        site, by(OFFICER, reason="สะกดผิด", client="QGIS 3", request_id="r-1"), item.id,
        {"properties": {"name_th": "สะกดถูก"}},
    )  # fmt: skip
    held = scopes(OFFICER, "points.read_working")
    rows = site.store.read(lambda c: changes.read_history(c, "service-points", item.id, held))
    assert [row["revision"] for row in rows] == [1, 2]
    last = rows[-1]
    said = (last["actor_id"], last["reason"], last["client"], last["request_id"])
    assert said == ("officer", "สะกดผิด", "QGIS 3", "r-1")
    assert last["at"] > rows[0]["at"] > START
    assert site.store.read(lambda c: changes.last_revision(c, "service-points", item.id)) == 2
    assert site.store.read(lambda c: changes.changed_since(c, rows[0]["at"])) == 1
