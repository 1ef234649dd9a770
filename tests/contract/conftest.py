# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the contract suite: the same tests on both backends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geoapi.site import Site
from geoapi.store import Store, open_store
from tests.contract.point_samples import emptied, kept_store, site_of
from tests.contract.query_samples import ROWS, Filled, fill, put_areas

BACKENDS = ("geopackage", pytest.param("postgis", marks=pytest.mark.postgis))


@pytest.fixture
def store_address(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """A function from a backend's name to the address of a new, empty place for a store."""
    made: list[int] = []

    def make(backend: str) -> str:
        made.append(1)
        if backend == "geopackage":
            return str(tmp_path / f"store{len(made)}.gpkg")
        return request.getfixturevalue("new_database")()

    return make


@pytest.fixture
def open_new(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Store]]:
    """A function from a backend's name to a new store of the current schema."""
    opened: list[Store] = []

    def make(backend: str) -> Store:
        if backend == "geopackage":
            template = request.getfixturevalue("migrated_geopackage")
            address = str(tmp_path / f"migrated{len(opened)}.gpkg")
            shutil.copyfile(template, address)
            Path(address).chmod(0o600)
        else:
            template = request.getfixturevalue("migrated_database")
            address = request.getfixturevalue("new_database")(template)
        store = open_store(address)
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of each backend in turn."""
    return str(request.param)


@pytest.fixture
def store(backend: str, open_new: Callable[[str], Store]) -> Store:
    """A new store of the current schema, of each backend in turn."""
    return open_new(backend)


@pytest.fixture(scope="module", params=BACKENDS)
def kept(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store of each backend in turn for a whole file; quicker than a new one a test."""
    yield from kept_store(request)


@pytest.fixture
def site(kept: Store, tmp_path: Path) -> Site:
    """A site over the file's store, emptied before each test."""
    return site_of(emptied(kept), tmp_path)


@pytest.fixture(scope="module", params=BACKENDS)
def opened(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store of each backend for a whole file."""
    yield from kept_store(request)


@pytest.fixture(scope="module")
def filled(opened: Store) -> Filled:
    """The store of the file, filled for reading; nothing is changed afterwards."""
    found = fill(opened, ROWS)
    put_areas(opened)
    return found
