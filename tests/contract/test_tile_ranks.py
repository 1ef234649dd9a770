# SPDX-License-Identifier: GPL-2.0-or-later
"""Ranks of published points: what they say depends on the points alone, not on how they came."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from geoapi.store import Store, Transaction, tile_marks, tile_ranks
from geoapi.store.features import delete_row, insert_rows, put_row
from geoapi.store.tile_grid import cell_of, mark_of, rank_of
from geoapi.store.tile_order import unpack_counts
from geoapi.store.tile_tables import tile_point
from tests.contract.point_samples import emptied
from tests.tile_samples import plain_counts

AT = datetime(2026, 11, 22, tzinfo=UTC)
BASE = {"revision": 1, "etag": "x", "feature": "{}", "created_at": AT, "updated_at": AT}
type Places = dict[str, tuple[float, float, bool]]


def row(name: str, view: str = "published", *, branch: bool = False) -> dict[str, Any]:
    return BASE | {"id": name, "view": view, "is_branch": branch}


def put(transaction: Transaction, name: str, place: tuple[float, float, bool]) -> None:
    lon, lat, branch = place
    put_row(transaction, "service_point", row(name, branch=branch), shapely.Point(lon, lat))


def stored(store: Store) -> dict[str, dict[int, int]]:
    def read(connection: Connection) -> dict[str, dict[int, int]]:
        rows = connection.execute(select(tile_point).where(tile_point.c.layer == "service_point"))
        return {r.item_id: unpack_counts(r.min_zoom, r.counts) for r in rows}

    return store.read(read)


def expected(places: Places) -> dict[str, dict[int, int]]:
    return plain_counts(
        {
            name: (cell_of(lon, lat), rank_of(name, is_branch=branch))
            for name, (lon, lat, branch) in places.items()
        }
    )


NAMES = st.sampled_from([f"p{n}" for n in range(12)])
# near together and far apart, and exactly upon each other
PLACE = st.tuples(
    st.sampled_from([100.0, 100.00001, 100.001, 100.5, 104.0]) | st.floats(99, 101),
    st.sampled_from([13.0, 13.00001, 13.002, 18.0]) | st.floats(12, 14),
    st.booleans(),
)
STEPS = st.lists(
    st.lists(st.tuples(NAMES, st.none() | PLACE), min_size=1, max_size=4), min_size=1, max_size=8
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_any_order_of_writes_moves_and_deletions_ends_in_the_same_ranks(kept: Store, steps: list):
    emptied(kept)
    places: Places = {}
    for changes in steps:

        def write(transaction: Transaction, changes: list = changes) -> None:
            for name, place in changes:
                if place is None:
                    delete_row(transaction, "service_point", name, "published")
                    places.pop(name, None)
                else:
                    put(transaction, name, place)
                    places[name] = place

        kept.write(write)
    assert stored(kept) == expected(places)


def random_places(count: int, seed: int = 5) -> Places:
    rnd = random.Random(seed)
    return {
        f"r{n}": (100.5 + rnd.gauss(0, 0.3), 13.7 + rnd.gauss(0, 0.3), rnd.random() < 0.3)
        for n in range(count)
    }


def load(store: Store, places: Mapping[str, tuple[float, float, bool]]) -> None:
    rows = [
        (row(name, branch=branch), shapely.Point(lon, lat))
        for name, (lon, lat, branch) in places.items()
    ]
    store.write(lambda t: insert_rows(t, "service_point", rows))


def test_loading_at_once_in_parts_and_ranking_anew_agree(
    kept: Store, monkeypatch: pytest.MonkeyPatch
):
    places = random_places(400)
    names = list(places)
    random.Random(1).shuffle(names)
    emptied(kept)
    for start in range(0, len(names), 90):
        load(kept, {name: places[name] for name in names[start : start + 90]})
    in_parts = stored(kept)
    monkeypatch.setattr(tile_ranks, "_MOST_SINGLE", 10)
    emptied(kept)
    load(kept, places)
    assert stored(kept) == in_parts == expected(places)
    kept.write(lambda t: tile_ranks.rebuild(t.connection))
    assert stored(kept) == in_parts


def test_counts_of_each_zoom_add_up_to_all_points(kept: Store):
    emptied(kept)
    places = random_places(300)
    load(kept, places)
    ranks = stored(kept)
    for zoom in range(16):
        assert sum(counts.get(zoom, 0) for counts in ranks.values()) == len(places)


def test_working_rows_and_points_without_a_position_have_no_rank(kept: Store):
    emptied(kept)

    def write(transaction: Transaction) -> None:
        put_row(transaction, "service_point", row("draft", "working"), shapely.Point(100, 13))
        put_row(transaction, "service_point", row("nowhere"), None)
        put(transaction, "here", (100.0, 13.0, False))

    kept.write(write)
    assert set(stored(kept)) == {"here"}
    kept.write(lambda t: put_row(t, "service_point", row("here"), None))
    assert stored(kept) == {}


def test_writers_at_once_leave_no_cell_without_its_first(kept: Store):
    emptied(kept)
    places = random_places(40)
    barrier = threading.Barrier(4)
    names = list(places)

    def work(own: list[str]) -> None:
        barrier.wait()
        for name in own:
            kept.write(lambda t, name=name: put(t, name, places[name]))

    threads = [threading.Thread(target=work, args=(names[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(kept) == expected(places)


def test_a_write_that_fails_changes_no_rank(kept: Store):
    emptied(kept)
    load(kept, random_places(3))
    before = stored(kept)

    def write(transaction: Transaction) -> None:
        put(transaction, "late", (100.0, 13.0, False))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept.write(write)
    assert stored(kept) == before


# ------------------------------------------------------------------- marks


def marks(store: Store, since: int = 0) -> set[tuple[str, int]]:
    found = store.read(lambda c: tile_marks.marks_since(c, since))
    return {(mark.layer, mark.tile) for mark in found if not mark.is_store}


def newest(store: Store) -> int:
    found = store.read(lambda c: tile_marks.marks_since(c, 0))
    return max((mark.seq for mark in found if not mark.is_store), default=0)


def test_a_move_marks_the_tile_it_left_and_the_one_it_came_to(kept: Store):
    emptied(kept)
    kept.write(lambda t: put(t, "a", (100.0, 13.0, False)))
    before = newest(kept)
    kept.write(lambda t: put(t, "a", (101.0, 14.0, False)))
    assert marks(kept, before) == {
        ("service_point", mark_of(cell_of(100.0, 13.0))),
        ("service_point", mark_of(cell_of(101.0, 14.0))),
    }


def test_a_new_name_marks_its_tile_and_a_draft_marks_none(kept: Store):
    emptied(kept)
    kept.write(lambda t: put(t, "a", (100.0, 13.0, False)))
    before = newest(kept)
    draft = row("a", "working")
    kept.write(lambda t: put_row(t, "service_point", draft, shapely.Point(101, 14)))
    assert marks(kept, before) == set()
    renamed = row("a") | {"name_th": "ใหม่"}
    kept.write(lambda t: put_row(t, "service_point", renamed, shapely.Point(100, 13)))
    assert marks(kept, before) == {("service_point", mark_of(cell_of(100.0, 13.0)))}


def test_many_changes_mark_the_layer_as_a_whole(kept: Store, monkeypatch: pytest.MonkeyPatch):
    emptied(kept)
    monkeypatch.setattr(tile_marks, "_MOST_TILES", 5)
    load(kept, random_places(60))
    assert marks(kept) == {("service_point", tile_marks.WHOLE_LAYER)}


def test_an_emptied_or_filled_store_is_another_one_to_files_of_tiles(kept: Store):
    def number() -> int:
        found = kept.read(lambda c: tile_marks.marks_since(c, 0))
        return next(mark.seq for mark in found if mark.is_store)

    before = number()
    emptied(kept)
    assert number() != before
