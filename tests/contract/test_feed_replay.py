# SPDX-License-Identifier: GPL-2.0-or-later
"""Whoever reads all items once and then follows the feed holds what the list of items shows."""

from __future__ import annotations

import pytest

from geoapi.site import Site
from tests.contract.feed_walk import walk
from tests.contract.point_samples import emptied


def test_followers_hold_what_the_lists_show(site: Site) -> None:
    counts, told = walk(site, seed=2, steps=70)
    for kind in ("move", "agency", "take", "assign", "hand over", "offer"):
        assert counts[kind], counts
    # items left the view of somebody: for some to the public revision, for others altogether
    assert told["delete", True], told
    assert told["upsert", True], told


@pytest.mark.soak
def test_followers_hold_what_the_lists_show_after_long_walks(site: Site) -> None:
    for seed in range(100, 108):
        emptied(site.store)
        walk(site, seed, steps=700)
