# SPDX-License-Identifier: GPL-2.0-or-later
"""Cursors: back as they were, and only with the same keys, filter and sort."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi.errors import UsageError
from geoapi.keys import Keys, load_keys
from geoapi.ogc import cursor


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load_keys(tmp_path_factory.mktemp("keys"))


def test_values_come_back(keys: Keys):
    at = datetime(2026, 11, 22, 5, 6, 7, 890_000, tzinfo=UTC)
    made = cursor.encode(keys, "q=ศาล", ("ชื่อ\t..่", at, True, 7))
    back = cursor.decode(keys, "q=ศาล", made)
    assert back == ("ชื่อ\t..่", at.isoformat(), True, 7)
    assert made.isascii()
    assert not set("&=?#+/% ") & set(made)


def test_a_cursor_counts_with_its_own_filter_and_keys_alone(keys: Keys, tmp_path: Path):
    made = cursor.encode(keys, "a=1", (7,))
    for other_keys, binding in ((keys, "a=2"), (keys, ""), (load_keys(tmp_path / "k"), "a=1")):
        with pytest.raises(UsageError):
            cursor.decode(other_keys, binding, made)


def test_binding_and_values_can_not_be_shifted_into_each_other(keys: Keys):
    made = cursor.encode(keys, "a=1", (1,))
    signature = made.partition(".")[2]
    shifted = base64.urlsafe_b64encode(b"=1[1]").decode().rstrip("=")
    with pytest.raises(UsageError):
        cursor.decode(keys, "a", f"{shifted}.{signature}")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40) | st.from_regex(r"\A[A-Za-z0-9_=-]{0,20}\.[0-9a-f]{0,70}\Z"))
def test_anything_else_is_refused_in_words(keys: Keys, text: str):
    with pytest.raises(UsageError) as caught:
        cursor.decode(keys, "a=1", text)
    assert caught.value.problems[0].parameter == "after"
