# SPDX-License-Identifier: GPL-2.0-or-later
"""History, restore, merge, move and the other ends of a point's life in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from geoapi import service_points
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.types import JsonObject
from geoapi.web import point_data
from tests.web.conftest import Demo, Watched, sign_in
from tests.web.test_pages import faults

pytestmark = pytest.mark.browser

EDITOR = "gis-chiangrai"
REVIEWER = "supervisor-chiangrai"
# {address of a demonstration: its points that are still untouched}
POINTS: dict[str, Iterator[JsonObject]] = {}


@pytest.fixture
def points(demo: Demo) -> Iterator[JsonObject]:
    """Verified points that no other test touches."""
    if demo.url not in POINTS:
        search = point_data.PointSearch(state="verified", category="police_station", size=60)
        found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
        POINTS[demo.url] = iter(found.features)
    return POINTS[demo.url]


def code_of(point: JsonObject) -> str:
    return str(point["properties"]["short_code"])


def renamed(demo: Demo, point: JsonObject, name: str) -> None:
    """Change a point's English name and move it by about 111 m, as the system."""
    lon, lat = point["geometry"]["coordinates"]
    patch = {
        "geometry": {"type": "Point", "coordinates": [lon, lat + 0.001]},
        "properties": {"name_en": name, "move_reason": "Measured again"},
    }
    context = WriteContext(SYSTEM, if_match=("*",))
    service_points.update(demo.site, context, point["id"], patch)


def signed_in(open_page, user: str = EDITOR) -> Watched:
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, user)
    return watched


def test_pages_are_accessible_and_fit(demo: Demo, points, open_page):
    point, other = next(points), next(points)
    renamed(demo, point, "A much longer English name of this police station, for the table")
    watched = open_page(axe=True)
    sign_in(watched, EDITOR)
    base = f"/my/points/{point['id']}"
    paths = [f"{base}/history", f"{base}/history/1"]
    paths += [f"{base}/steps/{action}" for action in ("discard", "withdraw", "merge")]
    paths += [f"/my/points/{other['id']}/steps/{action}" for action in ("close", "move")]
    for path, lang, width in product(paths, ("th", "en"), (360, 1280)):
        watched.page.set_viewport_size({"width": width, "height": 800})
        assert watched.goto(f"{path}?lang={lang}").status == 200
        assert faults(watched.page, lang) == [], f"{path} {lang} {width} px"
    assert watched.troubles == []


def test_history_says_who_changed_what_and_brings_it_back_without_scripts(
    demo: Demo, points, open_page
):
    point = next(points)
    page = signed_in(open_page).page
    page.goto(f"{demo.url}/my/points/{point['id']}?lang=en")
    page.get_by_label("English name").fill("Wrong name")
    page.get_by_role("button", name="Review before saving").last.click()
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_role("link", name="History of the point").click()
    newest = page.locator(".history > li").first
    words = newest.inner_text()
    assert "Updated" in words
    assert "GIS" in words
    assert re.search(r"\b20\d\d\b", words)
    assert newest.locator("ins").inner_text() == "Wrong name"
    assert newest.locator("del").inner_text() == point["properties"]["name_en"]
    assert newest.get_by_role("link").count() == 0, "the current revision is not restored"
    page.goto(f"{demo.url}/my/points/{point['id']}/history?lang=th")
    assert "2569" in page.locator(".history > li").first.inner_text()
    page.goto(f"{demo.url}/my/points/{point['id']}/history?lang=en")
    page.get_by_role("link", name="Restore revision 1", exact=True).click()
    assert page.locator("ins").inner_text() == point["properties"]["name_en"]
    page.get_by_label("Reason (optional)").fill("It was right before")
    page.get_by_role("button", name="Restore it").click()
    assert "back, as a draft" in page.get_by_role("status").first.inner_text()
    assert page.get_by_label("English name").input_value() == point["properties"]["name_en"]
    page.get_by_role("link", name="History of the point").click()
    assert "It was right before" in page.locator(".history > li").first.inner_text()


