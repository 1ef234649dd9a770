# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of a point's photos in Chromium: with and without scripts, accessible, going on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from geoapi import service_points
from geoapi.photos import photos
from geoapi.photos.photos import NewPhoto
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Viewer
from geoapi.web import point_data
from tests import photo_samples as samples
from tests.web.conftest import Demo, Watched, sign_in
from tests.web.test_pages import faults

pytestmark = pytest.mark.browser

EDITOR = "gis-chiangrai"
CONTENT = samples.jpeg(samples.picture(640, 480))


@pytest.fixture
def point_id(demo: Demo) -> str:
    """A point of the editor's province without photos."""
    found = point_data.working_points(
        demo.site, SYSTEM, "points.edit", point_data.PointSearch(state="verified", size=200)
    )
    return next(
        feature["id"]
        for feature in found.features
        if not feature["properties"].get("photos")
        and feature["properties"].get("province_code") == "57"
    )


def add(demo: Demo, point_id: str, seed: int = 1) -> str:
    content = samples.jpeg(samples.picture(640, 480, seed))
    new = NewPhoto(content, "entrance", "ประตูหน้า", "Front door")
    return photos.add(demo.site, WriteContext(SYSTEM), point_id, new).id


def held(demo: Demo, point_id: str) -> list[str]:
    return [photo["id"] for photo in photos.listed(demo.site, SYSTEM, point_id)]


def file_of(name: str, content: bytes = CONTENT) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_pages_with_photos_are_accessible_and_fit(
    demo: Demo, open_page: Callable[..., Watched], point_id: str
) -> None:
    first = add(demo, point_id)
    add(demo, point_id, 2)
    for action, viewer in (("submit", SYSTEM), ("verify", Viewer("reviewer", via="system"))):
        context = WriteContext(viewer, if_match=("*",))
        service_points.take_action(demo.site, context, point_id, action)
    code = point_data.public_point(demo.site, point_id)["properties"]["short_code"]
    watched = open_page(axe=True)
    sign_in(watched, EDITOR)
    page = f"/my/points/{point_id}/photos"
    for path in (page, f"{page}?delete={first}", f"/p/{code}"):
        for lang, width in product(("th", "en"), (360, 1280)):
            watched.page.set_viewport_size({"width": width, "height": 800})
            watched.goto(path + ("&" if "?" in path else "?") + f"lang={lang}")
            assert watched.page.locator("img[src$='thumb.jpg']").count() == 2
            assert faults(watched.page, lang) == [], f"{path} {lang} {width} px"
    picture = watched.page.locator("img[src$='thumb.jpg']").first
    assert picture.get_attribute("alt") == "Front door"
    assert {picture.get_attribute(name) for name in ("width", "height")} == {"320", "240"}


def test_photos_are_added_and_deleted_without_scripts(
    demo: Demo, open_page: Callable[..., Watched], point_id: str
) -> None:
    watched = open_page(scripts=False, lang="en", width=360)
    sign_in(watched, EDITOR)
    page = watched.page
    watched.goto(f"/my/points/{point_id}/photos?lang=en")
    page.locator("#photo").set_input_files([file_of("a.jpg"), file_of("b.jpg", samples.HTML)])
    page.get_by_role("button", name="Send photos").click()
    assert "1 photos were added." in page.locator("main").inner_text()
    assert "b.jpg" in page.locator("#errors").inner_text()
    (photo_id,) = held(demo, point_id)
    page.get_by_role("link", name="Delete").click()
    assert held(demo, point_id) == [photo_id]
    page.get_by_role("button", name="Delete this photo").click()
    assert held(demo, point_id) == []


def test_a_broken_connection_does_not_begin_again(
    demo: Demo, open_page: Callable[..., Watched], point_id: str, map_library
) -> None:
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    page = watched.page
    watched.goto(f"/my/points/{point_id}/photos?lang=en")
    page.locator("#add-photos").evaluate("form => { form.dataset.piece = '4000'; }")
    offsets: list[int] = []

    def break_once(route) -> None:
        offsets.append(int(route.request.headers["upload-offset"]))
        if len(offsets) == 3:
            route.abort()
        else:
            route.continue_()

    def on_uploads(route) -> None:
        if route.request.method == "PATCH":
            break_once(route)
        else:
            route.continue_()

    page.route("**/photos/uploads/**", on_uploads)
    page.locator("#photo").set_input_files([file_of("a.jpg"), file_of("b.jpg")])
    page.get_by_role("button", name="Send photos").click()
    page.wait_for_url("**/photos?notice=added", timeout=60_000)
    assert len(held(demo, point_id)) == 2
    assert offsets[3] == offsets[2] > 0
