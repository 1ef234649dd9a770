# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of items equal plain Python over the same data, on both stores."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from geoapi.collections import COLLECTIONS
from geoapi.store.query import (
    ItemQuery,
    count_items,
    read_page,
)
from geoapi.thai import name_sort_key, search_text
from tests.contract.query_samples import (
    ROWS,
    SOURCE,
    START,
    Filled,
    expected,
    ids,
)

# ------------------------------------------------------------------------------ filters


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "court"), ("province_code", "50"), ("district_code", "5709"),
        ("subdistrict_code", "570102"), ("postal_code", "57130"), ("state", "verified"),
        ("state", "draft"), ("status", "closed"), ("official_id", "EQ-3"),
        ("short_code", "C000017"), ("agency_id", "a2"), ("parent_id", "p1"), ("is_branch", True),
        ("is_branch", False), ("name_th", "ฮอด"), ("name_en", "zebra"), ("name_th", 'x"y'),
        ("name_th", "it's"), ("category", "%"), ("category", "' OR 1=1 --"),
    ],
)  # fmt: skip
def test_each_filter_gives_what_has_exactly_that_value(filled: Filled, column: str, value: Any):
    wanted = expected(filled, lambda p, _s, _v: (p[column] if column == "is_branch" else
                                                 p[column] or "") == value)  # fmt: skip
    assert ids(filled.store, equals=((column, value),)) == wanted
    query = ItemQuery(SOURCE, equals=((column, value),))
    assert count_items(filled.store, query) == len(wanted)


def test_every_queryable_of_every_collection_is_a_column_that_can_be_asked(filled: Filled):
    for collection in COLLECTIONS.values():
        for queryable in collection.queryables:
            if not queryable.is_plain_column:
                continue  # every one is asked by test_filters
            value = False if queryable.type == "boolean" else "nothing-has-this"
            query = ItemQuery(collection.source, equals=((queryable.name, value),))
            assert read_page(filled.store, query).next_after is None or value is False
        for column in collection.sortables.values():
            read_page(filled.store, ItemQuery(collection.source, sort=((column, True),)))


def test_filters_add_up(filled: Filled):
    wanted = expected(
        filled, lambda p, s, _v: p["category"] == "court" and p["is_branch"]
        and "แม่สาย" in p["name_th"] and s.updated_at >= START + timedelta(seconds=20),
    )  # fmt: skip
    assert wanted
    found = ids(
        filled.store, equals=(("category", "court"), ("is_branch", True)), search="แม่สาย",
        since=START + timedelta(seconds=20),
    )  # fmt: skip
    assert found == wanted


def test_instants_bound_from_both_sides_and_include_their_ends(filled: Filled):
    low, high = START + timedelta(seconds=10), START + timedelta(seconds=20)
    found = ids(filled.store, since=low, until=high)
    assert found == expected(filled, lambda _p, s, _v: low <= s.updated_at <= high)
    assert ids(filled.store, since=low, until=low) == expected(
        filled, lambda _p, s, _v: s.updated_at == low
    )


# ---------------------------------------------------------------------- order and paging

SORTS = (
    (), (("name_sort_th", False),), (("name_sort_th", True),), (("name_sort_en", False),),
    (("updated_at", True),), (("category", False), ("name_sort_th", True)),
    (("category", True), ("updated_at", False), ("official_id", True)), (("official_id", False),),
    (("name_sort_en", True), ("category", True)),
)  # fmt: skip


