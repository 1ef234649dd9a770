# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration's story in Chromium, and the edit form with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from geoapi.rights import SYSTEM
from geoapi.web import point_data
from tests.web.conftest import Demo, sign_in

pytestmark = pytest.mark.browser

EDITOR = "gis-chiangrai"
# {address of a demonstration: its points that are still untouched}
POINTS: dict[str, Iterator[str]] = {}


def drag(page, marker, dx: int, dy: int) -> None:
    marker.evaluate("(element) => element.closest('.map').scrollIntoView({block: 'center'})")
    box = marker.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def test_story_from_wrong_place_to_public_page(fresh_demo: Demo, open_page, map_library):
    story = fresh_demo.story
    officer = open_page(lang="en")
    officer.goto("/?lang=en")
    page = officer.page
    page.get_by_role("button", name="Sign in as the officer").click()
    page.wait_for_url(f"**/my/points/{story['id']}*")
    # the same point is found through the list
    page.get_by_role("link", name="My points", exact=True).click()
    page.get_by_label("Name, code or phone number").fill("Community Development")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=story["name_en"]).click()
    page.locator(".map[data-ready]").wait_for(timeout=20_000)

    marker = page.locator(".marker:not(.old)")
    before = page.locator("#lat").input_value()
    drag(page, marker, 60, -60)
    assert page.locator("#lat").input_value() == before, "a locked point must not move"
    page.get_by_role("button", name="Unlock the map").click()
    drag(page, marker, 60, -60)
    assert page.locator("#lat").input_value() != before
    assert re.search(r"Moved by [\d,]+ metres", page.locator("#moved").inner_text())

    lon, lat = story["right_coordinates"]
    page.locator("#lat").fill(f"{lat}, {lon}")
    page.locator("#lat").press("Tab")
    assert page.locator("#lon").input_value() == str(lon)
    page.get_by_role("button", name="Review before saving").last.click()
    alert = page.get_by_role("alert")
    assert "Please say why" in alert.inner_text()
    alert.get_by_role("link").click()
    page.locator("#move_reason").fill("It stands in the compound of the district office")
    page.get_by_role("button", name="Review before saving").last.click()
    assert str(lat) in page.locator("ins").first.inner_text()
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**done=submitted**")
    assert "Submitted" in page.locator("main .badge").first.inner_text()

    supervisor = open_page(lang="en")
    supervisor.goto("/?lang=en")
    page = supervisor.page
    page.get_by_role("button", name="Sign in as the supervisor").click()
    page.wait_for_url(f"**/my/points/{story['id']}*")
    assert "district office" in page.locator("main").inner_text()
    page.get_by_role("button", name="Verify and publish").click()
    page.wait_for_url("**done=verified**")
    page.get_by_role("link", name="Public page").click()
    assert f"{lat:.6f}, {lon:.6f}" in page.locator("main").inner_text()
    public = point_data.public_point(fresh_demo.site, story["id"])
    assert public["geometry"]["coordinates"] == [lon, lat]
    # Chromium notes the answer that named the missing reason
    assert len(officer.troubles) == 1
    assert "status of 422" in officer.troubles[0]
    assert supervisor.troubles == []


def test_keys_move_an_unlocked_point_by_metres(own_point: str, open_page, map_library):
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{own_point}?lang=en")
    page = watched.page
    page.locator(".map[data-ready]").wait_for(timeout=20_000)
    lat = float(page.locator("#lat").input_value())
    page.get_by_role("button", name="Unlock the map").click()
    page.locator(".marker:not(.old)").focus()
    page.keyboard.press("ArrowUp")
    assert float(page.locator("#lat").input_value()) - lat == pytest.approx(1 / 111_195, abs=1e-6)
    page.keyboard.press("Shift+ArrowUp")
    assert float(page.locator("#lat").input_value()) - lat == pytest.approx(11 / 111_195, abs=2e-6)


@pytest.fixture
def own_point(demo: Demo) -> str:
    """The id of a verified point that no other test touches."""
    return next(POINTS.setdefault(demo.url, verified_points(demo)))


def verified_points(demo: Demo) -> Iterator[str]:
    search = point_data.PointSearch(state="verified", category="school")
    found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
    return iter([feature["id"] for feature in found.features])


def edit_without_scripts(open_page, item_id: str):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{item_id}?lang=en")
    return watched.page


def test_form_works_without_scripts(own_point: str, open_page):
    page = edit_without_scripts(open_page, own_point)
    page.get_by_label("English name").fill("Mae Chan CDO")
    page.get_by_role("button", name="Add a number").click()
    page.locator("#phone-1-number").fill("๐-๕๓๑๕-๐๑๖๑")
    page.locator("#phone-1-kind").select_option("fax")
    page.get_by_role("button", name="Review before saving").last.click()
    table = page.locator("table").inner_text()
    assert "Mae Chan CDO" in table
    page.get_by_role("button", name="Save as a draft").click()
    assert "Saved as a draft" in page.get_by_role("status").first.inner_text()
    assert page.locator("#phone-1-number").input_value() == "0 5315 0161"
    assert page.locator("#name_en").input_value() == "Mae Chan CDO"
    page.get_by_role("button", name="Submit for review").click()
    assert "Submitted" in page.locator("main .badge").first.inner_text()


