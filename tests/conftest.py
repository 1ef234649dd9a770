# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures for all tests: services that skip with a reason, or fail where they are required.

With ``REQUIRE_SERVICES=1`` (CI) a missing service is a failure, not a skip.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests import services

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "pakmud_test_template"
MIGRATED = "pakmud_test_migrated"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name existing services."""
    parser.addoption(
        "--pg-dsn",
        default=os.environ.get("PAKMUD_TEST_PG_DSN"),
        help="URI of a maintenance database of an existing PostgreSQL with PostGIS, whose user "
        "may create databases; without it a private server is started",
    )


def pytest_report_header() -> list[str]:
    """Print the version of each service."""
    found = services.versions()
    required = "required" if services_required() else "optional"
    return [
        f"services ({required}): " + ", ".join(f"{name} {v}" for name, v in found.items()),
    ]


def services_required() -> bool:
    """Tell whether a missing service is a failure."""
    return os.environ.get("REQUIRE_SERVICES", "") not in ("", "0")


def missing(reason: str) -> NoReturn:
    """Skip the test that asked for a missing service, or fail it where services are required."""
    if services_required():
        pytest.fail(f"required service is missing: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[services.Cluster]:
    """A PostgreSQL with PostGIS for the whole run: private, or the one of ``--pg-dsn``."""
    dsn = request.config.getoption("--pg-dsn")
    try:
        cluster = services.Cluster(dsn) if dsn else services.start_cluster()
    except services.ServiceMissingError as err:
        missing(str(err))
    yield cluster
    cluster.stop()


@pytest.fixture
def durable_postgres() -> Iterator[services.Cluster]:
    """A private PostgreSQL of one test that waits for the disk; the test may kill it."""
    try:
        cluster = services.start_cluster(fsync=True)
    except services.ServiceMissingError as err:
        missing(str(err))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def postgis_template(postgres: services.Cluster) -> str:
    """The name of an empty database with PostGIS and trigrams, to copy from."""
    import psycopg

    postgres.drop_database(TEMPLATE)
    with psycopg.connect(postgres.create_database(TEMPLATE), autocommit=True) as connection:
        for extension in ("postgis", "pg_trgm", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}")
    return TEMPLATE


@pytest.fixture
def new_database(
    request: pytest.FixtureRequest, postgres: services.Cluster, postgis_template: str
) -> Iterator[Callable[..., str]]:
    """A function that makes a database of its own and returns its URI; dropped afterwards.

    ``new_database(template="...")`` copies another template than the empty one.
    """
    made: list[str] = []

    def make(template: str = postgis_template) -> str:
        stem = re.sub(r"\W+", "_", request.node.name.lower())[:40]
        name = f"pakmud_test_{stem}_{os.getpid()}_{len(made)}"
        made.append(name)
        return postgres.create_database(name, template)

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def migrated_geopackage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the current schema without data, to copy from."""
    from geoapi.store import open_store
    from geoapi.store.schema import migrate

    path = tmp_path_factory.mktemp("template") / "migrated.gpkg"
    store = open_store(path)
    migrate(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres: services.Cluster, postgis_template: str) -> str:
    """The name of a database of the current schema without data, to copy from."""
    from geoapi.store import open_store
    from geoapi.store.schema import migrate

    postgres.drop_database(MIGRATED)
    store = open_store(postgres.create_database(MIGRATED, postgis_template))
    migrate(store)
    store.close()
    return MIGRATED


@pytest.fixture(scope="session")
def gdal() -> str:
    """The path of ``ogrinfo``."""
    try:
        return services.find_gdal()
    except services.ServiceMissingError as err:
        missing(str(err))


@pytest.fixture(scope="session")
def launch_browser() -> Iterator[Callable[..., object]]:
    """A function that starts Chromium through Playwright: ``launch_browser(webgl=False)``."""
    try:
        executable = services.find_chromium()
        from playwright.sync_api import sync_playwright
    except services.ServiceMissingError as err:
        missing(str(err))
    except ImportError:
        missing("Playwright: pip install --require-hashes -r requirements/dev.txt")
    with sync_playwright() as playwright:
        started = []

        def launch(*, webgl: bool = True) -> object:
            graphics = services.WEBGL_ARGS if webgl else services.NO_WEBGL_ARGS
            browser = playwright.chromium.launch(
                executable_path=executable, args=[*services.CHROMIUM_ARGS, *graphics]
            )
            started.append(browser)
            return browser

        yield launch
        for browser in started:
            browser.close()


@pytest.fixture(scope="session")
def browser(launch_browser: Callable[..., object]) -> object:
    """One Chromium with WebGL for the whole run."""
    return launch_browser()


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A page of its own in a context of its own: Thai, Bangkok time, a desktop's size."""
    context = browser.new_context(
        locale="th-TH", timezone_id="Asia/Bangkok", viewport={"width": 1280, "height": 800}
    )
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is not part of the project."""
    folder = Path(os.environ.get("PAKMUD_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("real data are not here: set PAKMUD_SHARED to a folder that holds data/")
    return folder
