# SPDX-License-Identifier: GPL-2.0-or-later
"""Every page in both languages, on a phone and on a desktop: reachable, readable, ours alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from urllib.parse import urlsplit

import pytest

from geoapi.web import point_data
from tests.web.conftest import Demo, Watched, sign_in

pytestmark = pytest.mark.browser

# name: (path, who must be signed in, how it answers)
PAGES = {
    "start": ("/", "", 200),
    "results": ("/?q=แม่จัน", "", 200),
    "nothing": ("/?q=ไม่มีสำนักงานนี้", "", 200),
    "point": ("{point}", "", 200),
    "help": ("/help", "", 200),
    "missing": ("/p/NOSUCH", "", 404),
    "login": ("/auth/login", "", 200),
    "api": ("/ogc/?f=html", "", 200),
    "api-conformance": ("/ogc/conformance?f=html", "", 200),
    "api-collections": ("/ogc/collections?f=html", "", 200),
    "api-collection": ("/ogc/collections/service-points?f=html", "", 200),
    "api-queryables": ("/ogc/collections/service-points/queryables?f=html", "", 200),
    "api-schema": ("/ogc/collections/service-points/schema?f=html", "", 200),
    "api-item": ("/ogc/collections/service-points/items/{id}?f=html", "", 200),
    "api-area": ("/ogc/collections/districts/items/5707?f=html", "", 200),
    "api-nothing": ("/ogc/collections/agencies/items?f=html&q=nothing-of-this-name", "", 200),
    "api-openapi": ("/ogc/openapi?f=html", "", 200),
    "api-items": ("/ogc/collections/service-points/items?f=html", "", 200),
    "my": ("/my", "officer-maechan", 200),
    "my-point": ("{edit}", "officer-maechan", 200),
    "my-nearby": ("/my/nearby?at=20.146,99.852&radius=5000", "officer-maechan", 200),
    "my-nearby-wrong": ("/my/nearby?at=nowhere", "officer-maechan", 422),
    "my-new-place": ("/my/points/new", "officer-maechan", 200),
    "my-busy": ("/my", "gis-chiangrai", 200),
    "my-nothing": ("/my?q=ไม่มีสำนักงานนี้", "officer-maechan", 200),
    "account": ("/auth/account", "officer-maechan", 200),
    "password": ("/auth/password", "officer-maechan", 200),
    "tokens": ("/auth/tokens", "officer-maechan", 200),
    "users": ("/auth/users", "admin", 200),
    "new-user": ("/auth/users/new", "agency-cdd", 200),
    "audit": ("/auth/audit", "admin", 200),
    "review-list": ("/my", "supervisor-chiangrai", 200),
    "review": ("{submitted}", "supervisor-chiangrai", 200),
}
START_BYTES = 60_000
# Requests that belong to the maps, which come after the page.
MAPS = re.compile(r"/vendor/|/ogc/|/map\.png|/js/(map_|points_map|point_map)")
# WCAG 2.2 AA and below, and axe's own good practice.
AXE_RUN = """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
  "wcag22aa", "best-practice"]}).then((found) => found.violations.map((v) =>
  `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`))"""


def path_of(template: str, demo: Demo) -> str:
    point = point_data.public_point(demo.site, demo.story["id"])
    submitted = point_data.working_points(
        demo.site, system(), "points.review", point_data.PointSearch(state="submitted")
    )
    return template.format(
        point=f"/p/{point['properties']['short_code']}",
        id=demo.story["id"],
        edit=f"/my/points/{demo.story['id']}",
        submitted=f"/my/points/{submitted.features[0]['id']}",
    )


def system():
    from geoapi.rights import SYSTEM

    return SYSTEM


def settle(watched: Watched) -> None:
    """Wait until the maps in sight are drawn."""
    for box in watched.page.locator(".map:not([data-later]):not([hidden])").all():
        box.and_(watched.page.locator("[data-ready]")).wait_for(timeout=20_000)
    watched.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits(
    name: str, demo: Demo, open_page: Callable[..., Watched], map_library
):
    template, user, status = PAGES[name]
    watched = open_page(axe=True)
    if user:
        sign_in(watched, user)
    path = path_of(template, demo)
    for lang, width in product(("th", "en"), (360, 1280)):
        watched.page.set_viewport_size({"width": width, "height": 800})
        response = watched.goto(path + ("&" if "?" in path else "?") + f"lang={lang}")
        assert response.status == status
        settle(watched)
        assert faults(watched.page, lang) == [], f"{lang} {width} px"
    expected = [t for t in watched.troubles if status >= 400 and str(status) in t]
    assert [t for t in watched.troubles if t not in expected] == []


def faults(page, lang: str) -> list[str]:
    """Say what is wrong with an open page: its language, its width, axe's findings."""
    too_wide = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [
        *([] if page.locator("html").get_attribute("lang") == lang else ["lang"]),
        *([f"{too_wide} px too wide"] if too_wide else []),
        *page.evaluate(AXE_RUN),
    ]