def test_lists_of_areas_follow_each_other_without_scripts(own_point: str, open_page):
    page = edit_without_scripts(open_page, own_point)
    page.get_by_label("District", exact=True).select_option(label="Mae Sai")
    page.get_by_role("button", name="Update the lists").click()
    options = page.locator("#subdistrict_code option").all_inner_texts()
    assert "Wiang Phang Kham" in options


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lat", "99.85", "outside Thailand"),
        ("lon", "abc", "not a number"),
        ("phone-0-number", "12", "not one phone number"),
        ("website", "ftp://x", ""),
        ("name_th", "", ""),
    ],
)
def test_wrong_field_is_named_and_kept(own_point: str, open_page, field, value, words):
    page = edit_without_scripts(open_page, own_point)
    page.locator(f"#{field}").fill(value)
    page.get_by_role("button", name="Review before saving").last.click()
    alert = page.get_by_role("alert")
    assert words in alert.inner_text()
    assert alert.get_by_role("link").first.get_attribute("href") == f"#{field}"
    wrong = page.locator(f"#{field}")
    assert wrong.get_attribute("aria-invalid") == "true"
    assert wrong.input_value() == value
    described = wrong.get_attribute("aria-describedby").split()
    assert page.locator(f"#{described[-1]}").inner_text() != ""


def test_swapped_coordinates_are_explained(own_point: str, open_page):
    page = edit_without_scripts(open_page, own_point)
    page.locator("#lat").fill("99.852681")
    page.locator("#lon").fill("20.146224")
    page.get_by_role("button", name="Review before saving").last.click()
    assert "swapped" in page.get_by_role("alert").inner_text()


def save_name(page, field: str, value: str) -> None:
    page.locator(f"#{field}").fill(value)
    page.get_by_role("button", name="Review before saving").last.click()
    page.get_by_role("button", name="Save as a draft").click()


def test_different_fields_of_two_people_merge_without_a_question(own_point: str, open_page):
    mine = edit_without_scripts(open_page, own_point)
    save_name(edit_without_scripts(open_page, own_point), "name_en", "Their name")
    mine.locator("#short_name").fill("ของฉัน")
    mine.get_by_role("button", name="Review before saving").last.click()
    table = mine.locator("table").inner_text()
    assert "ของฉัน" in table
    assert "Their name" not in table, "theirs is saved already"
    mine.get_by_role("button", name="Save as a draft").click()
    assert mine.locator("#short_name").input_value() == "ของฉัน"
    assert mine.locator("#name_en").input_value() == "Their name"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_same_field_of_two_people_is_asked_for(own_point: str, open_page, choice: str):
    mine = edit_without_scripts(open_page, own_point)
    before = mine.locator("#name_en").input_value()
    save_name(edit_without_scripts(open_page, own_point), "name_en", f"Their {choice}")
    mine.locator("#name_en").fill(f"My {choice}")
    mine.locator("#short_name").fill("ของฉัน")
    mine.get_by_role("button", name="Review before saving").last.click()
    words = mine.locator("main").inner_text()
    assert all(text in words for text in (before, f"Their {choice}", f"My {choice}"))
    assert mine.locator("fieldset").count() == 1, "the field that only one touched is no question"
    mine.get_by_role("button", name="Take what I chose").click()
    assert mine.locator("fieldset").count() == 1, "without a choice it is asked again"
    mine.locator(f"input[value={choice}]").check()
    mine.get_by_role("button", name="Take what I chose").click()
    mine.get_by_role("button", name="Save as a draft").click()
    kept = {"mine": f"My {choice}", "theirs": f"Their {choice}"}[choice]
    assert mine.locator("#name_en").input_value() == kept
    assert mine.locator("#short_name").input_value() == "ของฉัน"


def test_return_needs_a_reason_and_reaches_the_officer(own_point: str, open_page, demo: Demo):
    officer = edit_without_scripts(open_page, own_point)
    officer.get_by_label("Short name").fill("ร.ร.")
    officer.get_by_role("button", name="Review before saving").last.click()
    officer.get_by_role("button", name="Save and submit").click()
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, "supervisor-chiangrai")
    watched.goto(f"/my/points/{own_point}?lang=en")
    page = watched.page
    page.get_by_role("button", name="Return with a reason").click()
    assert page.locator("#reason").get_attribute("aria-invalid") == "true"
    page.locator("#reason").fill("Spell it out")
    page.get_by_role("button", name="Return with a reason").click()
    assert "Returned" in page.locator("main .badge").first.inner_text()
    officer.goto(f"{demo.url}/my/points/{own_point}?lang=en")
    assert "Spell it out" in officer.locator("main").inner_text()


def test_others_cannot_open_the_edit_page(own_point: str, open_page):
    watched = open_page(scripts=False)
    watched.goto(f"/my/points/{own_point}")
    assert "/auth/login" in watched.page.url
    sign_in(watched, "moderator")
    response = watched.goto(f"/my/points/{own_point}")
    assert response.status == 403
