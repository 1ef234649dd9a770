# SPDX-License-Identifier: GPL-2.0-or-later
"""A remembered entity tag answers as long as nothing was written and no change was shown."""

from __future__ import annotations

from types import SimpleNamespace

from geoapi.store import known_tags
from geoapi.store.known_tags import KnownTag, KnownTags

TAG = KnownTag("a1", {"Last-Modified": "Sun, 22 Nov 2026 05:06:07 GMT"})


class Seconds:
    """A clock that goes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[KnownTags, SimpleNamespace, Seconds]:
    store, seconds = SimpleNamespace(commits=0), Seconds()
    return KnownTags(store, seconds), store, seconds


def test_tag_is_known_for_its_own_item_only():
    tags, _, _ = made()
    tags.keep("service-points", "1", TAG, tags.moment)
    assert tags.get("service-points", "1") == TAG
    assert tags.get("service-points", "2") is None
    assert tags.get("services", "1") is None


def test_a_commit_makes_it_void_also_one_during_the_read():
    tags, store, _ = made()
    before = tags.moment
    store.commits += 1
    tags.keep("service-points", "1", TAG, before)
    assert tags.get("service-points", "1") is None
    tags.keep("service-points", "1", TAG, tags.moment)
    assert tags.get("service-points", "1") == TAG
    store.commits += 1
    assert tags.get("service-points", "1") is None


def test_what_was_shown_in_a_feed_makes_it_void():
    tags, _, _ = made()
    tags.keep("service-points", "1", TAG, tags.moment)
    tags.forget()
    assert tags.get("service-points", "1") is None


def test_it_lives_a_second():
    tags, _, seconds = made()
    tags.keep("service-points", "1", TAG, tags.moment)
    seconds.now += 0.9
    assert tags.get("service-points", "1") == TAG
    seconds.now += 0.2
    assert tags.get("service-points", "1") is None


def test_memory_is_bounded():
    tags, _, _ = made()
    for number in range(known_tags._MOST_KEPT + 10):
        tags.keep("service-points", str(number), TAG, tags.moment)
    assert len(tags._kept) == known_tags._MOST_KEPT
    assert tags.get("service-points", "0") is None
