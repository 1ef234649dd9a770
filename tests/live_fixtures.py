# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures around :mod:`tests.live`, taken over by the folders that serve a whole site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import LiveSite

BACKENDS = ("geopackage", pytest.param("postgis", marks=pytest.mark.postgis))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of each backend in turn."""
    return str(request.param)


@pytest.fixture
def new_site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., LiveSite]]:
    """A function from a backend's name to a site of the present schema that isn't served yet.

    ``new_site("postgis", dsn="...", workers="2")`` names a database and settings.
    """
    made: list[LiveSite] = []

    def make(backend: str, dsn: str = "", **settings: str) -> LiveSite:
        folder = tmp_path / f"site{len(made)}"
        folder.mkdir()
        if backend == "geopackage":
            store = str(folder / "pakmud.gpkg")
        else:
            store = dsn or request.getfixturevalue("new_database")()
        site = LiveSite(store, folder / "var", settings)
        made.append(site)
        site.run("init")
        return site

    yield make
    for site in made:
        site.kill()
