# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the import's tests."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from geoapi.importing.register import Register, load_register
from geoapi.messages import LANGUAGES, message


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """Give a file of the shared data folder, or skip and say which one is missing."""
    beside = Path(__file__).resolve().parents[4] / "shared"
    root = Path(os.environ.get("PAKMUD_SHARED", beside)) / "data"

    def find(relative: str) -> Path:
        path = root / relative
        if not path.is_file():
            pytest.skip(f"real data file {relative} is absent; PAKMUD_SHARED names its folder")
        return path

    return find


@pytest.fixture(scope="session")
def assert_readable() -> Callable[[str, Mapping[str, Any]], None]:
    """Check that a message gets all it asks for in both languages."""

    def check(message_id: str, params: Mapping[str, Any]) -> None:
        for language in LANGUAGES:
            text = message(message_id, language, params)
            assert text != message_id
            assert not re.search(r"\{[a-z_]+\}", text), text

    return check
