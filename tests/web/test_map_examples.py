# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples for MapLibre, Leaflet and OpenLayers draw our data, and ask nobody but us."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.web.conftest import Demo, Watched

pytestmark = pytest.mark.browser

LIBRARIES = ("maplibre", "leaflet", "openlayers")
# Where to keep pictures for a look, when anybody wants one.
PICTURES = os.environ.get("PAKMUD_PICTURES", "")


@pytest.mark.parametrize(
    ("library", "lang", "width"), list(product(LIBRARIES, ("th", "en"), (360, 1280)))
)
def test_example_draws_points_and_names(
    open_page: Callable[..., Watched], map_library: Path, library: str, lang: str, width: int
):
    watched = open_page(width=width, lang=lang)
    page = watched.page
    answer = watched.goto(f"/static/examples/{library}.html?lang={lang}")
    assert answer.status == 200
    page.wait_for_selector("#map[data-shown]:not([data-shown='0'])", timeout=30_000)
    if PICTURES:
        page.wait_for_timeout(1500)
        page.screenshot(path=f"{PICTURES}/{library}-{lang}-{width}.png")
    if width > 1000:  # on a phone, from afar, a long name may find no place among the points
        page.wait_for_selector("#map:not([data-names='0'])")
    about = page.locator("#about").inner_text()
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in about) == (lang == "th")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.troubles == []


def test_example_of_maplibre_opens_a_point(
    open_page: Callable[..., Watched], map_library: Path, demo: Demo
):
    watched = open_page()
    page = watched.page
    watched.goto("/static/examples/maplibre.html")
    page.wait_for_selector("#map[data-shown]:not([data-shown='0'])", timeout=30_000)
    for _ in range(12):  # a press on a circle with a number comes nearer
        found = page.evaluate("window.examplePoint()")
        page.mouse.click(*found)
        page.wait_for_timeout(400)
        if page.locator(".maplibregl-popup a").count():
            break
        while not page.evaluate("window.exampleIdle()"):
            page.wait_for_timeout(100)
    href = page.locator(".maplibregl-popup a").get_attribute("href")
    assert watched.goto(href).status == 200
