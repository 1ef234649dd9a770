# SPDX-License-Identifier: GPL-2.0-or-later
"""Positions as numbers, and the one arithmetic of ranks against a plain second one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapi.store.tile_grid import (
    ALL_ZOOM,
    LEVEL,
    MAX_LATITUDE,
    cell_of,
    cell_shift,
    deinterleave,
    interleave,
    rank_of,
    tile_bounds,
    tile_range,
)
from geoapi.store.tile_order import RankedPoint, pack_counts, rank_all, unpack_counts
from tests.tile_samples import plain_counts

SIDE = st.integers(0, 2**LEVEL - 1)


@given(SIDE, SIDE)
def test_interleaving_loses_nothing(column: int, row: int):
    code = interleave(column, row)
    assert deinterleave(code) == (column, row)
    assert 0 <= code < 2**60


@given(st.floats(-180, 180), st.floats(-90, 90), st.integers(0, 18))
def test_a_position_lies_in_the_bounds_of_its_tile(lon: float, lat: float, zoom: int):
    column, row = (part >> (LEVEL - zoom) for part in deinterleave(cell_of(lon, lat)))
    first, behind = tile_range(zoom, column, row)
    assert first <= cell_of(lon, lat) < behind
    west, south, east, north = tile_bounds(zoom, column, row)
    inside = min(max(lat, -MAX_LATITUDE), MAX_LATITUDE)
    assert west - 1e-6 <= lon <= east + 1e-6
    assert south - 1e-6 <= inside <= north + 1e-6


def test_known_tile_of_bangkok():
    column, row = (part >> (LEVEL - 10) for part in deinterleave(cell_of(100.5018, 13.7563)))
    assert (column, row) == (797, 472)


def test_main_places_come_before_branches():
    names = [f"id-{number}" for number in range(200)]
    mains = [rank_of(name, is_branch=False) for name in names]
    branches = [rank_of(name, is_branch=True) for name in names]
    assert max(mains) < min(branches)
    assert len(set(mains + branches)) == 400
    assert max(branches) < 2**62


@given(st.integers(0, ALL_ZOOM))
def test_counts_survive_packing(min_zoom: int):
    counts = {z: max(1, 40 - 4 * z) for z in range(min_zoom, ALL_ZOOM)}
    assert unpack_counts(min_zoom, pack_counts(counts)) == counts


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(97, 106), st.floats(5, 21), st.booleans()), max_size=40))
def test_ranking_all_at_once_agrees_with_plain_counting(places: list):
    points = {
        f"p{n}": RankedPoint(cell_of(lon, lat), rank_of(f"p{n}", is_branch=branch))
        for n, (lon, lat, branch) in enumerate(places)
    }
    cells = np.array([p.cell for p in points.values()], np.int64)
    ranks = np.array([p.rank for p in points.values()], np.int64)
    min_zoom, packed = rank_all(cells, ranks)
    expected = plain_counts({name: (p.cell, p.rank) for name, p in points.items()})
    for name, zoom, text in zip(points, min_zoom.tolist(), packed, strict=True):
        assert unpack_counts(zoom, text) == expected[name]


@pytest.mark.parametrize("zoom", range(ALL_ZOOM))
def test_a_tile_has_1024_cells(zoom: int):
    first, behind = tile_range(zoom, 0, 0)
    assert (behind - first) >> cell_shift(zoom) == 1024
