# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditional headers and preferences as RFC 9110 and RFC 7240 have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request

from geoapi.errors import UsageError
from geoapi.ogc.conditional import (
    entity_tags,
    http_date,
    if_unmodified_since,
    is_not_modified,
    parse_http_date,
    preferences,
)

AT = datetime(2026, 11, 22, 5, 6, 7, 890_000, tzinfo=UTC)
SECOND = "Sun, 22 Nov 2026 05:06:07 GMT"


def request(**headers: str) -> Request:
    raw = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        (None, None, None), ("*", ("*",), ("*",)), (" * ", ("*",), ("*",)), ("", (), ()),
        ('"a"', ("a",), ("a",)), ('W/"a"', (), ("a",)), ('"a","b" , W/"c"', ("a", "b"),
        ("a", "b", "c")),
        ("a", (), ()), ('""', ("",), ("",)), ('"a,b"', ("a,b",), ("a,b",)), ('"*"', (), ()),
    ],
)  # fmt: skip
def test_lists_of_tags(header, strong, weak):
    assert entity_tags(header, allow_weak=False) == strong
    assert entity_tags(header, allow_weak=True) == weak


def test_http_dates_go_there_and_back_in_whole_seconds():
    assert http_date(AT) == SECOND
    assert parse_http_date(SECOND) == AT.replace(microsecond=0)
    assert parse_http_date("Sunday, 22-Nov-26 05:06:07 GMT") == AT.replace(microsecond=0)
    assert parse_http_date("Sun Nov 22 05:06:07 2026") == AT.replace(microsecond=0)
    for bad in (None, "", "yesterday", "2026-11-22", "Sun, 99 Nov 2026 05:06:07 GMT", "0"):
        assert parse_http_date(bad) is None


def test_304_by_tag_first_and_by_date_only_without_a_tag():
    assert is_not_modified(request(if_none_match='W/"t"'), "t", AT)
    assert is_not_modified(request(if_none_match="*"), "t", None)
    assert is_not_modified(request(if_modified_since=SECOND), "t", AT)
    assert not is_not_modified(request(if_modified_since=SECOND), "t", AT + timedelta(seconds=1))
    assert not is_not_modified(request(if_none_match='"x"', if_modified_since=SECOND), "t", AT)
    assert not is_not_modified(request(if_modified_since="nonsense"), "t", AT)
    assert not is_not_modified(request(), "t", AT)


def test_a_date_of_a_write_that_can_not_be_read_is_refused_and_not_ignored():
    assert if_unmodified_since(request()) is None
    assert if_unmodified_since(request(if_unmodified_since=SECOND)) == AT.replace(microsecond=0)
    with pytest.raises(UsageError) as caught:
        if_unmodified_since(request(if_unmodified_since="tomorrow"))
    assert caught.value.problems[0].parameter == "If-Unmodified-Since"


def test_preferences_are_read_and_unknown_ones_ignored():
    found = preferences(request(prefer="return=minimal, Handling=strict; x=1, wait=5"))
    assert (found.representation, found.is_strict) == (False, True)
    assert found.applied == "return=minimal, handling=strict"
    assert preferences(request(prefer='return="representation"')).representation is True
    assert preferences(request()).applied == ""
