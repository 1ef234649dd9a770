# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages with their counts: what is remembered, for how long, and that a box counts itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from geoapi.store import Store, counting
from geoapi.store.counting import Counts, counted_page_steps, read_counted_page
from geoapi.store.query import ItemQuery, count_items, page_sql, read_page
from geoapi.types import Scope
from tests.contract.query_samples import ROWS, SOURCE, Filled

BOX = (98.0, 15.0, 101.5, 20.5)
INSIDER = (Scope(area_code="57"),)


def statements(counts: Counts, query: ItemQuery, store: Store) -> list[str]:
    """Return the statements that reading a page runs."""
    steps = counted_page_steps(counts, query, store.backend)
    ran = []
    statement = next(steps)
    while True:
        ran.append(statement[0])
        try:
            statement = steps.send(store.rows(*statement))
        except StopIteration:
            return ran


@pytest.mark.parametrize("sort", [(), (("name_sort_th", True),), (("category", False),)])
@pytest.mark.parametrize("scopes", [(), INSIDER, (Scope(),)])
@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_page_of_a_box_is_the_same_gathered_or_walked(
    filled: Filled, sort: Any, scopes: Any, limit: int
) -> None:
    query = ItemQuery(SOURCE, bbox=BOX, sort=sort, scopes=scopes, limit=limit)
    page, matched = read_counted_page(filled.store, Counts(filled.store), query)
    assert page == read_page(filled.store, query)
    assert matched == count_items(filled.store, query)
    assert matched > 10 or scopes == (Scope(),), "there are published rows only"


def test_empty_box_is_an_empty_page(filled: Filled) -> None:
    query = ItemQuery(SOURCE, bbox=(0.0, 0.0, 1.0, 1.0))
    page, matched = read_counted_page(filled.store, Counts(filled.store), query)
    assert (page.features, page.next_after, matched) == ([], None, 0)


def test_box_with_more_than_are_counted_is_walked(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COUNT_LIMIT", 20)
    counts, query = Counts(filled.store), ItemQuery(SOURCE, bbox=BOX, limit=5)
    for expected in (2, 1):  # the second time it is remembered that gathering is in vain
        assert len(statements(counts, query, filled.store)) == expected
        page, matched = read_counted_page(filled.store, counts, query)
        assert (page, matched) == (read_page(filled.store, query), None)


def test_whole_answer_counts_itself(filled: Filled) -> None:
    query = ItemQuery(SOURCE, equals=(("category", "court"),), limit=10_000)
    counts = Counts(filled.store)
    assert len(statements(counts, query, filled.store)) == 1
    page, matched = read_counted_page(filled.store, counts, query)
    assert matched == len(page.features) > 0


def test_small_count_is_made_anew(filled: Filled) -> None:
    counts, query = Counts(filled.store), ItemQuery(SOURCE, limit=3)
    assert [len(statements(counts, query, filled.store)) for _ in range(2)] == [2, 2]


def test_large_count_is_kept_for_a_second_and_until_a_commit(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_SMALL", 10)
    now = [100.0]
    counts, query = Counts(filled.store, lambda: now[0]), ItemQuery(SOURCE, limit=3)

    def asked() -> int:
        return len(statements(counts, query, filled.store)) - 1

    assert [asked(), asked()] == [1, 0]
    second = replace(query, sort=(("category", False),), limit=2)
    assert len(statements(counts, second, filled.store)) == 1, "the same items, in another order"
    assert len(statements(counts, replace(query, scopes=INSIDER), filled.store)) == 2
    now[0] += 0.99
    assert asked() == 0
    now[0] += 0.02
    assert [asked(), asked()] == [1, 0]
    filled.store.write(lambda transaction: transaction.now)
    assert asked() == 1


def test_remembered_counts_are_bounded(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_KEPT", 3)
    counts = Counts(filled.store)
    for number in range(9):
        counts.keep(ItemQuery(SOURCE, search=str(number)), None, 0)
    assert [counts.is_too_many(ItemQuery(SOURCE, search=str(n))) for n in (0, 5, 6, 8)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_words_met_at_once_everywhere_are_not_counted(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = ItemQuery(SOURCE, search="hall", limit=3)
    page, matched = read_counted_page(filled.store, Counts(filled.store), query)
    assert page.next_after is not None
    assert matched == count_items(filled.store, query)
    # as if the table were a thousand times as large
    monkeypatch.setattr(counting, "LOOKED_AT_LIMIT", 0.0001)
    counts = Counts(filled.store)
    counts.keep_rows_in_all("service_point", ROWS)
    found = read_counted_page(filled.store, counts, query)
    assert found == (page, None)


def test_size_of_a_table_is_asked_now_and_then(filled: Filled) -> None:
    now = [0.0]
    counts = Counts(filled.store, lambda: now[0])
    assert counts.rows_in_all("service_point") is None
    counts.keep_rows_in_all("service_point", 7)
    assert counts.rows_in_all("service_point") == 7
    now[0] = 301.0
    assert counts.rows_in_all("service_point") is None
    ((size,),) = filled.store.rows(*counting.size_sql("service_point", filled.store.backend))
    assert isinstance(size, int)


def test_walk_to_words_sorts_what_it_met_and_not_the_table(filled: Filled) -> None:
    if filled.store.backend != "geopackage":
        pytest.skip("PostgreSQL knows its tables")
    sql, parameters = page_sql(ItemQuery(SOURCE, search="hall"), "geopackage", "walk")
    steps = [row[3] for row in filled.store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert steps.count("USE TEMP B-TREE FOR ORDER BY") == 1, steps
    assert any("ix_service_point_fid" in step for step in steps), steps


def test_plain_page_of_a_file_is_walked_and_never_sorted(filled: Filled) -> None:
    if filled.store.backend != "geopackage":
        pytest.skip("PostgreSQL knows its tables")
    for scopes in ((), (Scope(),), INSIDER):
        sql, parameters = page_sql(ItemQuery(SOURCE, scopes=scopes), "geopackage")
        steps = [row[3] for row in filled.store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        assert not [step for step in steps if "ORDER BY" in step], steps