def test_page_fits_at_twice_the_size_of_letters(open_page, demo: Demo):
    watched = open_page(width=640)
    watched.goto("/")
    # what a browser's zoom of 200 % does to a window of 1280 px, on top of it larger letters
    watched.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert watched.page.evaluate(
        "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_english_pages_hold_no_thai_but_names(open_page, demo: Demo):
    watched = open_page(lang="en")
    for path in ("/help?lang=en", "/auth/login?lang=en"):
        watched.goto(path)
        words = watched.page.locator("main").inner_text()
        assert not re.search("[ก-๙]", words), path


def test_start_page_is_light(open_page, demo: Demo):
    watched = open_page()
    sizes: dict[str, int] = {}

    def count(response) -> None:
        path = urlsplit(response.url).path
        if not MAPS.search(path) and not response.url.startswith("data:"):
            sizes[path] = len(response.body())

    watched.page.on("response", count)
    watched.goto("/")
    watched.page.wait_for_load_state("networkidle")
    assert {"/", "/static/site.css", "/static/js/site.js"} <= sizes.keys()
    assert sum(sizes.values()) <= START_BYTES, sizes


def test_points_of_the_map_are_reached_by_keyboard(open_page, demo: Demo, map_library):
    watched = open_page()
    watched.goto("/?lang=en")
    page = watched.page
    page.locator("#map .map[data-points]").wait_for(timeout=20_000)
    page.locator("[data-show]").first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".maplibregl-popup a")
    link.wait_for()
    assert page.evaluate("() => document.activeElement.closest('.maplibregl-popup') !== null")
    assert link.get_attribute("href").startswith("/p/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.maplibregl-popup') !== null")


def test_example_map_runs_from_the_source_it_shows(open_page, demo: Demo, map_library):
    watched = open_page()
    response = watched.page.request.get(f"{demo.url}/static/js/map_example.js")
    watched.goto("/")
    page = watched.page
    shown = page.locator("#developers pre[aria-label='map_example.js']").text_content()
    assert shown.strip() == response.text().strip()
    assert len(shown.strip().splitlines()) <= 40
    page.locator("#example-map").scroll_into_view_if_needed()
    page.locator("#example-map[data-points]").wait_for(timeout=20_000)
    assert int(page.locator("#example-map").get_attribute("data-points")) > 100


def test_drawn_map_stands_in_without_webgl(launch_browser, open_page, demo: Demo):
    watched = open_page(using=launch_browser(webgl=False))
    watched.goto("/?lang=en")
    page = watched.page
    picture = page.locator("#map .drawn img")
    picture.wait_for(timeout=20_000)
    before = picture.get_attribute("src")
    assert page.evaluate(
        "() => { const i = document.querySelector('#map .drawn img');"
        " return i.complete ? i.naturalWidth : i.decode().then(() => i.naturalWidth); }"
    )
    page.locator("#map .drawn a", has_text="Zoom in").click()
    page.wait_for_url("**bbox=**")
    assert page.locator("#map .drawn img").get_attribute("src") != before


def test_start_page_searches_without_scripts(open_page, demo: Demo):
    watched = open_page(scripts=False)
    watched.goto("/?lang=th")
    page = watched.page
    page.get_by_label("ชื่อ รหัส หรือหมายเลขโทรศัพท์").fill("พัฒนาชุมชนอำเภอแม่จัน")
    page.locator(".search button").click()
    page.locator("#list a.title", has_text="สำนักงานพัฒนาชุมชนอำเภอแม่จัน").first.click()
    assert page.locator("h1").inner_text() == "สำนักงานพัฒนาชุมชนอำเภอแม่จัน"
    assert page.locator(".drawn img").is_visible()
    assert page.locator("a[href^='tel:+66']").count() >= 1


def test_missing_point_offers_a_search(open_page, demo: Demo):
    watched = open_page(lang="en")
    response = watched.goto("/p/NOSUCH?lang=en")
    assert response.status == 404
    assert watched.page.get_by_role("search").is_visible()
    assert "NOSUCH" in watched.page.locator("main").inner_text()


def test_language_of_the_address_survives_the_way_to_the_short_code(open_page, demo: Demo):
    watched = open_page()
    watched.goto(f"/p/{demo.story['id']}?lang=en")
    assert demo.story["name_en"] in watched.page.locator("h1").inner_text()
    watched.goto(f"/p/{demo.story['id']}?lang=th")
    assert demo.story["name_th"] in watched.page.locator("h1").inner_text()
