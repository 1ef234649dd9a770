# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reader could see of an item at each instant, from its changes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from geoapi.item_versions import Version, version_at, versions
from geoapi.store.mementos import Step

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def step(
    seq: int, hours: float, effect: str = "", *, inside: bool = False, operation: str = "update"
) -> Step:
    is_gone = operation == "delete"
    return Step(
        seq, at(hours), seq, operation, effect, inside, not is_gone, effect == "upsert"
    )  # fmt: skip


def seen(steps: list[Step]) -> list[tuple[int, bool, bool]]:
    return [(v.seq, v.is_working, v.is_gone) for v in versions(steps)]


def test_the_public_sees_what_was_published_and_nothing_between():
    steps = [step(3, 1, "upsert"), step(7, 4, "upsert"), step(9, 9, "delete")]
    assert versions(steps) == [
        Version(3, 3, at(1), at(4)),
        Version(7, 7, at(4), at(9)),
        Version(9, 9, at(9), is_gone=True),
    ]


def test_an_insider_sees_every_revision():
    steps = [step(n, n, "upsert" if n == 2 else "", inside=True) for n in range(1, 4)]
    assert seen(steps) == [(1, True, False), (2, True, False), (3, True, False)]


def test_who_loses_sight_of_an_item_sees_the_public_one_or_none():
    steps = [step(1, 1, inside=True), step(2, 2), step(3, 3, "upsert"), step(4, 4)]
    assert seen(steps) == [(1, True, False), (2, False, True), (3, False, False)]
    published = [step(1, 1, "upsert", inside=True), step(2, 2), step(3, 3, inside=True)]
    assert seen(published) == [(1, True, False), (1, False, False), (3, True, False)]


def test_nothing_begins_before_it_can_be_seen():
    assert versions([]) == []
    assert versions([step(1, 1), step(2, 2)]) == []
    assert seen([step(1, 1), step(2, 2, "upsert")]) == [(2, False, False)]


def test_what_was_erased_is_gone():
    erased = Step(1, at(1), 1, "create", "upsert", False, False, False)
    assert seen([erased, step(2, 2, "upsert")]) == [(2, False, False)]
    wiped = Step(2, at(2), 2, "update", "upsert", True, False, True)
    assert seen([step(1, 1, "upsert"), wiped]) == [(1, False, False), (2, True, True)]


def test_changes_of_one_instant_leave_the_last():
    steps = [step(1, 1, inside=True), step(2, 1, inside=True), step(3, 2, inside=True)]
    found = versions(steps)
    assert [v.seq for v in found] == [2, 3]
    assert found[0].until == at(2)


def test_a_deleted_item_that_comes_back_has_a_gap():
    steps = [
        step(1, 1, inside=True), step(2, 2, inside=True, operation="delete"),
        step(3, 3, inside=True),
    ]  # fmt: skip
    assert seen(steps) == [(1, True, False), (2, True, True), (3, True, False)]


@pytest.mark.parametrize(
    ("hours", "index"), [(0.5, None), (1, 0), (3.999, 0), (4, 1), (8, 1), (9, 2), (1e6, 2)]
)
def test_the_version_of_an_instant(hours, index):
    steps = [step(3, 1, "upsert"), step(7, 4, "upsert"), step(9, 9, "delete")]
    assert version_at(versions(steps), at(hours)) == index


def test_random_histories_are_without_gap_and_agree_with_a_plain_look_back():
    draw = random.Random(2)
    for _ in range(500):
        steps, hours = [], 0.0
        for seq in range(1, draw.randint(2, 12)):
            hours += draw.choice((0, 0, 1, 2))
            steps.append(
                step(
                    seq, hours, draw.choice(("", "", "upsert", "delete")),
                    inside=draw.random() < 0.5,
                    operation=draw.choice(("update", "update", "delete")),
                )
            )  # fmt: skip
        found = versions(steps)
        for before, after in pairwise(found):
            assert before.until == after.since > before.since
        for hours_now in range(int(hours) + 2):
            index = version_at(found, at(hours_now))
            shown = None if index is None or found[index].is_gone else found[index]
            assert (shown and (shown.seq, shown.is_working)) == _looked_back(steps, hours_now)


def _looked_back(steps: list[Step], hours: float) -> tuple[int, bool] | None:
    past = [s for s in steps if s.at <= at(hours)]
    if not past:
        return None
    last = past[-1]
    if last.is_inside:
        return (last.seq, True) if last.has_document else None
    public = [s for s in past if s.public_effect]
    if not public or public[-1].public_effect == "delete":
        return None
    return (public[-1].seq, False)
