# SPDX-License-Identifier: GPL-2.0-or-later
"""A running demonstration and ways to look at its pages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from geoapi.app import create_app
from geoapi.demo import load
from geoapi.rights import SYSTEM
from geoapi.settings import Settings
from geoapi.site import Site, open_site
from geoapi.store import schema
from geoapi.web import point_data
from tests.conftest import ROOT, missing

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VENDOR = ROOT / "build" / "web_assets" / "manifest.json"

# Points of each demonstration that no test has had yet.
UNTOUCHED: dict[str, Iterator[str]] = {}


@dataclass
class Demo:
    """A running demonstration.

    Attributes:
        url: its address, without a slash at the end.
        site: the site behind it.
        story: the office to follow.
    """

    url: str
    site: Site
    story: dict


@dataclass
class Watched:
    """A page of the browser, and whatever went wrong on it.

    Attributes:
        page: Playwright's page.
        base: address of the site.
        troubles: console errors, warnings, failed and foreign requests.
        loaded: {address: bytes of the body as sent before compression}.
    """

    page: object
    base: str
    troubles: list[str] = field(default_factory=list)

    def goto(self, path: str) -> object:
        """Open a path of the site."""
        return self.page.goto(self.base + path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demonstration, served on loopback for the whole run."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    settings = Settings(store=str(folder / "demo.gpkg"), data_dir=folder, port=port, demo=True)
    site = open_site(settings)
    schema.migrate(site.store)
    load.load(site)
    config = uvicorn.Config(create_app(site), "127.0.0.1", port, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="demo-server")
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    from geoapi.web.point_data import site_value

    yield Demo(settings.base_url, site, site_value(site, load.STORY_KEY))
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def fresh_demo(demo: Demo) -> Demo:
    """The demonstration, set back to its beginning."""
    load.reset(demo.site)
    return demo


@pytest.fixture
def open_page(browser, demo: Demo) -> Iterator[Callable[..., Watched]]:
    """A function that opens a new window: ``open_page(width=360, lang="en", scripts=False)``."""
    contexts = []

    def open_it(
        *, width: int = 1280, lang: str = "th", scripts: bool = True, axe: bool = False, using=None
    ) -> Watched:
        context = (using or browser).new_context(
            locale="th-TH" if lang == "th" else "en-GB",
            timezone_id="Asia/Bangkok",
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if axe:
            if not AXE.is_file():
                missing("axe-core: npm ci")
            context.add_init_script(path=AXE)
        watched = Watched(context.new_page(), demo.url)
        watch(watched)
        return watched

    yield open_it
    for context in contexts:
        context.close()


def watch(watched: Watched) -> None:
    """Note whatever goes wrong on a page."""
    page, base = watched.page, watched.base

    def on_console(said: object) -> None:
        if said.type in {"error", "warning"}:
            watched.troubles.append(f"{said.type}: {said.text}")

    def on_request(request: object) -> None:
        if not request.url.startswith((f"{base}/", "data:", f"blob:{base}/")):
            watched.troubles.append(f"foreign: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: watched.troubles.append(f"exception: {error}"))
    page.on("request", on_request)


@pytest.fixture(scope="session")
def map_library() -> Path:
    """The map library that ``npm ci`` brings."""
    if not VENDOR.is_file():
        missing("MapLibre: make web-assets")
    return VENDOR.parent


def sign_in(watched: Watched, username: str) -> None:
    """Sign in with one press, as the demonstration offers it."""
    watched.goto("/")
    watched.page.locator(f"button[name=username][value={username}]").first.click()
    watched.page.wait_for_url("**/my**")


@pytest.fixture
def own_point(demo: Demo) -> str:
    """The id of a verified point that no other test touches."""
    if demo.url not in UNTOUCHED:
        ids = []
        for category in ("police_station", "school"):
            search = point_data.PointSearch(state="verified", category=category, size=40)
            found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
            ids += [feature["id"] for feature in found.features]
        UNTOUCHED[demo.url] = iter(ids)
    return next(UNTOUCHED[demo.url])