def test_a_moved_position_keeps_its_old_place_in_the_history(demo: Demo, points, open_page):
    point = next(points)
    renamed(demo, point, "Moved")
    page = signed_in(open_page, REVIEWER).page
    page.goto(f"{demo.url}/my/points/{point['id']}/history?lang=en")
    words = page.locator(".history > li").first.inner_text()
    assert "111" in words
    lat = point["geometry"]["coordinates"][1]
    assert f"{lat:.7f}".rstrip("0") in words
    assert page.get_by_role("link", name=re.compile("Restore")).count() == 0


def test_f2_duplicates_merged_in_the_browser_lead_posters_to_the_one_left(
    demo: Demo, points, open_page
):
    duplicate, left = next(points), next(points)
    watched = signed_in(open_page)
    page = watched.page
    page.goto(f"{demo.url}/my/points/{duplicate['id']}?lang=en")
    page.get_by_role("link", name="Merge a duplicate").click()
    page.locator("form.step").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_label("Reason").fill("The same police station twice")
    page.get_by_label("Point that takes its place").fill("ZZZZZZZ")
    page.get_by_role("button", name="Check before confirming").click()
    assert "no such successor" in page.locator("#successor-error").inner_text()
    assert page.get_by_label("Reason").input_value() == "The same police station twice"
    page.get_by_label("Point that takes its place").fill(f" {code_of(left).lower()} ")
    page.get_by_role("button", name="Check before confirming").click()
    shown = page.get_by_role("status").inner_text()
    assert code_of(left) in shown
    page.get_by_role("button", name="Merge this point into the one above").click()
    page.wait_for_url("**done=merged**")
    assert page.locator("#name_th").count() == 0, "a merged point has no form"
    page.get_by_role("link", name="History of the point").click()
    assert left["properties"]["name_en"] in page.locator("main").inner_text()

    poster = open_page(lang="en")
    poster.goto(f"/p/{code_of(duplicate)}")
    assert poster.page.url == f"{demo.url}/p/{code_of(left)}"
    assert poster.page.locator("h1").inner_text() == left["properties"]["name_en"]
    page.goto(f"{demo.url}/my/points/{left['id']}/history?lang=en")
    assert code_of(duplicate) in page.locator("main").inner_text()


def test_f6_an_office_that_moved_says_where_to(demo: Demo, points, open_page):
    old, new = next(points), next(points)
    page = signed_in(open_page, REVIEWER).page
    page.goto(f"{demo.url}/my/points/{old['id']}?lang=en")
    page.get_by_role("link", name="Moved elsewhere").click()
    page.get_by_label("Reason").fill("New building")
    page.get_by_label("Point that takes its place").fill(f"{demo.url}/p/{code_of(new)}")
    page.get_by_role("button", name="Check before confirming").click()
    page.get_by_role("button", name="Mark as moved").click()
    page.wait_for_url("**done=moved**")
    public = open_page(lang="en")
    public.goto(f"/p/{code_of(old)}?lang=en")
    link = public.page.locator(".note.bad").get_by_role("link")
    assert link.inner_text() == new["properties"]["name_en"]
    link.click()
    assert public.page.url.endswith(f"/p/{code_of(new)}")


def test_somebody_faster_is_told_and_nothing_typed_is_lost(demo: Demo, points, open_page):
    point = next(points)
    page = signed_in(open_page).page
    page.goto(f"{demo.url}/my/points/{point['id']}/steps/withdraw?lang=en")
    renamed(demo, point, "Changed meanwhile")
    page.get_by_label("Reason").fill("Never there")
    page.get_by_role("button", name="Withdraw this point").click()
    assert "changed a moment ago" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Reason").input_value() == "Never there"
    page.get_by_role("button", name="Withdraw this point").click()
    page.wait_for_url("**done=withdrawn**")
    page.get_by_role("link", name="Reopen").click()
    page.get_by_label("Reason").fill("It is there")
    page.get_by_role("button", name="Reopen this point").click()
    page.wait_for_url("**done=reopened**")
    assert "Draft" in page.locator("main .badge").first.inner_text()
