#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Take README's pictures from the running product: a demonstration on a free loopback port.

Needs the development requirements, Chromium, and the web assets (`make screenshots` sees to it).
"""

from __future__ import annotations

import argparse
import io
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from geoapi.app import create_app  # noqa: E402 - the checkout's root is put on the path first
from geoapi.demo import load  # noqa: E402
from geoapi.settings import Settings  # noqa: E402
from geoapi.site import open_site  # noqa: E402
from geoapi.store import schema  # noqa: E402
from geoapi.web.point_data import site_value  # noqa: E402
from tests import services  # noqa: E402

TARGET = ROOT / "docs" / "images"
MOST_BYTES = 200_000
COLOURS = 128
PHONE_PX, DESKTOP_PX, HEIGHT_PX = 360, 1280, 800


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        name: of the file, without language and width.
        path: of the page; ``{id}`` is the office of the story.
        user: who is signed in, '' for nobody.
        scroll_to: selector of what should be at the top, '' for the page's top.
    """

    name: str
    path: str
    user: str = ""
    scroll_to: str = ""


SHOTS = (
    Shot("start", "/"),
    Shot("story", "/", scroll_to="#story"),
    Shot("developers", "/", scroll_to="#developers"),
    Shot("point", "/p/{id}"),
    Shot("edit", "/my/points/{id}", user="officer-maechan"),
    Shot("services", "/p/{id}", scroll_to="#services-heading"),
    Shot("review", "/review", user="supervisor-chiangrai"),
)


@contextmanager
def running_demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """Serve a demonstration in a folder that goes away; give its address and its story."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pakmud-screenshots-") as name:
        folder = Path(name)
        settings = Settings(store=str(folder / "demo.gpkg"), data_dir=folder, port=port, demo=True)
        site = open_site(settings)
        schema.migrate(site.store)
        load.load(site)
        config = uvicorn.Config(create_app(site), "127.0.0.1", port, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        try:
            yield settings.base_url, site_value(site, load.STORY_KEY) or {}
        finally:
            server.should_exit = True
            thread.join()


def take(browser: Any, address: str, shot: Shot, lang: str, width: int) -> bytes:  # noqa: ANN401
    """Open a page as its reader sees it and return the picture as PNG."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT_PX},
        timezone_id="Asia/Bangkok",
        reduced_motion="reduce",
    )
    page = context.new_page()
    base = address.split("/", 3)
    if shot.user:
        page.goto("/".join(base[:3]) + "/")
        page.locator(f"button[name=username][value={shot.user}]").first.click()
        page.wait_for_url("**/my**")
    page.goto(f"{address}?lang={lang}")
    if shot.scroll_to:
        page.evaluate(f"() => document.querySelector('{shot.scroll_to}').scrollIntoView()")
    if page.locator(".map[data-module]").count():
        page.locator(".map[data-ready]").first.wait_for(timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)  # the last frames of the map
    picture: bytes = page.screenshot()
    context.close()
    return picture


def save(picture: bytes, path: Path) -> int:
    """Write a PNG with a palette; return its size in bytes.

    Raises:
        ValueError: the picture is too large for a README.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
    size = path.stat().st_size
    if size >= MOST_BYTES:
        raise ValueError(f"{path.name} has {size} bytes, {MOST_BYTES} at the most")
    return size


def main() -> int:
    """Take all pictures in both languages, for phone and desktop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--only", default="", help="name of a single picture")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    arguments = [*services.CHROMIUM_ARGS, *services.WEBGL_ARGS]
    with running_demo() as (url, story), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.find_chromium(), args=arguments
        )
        for shot in SHOTS:
            if options.only and shot.name != options.only:
                continue
            for lang in ("th", "en"):
                for width in (DESKTOP_PX, PHONE_PX):
                    address = url + shot.path.format(id=story["id"])
                    path = options.out / f"{shot.name}-{lang}-{width}.png"
                    size = save(take(browser, address, shot, lang, width), path)
                    print(f"{path.name} {size // 1000} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
