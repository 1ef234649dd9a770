# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that let other programs read a served site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.live import LiveSite
from tests.live_samples import filled_site


@dataclass
class Served:
    """A served site, and the token of an officer who may edit all of it."""

    site: LiveSite
    officer_token: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site with 250 points, for reading."""
    site = filled_site(tmp_path_factory.mktemp("served"))
    token = site.add_user("officer", "officer")
    site.start()
    yield Served(site, token)
    assert site.stop()
    assert "Traceback" not in site.log()
