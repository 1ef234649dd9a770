# SPDX-License-Identifier: GPL-2.0-or-later
"""A transaction that is sent again, or at the same time as another, is done once and by one."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, assert_problem, create
from tests.api.test_transactions import Json, insert, new_point, post, seen, tag_of, update

TWINS = 4


def count(live: Live, client: httpx.Client, name: str) -> int:
    found = client.get(ITEMS, params={"name_th": name}, headers=live.auth())
    return int(found.json()["numberMatched"])


def without_id(name: str) -> Json:
    return {k: v for k, v in new_point(name).items() if k != "id"}


@pytest.mark.parametrize("semantic", ["atomic", "batch"])
def test_repeated_transaction_gets_the_same_answer_and_writes_nothing(
    live: Live, client: httpx.Client, semantic: str
) -> None:
    key = str(uuid.uuid4())
    actions = [insert(without_id(f"ครั้งเดียว {key}"))]
    if semantic == "batch":
        actions.append(insert(new_point(category="no such")))
    first, again = (post(live, client, actions, semantic, idempotency_key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert count(live, client, f"ครั้งเดียว {key}") == 1
    other = post(live, client, [insert(without_id("อื่น"))], semantic, idempotency_key=key)
    assert_problem(other, 422, "Idempotency-Key")


def test_refused_atomic_transaction_may_be_sent_again_with_its_key(
    live: Live, client: httpx.Client
) -> None:
    key, new = str(uuid.uuid4()), new_point()
    action = update(new["id"], "*", name_en="X")
    assert post(live, client, [action], idempotency_key=key).status_code == 404
    post(live, client, [insert(new)])
    assert post(live, client, [action], idempotency_key=key).status_code == 200


@pytest.mark.parametrize("semantic", ["atomic", "batch"])
def test_twins_at_the_same_time_write_once(live: Live, client: httpx.Client, semantic: str) -> None:
    key = str(uuid.uuid4())
    item_id, tag = tag_of(create(live, client))
    actions = [insert(*[without_id(f"แฝด {key}")] * 3), update(item_id, tag, name_en="Twin")]

    def send(_number: int) -> httpx.Response:
        with live.client() as own:
            return post(live, own, actions, semantic, idempotency_key=key)

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    assert {a.status_code for a in answers} == {200}, [a.text[:200] for a in answers]
    assert len({a.content for a in answers}) == 1
    assert count(live, client, f"แฝด {key}") == 3


def test_of_two_transactions_over_the_same_items_one_wins(live: Live, client: httpx.Client) -> None:
    made = [tag_of(create(live, client)) for _ in range(8)]

    def send(number: int) -> httpx.Response:
        # each in its own order: locks must not depend on it
        order = made if number % 2 else list(reversed(made))
        actions = [update(*one, name_en=f"By {number}") for one in order]
        with live.client() as own:
            return post(live, own, actions, "atomic" if number < 2 else "batch")

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    won = [
        a for a in answers
        if a.status_code == 200 and a.json()["summary"]["totalUpdated"] == len(made)
    ]  # fmt: skip
    assert len(won) == 1, [a.text[:300] for a in answers]
    for lost in (a for a in answers if a not in won):
        exceptions = lost.json()["exceptions"]
        assert {e["status"] for e in exceptions} == {412}
        assert all(e["current"]["properties"]["name_en"].startswith("By ") for e in exceptions)
    names = {seen(live, client, item_id).json()["properties"]["name_en"] for item_id, _ in made}
    assert len(names) == 1