def in_order(filled: Filled, sort: tuple[tuple[str, bool], ...]) -> list[str]:
    """Sort in plain Python: stable sorts from the last key to the first, ties by age."""
    rows = list(enumerate(filled.rows))
    rows.sort(key=lambda row: row[0], reverse=bool(sort) and sort[-1][1])
    for column, descending in reversed(sort):
        rows.sort(key=lambda row, c=column: row[1][2][c], reverse=descending)
    return [document["id"] for _, (document, _, _) in rows]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_pages_by_cursor_are_the_whole_sorted_list_without_gap_or_repetition(
    filled: Filled, sort: tuple[tuple[str, bool], ...]
):
    found: list[str] = []
    after = None
    while True:
        page = read_page(filled.store, ItemQuery(SOURCE, sort=sort, after=after, limit=37))
        found += [orjson.loads(f)["id"] for f in page.features]
        after = page.next_after
        if after is None:
            break
        # as a cursor travels: instants are text then
        after = tuple(v.isoformat() if isinstance(v, datetime) else v for v in after)
    assert found == in_order(filled, sort)


@pytest.mark.parametrize("sort", SORTS[:4], ids=str)
def test_an_offset_skips_the_same_rows(filled: Filled, sort: tuple[tuple[str, bool], ...]):
    whole = in_order(filled, sort)
    for offset in (0, 1, 250, 499, 500, 9999):
        page = read_page(filled.store, ItemQuery(SOURCE, sort=sort, offset=offset, limit=40))
        assert [orjson.loads(f)["id"] for f in page.features] == whole[offset : offset + 40]


def test_thai_names_stand_in_the_order_of_a_dictionary(filled: Filled):
    found = ids(filled.store, sort=(("name_sort_th", False),))
    names = {d["id"]: d["properties"]["name_th"] for d, _, _ in filled.rows}
    keys = [name_sort_key(names[item_id]) for item_id in found]
    assert keys == sorted(keys)


def test_the_last_page_has_no_next_also_when_it_is_full(filled: Filled):
    assert read_page(filled.store, ItemQuery(SOURCE, limit=ROWS)).next_after is None
    assert read_page(filled.store, ItemQuery(SOURCE, limit=ROWS - 1)).next_after is not None
    assert read_page(filled.store, ItemQuery(SOURCE, equals=(("id", "x"),))).features == []


def test_counts_are_exact_up_to_the_limit_and_none_beyond(filled: Filled):
    query = ItemQuery(SOURCE, after=(9,), offset=3, limit=2)
    assert count_items(filled.store, query) == ROWS
    assert count_items(filled.store, query, ROWS) == ROWS
    assert count_items(filled.store, query, ROWS - 1) is None


# -------------------------------------------------------------------------------- search


@pytest.mark.parametrize(
    "words",
    [
        "โรงพยาบาล", "พยาบา", "แม่สาย เชียงราย", "เชียงราย แม่สาย", "HOSPITAL", "hospital mae",
        "ärz", "ÄRZTE", "สาขา 2", "สาขา ๒", "eq-3", "00017", "c000017", "+6653000016", "053000016",
        "3000016", "100%", "a_b", 'x"y', "it's", "back\\slash", "%%%", "___", '"""', "\\\\\\",
        "0%0", "nothing like it", "NOT hospital", "a* OR b", "ที่ว่าการอำเภอ ฮอด พาน",
    ],
)  # fmt: skip
def test_words_are_found_anywhere_when_one_has_three_letters(filled: Filled, words: str):
    needle = search_text(words)
    wanted = expected(filled, lambda _p, _s, v: all(w in v["search"] for w in needle.split()))
    assert ids(filled.store, search=needle) == wanted


@pytest.mark.parametrize("words", ["ฮ", "แม", "z", "ze", "Ma", "โร", "%", "_", '"', "'", "\\", "ก"])
def test_one_or_two_letters_are_looked_for_at_the_beginning_of_names(filled: Filled, words: str):
    needle = search_text(words)
    wanted = expected(
        filled, lambda p, _s, _v: search_text(p["name_th"]).startswith(needle)
        or search_text(p["name_en"]).startswith(needle),
    )  # fmt: skip
    assert ids(filled.store, search=needle) == wanted


def test_phones_are_found_as_they_are_dialled_in_the_country_and_from_abroad(filled: Filled):
    assert ids(filled.store, search="053000400") == ["id-400"]
    assert ids(filled.store, search="+6653000400") == ["id-400"]
