# SPDX-License-Identifier: GPL-2.0-or-later
"""What follows from a write is in its transaction; merges and edits at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from geoapi import dependants, service_points
from geoapi.errors import ConflictError, ServicePointError
from geoapi.point_steps import PointStep
from geoapi.revisions import Item
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store.copy import checksum
from geoapi.transitions import Asked
from tests.contract.ending_samples import GIS, merge, now
from tests.contract.point_samples import OFFICER, REVIEWER, act, by, change, create, published
from tests.contract.service_samples import offer, service

ROUNDS = 4


class BrokenError(Exception):
    """Raised by a follower on purpose."""


@pytest.fixture(params=range(len(dependants.FOLLOWERS) + 1))
def breaking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a follower raise that stands before, between or behind the others."""

    def broken(_transaction: Transaction, _step: PointStep) -> None:
        raise BrokenError

    followers = list(dependants.FOLLOWERS)
    followers.insert(request.param, broken)
    monkeypatch.setattr(dependants, "FOLLOWERS", tuple(followers))


def test_a_follower_that_raises_takes_the_whole_write_back(
    site: Site, breaking: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as whole:
        whole.setattr(dependants, "FOLLOWERS", _working())
        first, second, draft = published(site), published(site), create(site)
        submitted = act(site, create(site), "submit")
        offer(site, first, service(site))
    before = checksum(site.store)
    for step in (
        lambda: create(site),
        lambda: change(site, first, name_th="ใหม่"),
        lambda: act(site, submitted, "verify", REVIEWER),
        lambda: merge(site, first, second),
        lambda: act(site, second, "withdraw", GIS, "เพราะ"),
        lambda: service_points.delete(site, by(OFFICER), draft.id),
    ):
        with pytest.raises(BrokenError):
            step()
        assert checksum(site.store) == before


def _working() -> tuple[Any, ...]:
    return tuple(f for f in dependants.FOLLOWERS if f.__name__ != "broken")


def together(*steps: Callable[[], Any]) -> list[Any]:
    """Take steps at the same moment and return what each gave: a value or our error."""
    barrier, given = threading.Barrier(len(steps)), [None] * len(steps)

    def take(number: int, step: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            given[number] = step()
        except ServicePointError as error:
            given[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return given


def conditional(site: Site, item: Item, viewer: Viewer, name: str) -> Item:
    context = by(viewer, if_match=(item.etag,))
    patch = {"properties": {"name_th": name}}
    return service_points.update(site, context, item.id, patch)


def test_a_merge_and_an_edit_of_the_same_point_at_once_lose_nothing(site: Site) -> None:
    won = set()
    for number in range(ROUNDS):
        item, into = published(site), published(site)
        name = f"ชื่อใหม่ {number}"
        steps = [
            lambda i=item, t=into: service_points.take_action(
                site, by(GIS, if_match=(i.etag,), reason="ซ้ำ"), i.id, "merge", Asked(t.id)
            ),
            lambda i=item, n=name: conditional(site, i, OFFICER, n),
        ]
        given = together(*(steps if number % 2 else reversed(steps)))
        merged, edited = given if number % 2 else reversed(given)
        # one of them was first; the other was told so, and nothing of it was stored
        assert isinstance(merged, Item) != isinstance(edited, Item), (merged, edited)
        found = now(site, item)
        if isinstance(merged, Item):
            assert isinstance(edited, ConflictError)
            assert (found["state"], found["successor_id"]) == ("merged", into.id)
            assert found["name_th"] != name
        else:
            assert isinstance(merged, ConflictError)
            assert (found["state"], found["name_th"]) == ("draft", name)
        assert found["revision"] == item.revision + 1
        won.add(isinstance(merged, Item))
    assert won


def test_a_merge_into_a_point_that_is_edited_or_merged_at_once_leads_to_a_living_one(
    site: Site,
) -> None:
    for number in range(ROUNDS):
        item, into, end = published(site), published(site), published(site)
        first, second = together(
            lambda i=item, t=into: merge(site, i, t),
            (lambda t=into, n=number: change(site, t, name_th=f"แก้ {n}"))
            if number % 2
            else (lambda t=into, e=end: merge(site, t, e)),
        )
        assert isinstance(second, Item), second
        target = now(site, into)
        if number % 2:
            assert isinstance(first, Item), first
            assert target["name_th"] == f"แก้ {number}"
        elif isinstance(first, Item):
            # it was merged into a point that then went on itself: the chain ends at a living one
            assert now(site, item)["successor_id"] in (into.id, end.id)
            assert target["successor_id"] == end.id
        else:
            assert now(site, item)["state"] == "verified"


def test_two_points_merged_into_each_other_at_once_do_not_both_end(site: Site) -> None:
    for _ in range(ROUNDS):
        one, two = published(site), published(site)
        given = together(
            lambda a=one, b=two: merge(site, a, b), lambda a=one, b=two: merge(site, b, a)
        )
        assert sum(isinstance(result, Item) for result in given) == 1, given
        states = sorted(now(site, item)["state"] for item in (one, two))
        assert states == ["merged", "verified"]
