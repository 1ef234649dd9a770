# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that run inside QGIS's own interpreter (Python 3.9 syntax)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT, missing
from tests.live import LiveSite
from tests.live_samples import filled_site


@dataclass
class Served:
    """A served site and the token of its user ``officer``."""

    site: LiveSite
    token: str


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A running QGIS without windows, with a profile of its own.

    It is not ended: QGIS may fall over itself when layers of the OGC API provider were open.
    """
    profile = tmp_path_factory.mktemp("profile")
    os.environ["QGIS_AUTH_DB_DIR_PATH"] = str(profile)
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = str(profile)
    core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not here")
    running = core.QgsApplication.instance()
    if running is None:
        running = core.QgsApplication([], False)
        running.initQgis()
    running.authManager().setMasterPassword("test", True)
    return running


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site with 250 points; the server runs in its own interpreter."""
    if not (ROOT / ".venv/bin/python").exists():
        missing("the server's environment: make setup")
    site = filled_site(tmp_path_factory.mktemp("served"))
    token = site.add_user("officer", "officer")
    site.start()
    yield Served(site, token)
    assert site.stop()
