# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of words by every way of finding them are the ones that looking at each item gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from geoapi.store import query as reads
from geoapi.store.counting import Counts, counted_page_steps
from geoapi.store.gathering import long_words
from geoapi.store.item_query import ItemQuery
from geoapi.store.query import Page, count_items, page_sql
from geoapi.types import Scope
from tests.contract.query_samples import SOURCE, Filled

WORDS = (
    "hall", "hall 0049", "mae sai hospital", "โรงพยาบาล แม่จัน", "zebra hall", "none of these",
    "c0001", "แม่ +66", "back\\slash 100%",
)  # fmt: skip


@pytest.fixture(params=["as they are", "short walks", "few are counted", "nothing is near"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make the bounds so small that each way is taken with a few items."""
    walked, far, counted = {
        "as they are": (2_000, 20_000, 1_001),
        "short walks": (3, 40, 5),
        "few are counted": (1, 20_000, 2),
        "nothing is near": (1, 1, 1),
    }[request.param]
    monkeypatch.setattr(reads, "_WALKED_ROWS", walked)
    monkeypatch.setattr(reads, "_ROWS_OF_PLAN", {"walk": walked, "far": far})
    monkeypatch.setattr(reads, "LOOKED_AT_LIMIT", counted)
    page_sql.cache_clear()
    yield request.param
    page_sql.cache_clear()


def read(filled: Filled, counts: Counts, query: ItemQuery) -> tuple[Page, int | None, int]:
    """Return page, count, and how many statements it took."""
    steps = counted_page_steps(counts, query, filled.store.backend)
    statement, number = next(steps), 1
    while True:
        try:
            statement = steps.send(filled.store.rows(*statement))
            number += 1
        except StopIteration as done:
            return (*done.value, number)


def matching(filled: Filled, query: ItemQuery) -> list[str]:
    """Return the ids of all items that have the words, by looking at every item."""
    every, after = [], None
    while True:
        rows = filled.store.rows(
            *page_sql(replace(query, search="", after=after), filled.store.backend)
        )
        every += [orjson.loads(row[0]) for row in rows[: query.limit]]
        if len(rows) <= query.limit:
            break
        after = tuple(rows[query.limit - 1][1:])
    texts = {values["id"]: values["search"] for _, _, values in filled.rows}
    words = query.search.split()
    return [f["id"] for f in every if all(word in texts[f["id"]] for word in words)]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("scopes", [(), (Scope(),), (Scope(area_code="57"),)])
def test_pages_of_words_are_complete_and_in_order(
    filled: Filled, bounds: str, words: str, scopes: tuple[Scope, ...]
) -> None:
    query = ItemQuery(SOURCE, search=words, scopes=scopes, limit=4)
    counts, found = Counts(filled.store), []
    expected = matching(filled, query)
    while True:
        page, matched, _ = read(filled, counts, query)
        assert matched in (None, len(expected))
        found += [orjson.loads(text)["id"] for text in page.features]
        if page.next_after is None:
            break
        query = replace(query, after=page.next_after)
    assert found == expected
    exact = count_items(filled.store, replace(query, after=None), 10_000)
    assert exact == len(expected)


def test_words_that_match_something_are_among_them(filled: Filled) -> None:
    numbers = {w: len(matching(filled, ItemQuery(SOURCE, search=w, limit=50))) for w in WORDS}
    assert numbers["none of these"] == 0
    assert numbers["hall"] > numbers["zebra hall"] > 5, numbers
    assert min(n for words, n in numbers.items() if words != "none of these") > 0, numbers


def test_short_words_are_no_words_of_the_index():
    assert long_words(ItemQuery(SOURCE, search="ab hall ที่")) == ("hall", "ที่")
