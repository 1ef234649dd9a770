# SPDX-License-Identifier: GPL-2.0-or-later
"""The edit form in Chromium, field group by field group, without scripts where it can."""

from __future__ import annotations

import pytest

from geoapi import service_points
from geoapi.errors import InvalidDocumentError
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from tests.web.conftest import UNTOUCHED, Demo, sign_in
from tests.web.officer_samples import EDITOR, edit, review, save

pytestmark = pytest.mark.browser


def test_r25_what_an_officer_checks_is_all_on_one_form(own_point: str, open_page):
    page = edit(open_page, own_point)
    for name in ("name_en", "lat", "lon", "address_th", "address_en", "phone-0-number"):
        field = page.locator(f'[id="{name}"]')
        assert field.is_visible(), name
        assert page.locator(f'label[for="{name}"]').inner_text(), name


def test_r26_several_phones_with_extensions(own_point: str, open_page):
    page = edit(open_page, own_point)
    page.locator('[id="phone-0-number"]').fill("026126262 #1234")
    page.get_by_role("button", name="Add a number").click()
    page.locator('[id="phone-1-number"]').fill("081 234 5678")
    page.locator('[id="phone-1-kind"]').select_option("mobile")
    save(page)
    shown = {f"{i}-{p}": page.locator(f'[id="phone-{i}-{p}"]').input_value()
             for i in (0, 1) for p in ("number", "ext", "kind")}  # fmt: skip
    assert shown["0-number"] == "0 2612 6262"
    assert shown["0-ext"] == "1234"
    assert (shown["1-number"], shown["1-kind"]) == ("08 1234 5678", "mobile")


def test_r27_more_about_the_place(own_point: str, open_page, demo: Demo):
    page = edit(open_page, own_point)
    page.locator("#website").fill("https://example.go.th")
    page.locator("#status").select_option("temporarily_closed")
    page.locator("#hours_days", has=page.locator("option")).evaluate("e => e")
    page.locator("details.helper summary").click()
    page.locator("#hours_to").fill("๑๕.๐๐")
    page.get_by_role("button", name="Put these hours in").click()
    assert page.locator("#opening_hours").input_value() == "Mo-Fr 08:30-15:00; PH off"
    page.locator("#parent_q").fill(demo.story["name_th"])
    page.locator("button[value=find_parent]").click()
    page.locator("#parent_id").select_option(demo.story["id"])
    page.locator("#readers_installed").fill("๓")
    page.locator("#readers_working").fill("4")
    page.locator("#readers_planned_on").fill("๑/๑/๒๕๖๑")
    review(page)
    said = page.get_by_role("alert").inner_text()
    assert "more than the 3 installed" in said
    assert "has passed" in said
    page.locator("#readers_working").fill("2")
    page.locator("#readers_planned_on").fill("๓๑ ธันวาคม ๒๕๙๙")
    page.locator("#civil_registry_link").select_option("live")
    save(page)
    assert page.locator("#parent_id").input_value() == demo.story["id"]
    assert page.locator("#readers_planned_on").input_value() == "31/12/2599"
    kept = service_points.get(demo.site, SYSTEM, own_point).feature["properties"]
    readers = {"installed": 3, "working": 2, "planned_on": "2056-12-31"}
    assert kept["card_readers"] == readers
    assert kept["civil_registry_link"] == "live"


def test_circle_of_main_places_is_refused_in_words(own_point: str, open_page, demo: Demo):
    context = WriteContext(SYSTEM, if_match=("*",))
    patch = {"properties": {"parent_id": own_point}}
    other = next(UNTOUCHED[demo.url])
    service_points.update(demo.site, context, other, patch)
    with pytest.raises(InvalidDocumentError):
        service_points.update(demo.site, context, own_point, {"properties": {"parent_id": other}})
    page = edit(open_page, own_point)
    code = service_points.get(demo.site, SYSTEM, other).feature["properties"]["short_code"]
    page.locator("#parent_q").fill(code)
    page.locator("button[value=find_parent]").click()
    page.locator("#parent_id").select_option(other)
    save(page)
    link = page.get_by_role("alert").get_by_role("link")
    assert link.get_attribute("href") == "#parent_id"
    assert page.locator("#parent_id").get_attribute("aria-invalid") == "true"


def test_r30_edit_shows_before_and_after(own_point: str, open_page):
    page = edit(open_page, own_point)
    before = page.locator("#short_name").input_value()
    page.locator("#short_name").fill("สภ.ใหม่")
    review(page)
    row = page.locator("tr", has_text="Short name")
    assert "สภ.ใหม่" in row.locator("ins").inner_text()
    assert (before or "empty").casefold() in row.locator("del").inner_text().casefold()
    page.get_by_role("button", name="Save as a draft").click()
    assert page.locator("#short_name").input_value() == "สภ.ใหม่"


def test_r32_position_is_locked_until_it_is_unlocked(own_point: str, open_page):
    page = edit(open_page, own_point)
    lat = page.locator("#lat").input_value()
    page.locator("#lat").fill(f"{float(lat) + 0.0001:.6f}")
    review(page)
    assert "locked" in page.get_by_role("alert").inner_text()
    page.locator("#unlock_position").check()
    save(page)
    assert page.locator("#lat").input_value() == f"{float(lat) + 0.0001:.6f}".rstrip("0")


def test_r32_map_unlocks_and_locks_again_with_the_move(own_point: str, open_page, map_library):
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{own_point}?lang=en")
    page = watched.page
    page.locator(".map[data-ready]").wait_for(timeout=20_000)
    tick = page.locator("#unlock_position")
    assert not tick.is_checked()
    page.get_by_role("button", name="Unlock the map").click()
    assert tick.is_checked()
    page.get_by_role("button", name="Lock the position").click()
    assert not tick.is_checked(), "nothing was moved"
    page.get_by_role("button", name="Unlock the map").click()
    page.locator(".marker:not(.old)").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Lock the position").click()
    assert tick.is_checked(), "the move that was made still counts"
    review(page)
    assert "Coordinates" in page.locator("table").inner_text()


def test_f4_embassy_abroad_is_right_and_a_school_there_is_not(own_point: str, open_page):
    page = edit(open_page, own_point)
    page.locator("#lat").fill("35.65, 139.72")
    page.locator("#lon").fill("")
    page.locator("#unlock_position").check()
    page.locator("#move_reason").fill("ย้ายไปต่างประเทศ")
    review(page)
    assert "outside Thailand" in page.get_by_role("alert").inner_text()
    page.locator("#category").select_option("embassy")
    review(page)
    assert page.get_by_role("alert").count() == 0
    assert "139.72" in page.locator("table").inner_text()


def test_f9_names_that_are_too_long_are_told_so_and_kept(own_point: str, open_page):
    page = edit(open_page, own_point)
    name = "ก" * 260
    page.locator("#name_th").fill(name)
    review(page)
    assert "260 characters, 10 more than the 250" in page.get_by_role("alert").inner_text()
    assert page.locator("#name_th").input_value() == name
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{own_point}?lang=en")
    watched.page.locator("#short_name").fill("ก" * 81)
    counter = watched.page.locator("[data-count-for=short_name]")
    assert counter.inner_text() == "81 / 80"
    assert "over" in counter.get_attribute("class")


def test_areas_are_taken_from_the_map(open_page, fresh_demo: Demo):
    # the office of the story stands in another district than its address says
    page = edit(open_page, fresh_demo.story["id"])
    note = page.locator("#areas-differ")
    before = page.locator("#district_code").input_value()
    assert "District: " in note.inner_text()
    page.get_by_role("button", name="Take the areas from the map").click()
    assert page.locator("#district_code").input_value() != before
    assert page.locator("#areas-differ").count() == 0


def test_agency_is_found_by_name_inside_the_own_scope(own_point: str, open_page):
    page = edit(open_page, own_point)
    page.locator("#agency_q").fill("พัฒนาชุมชน")
    page.locator("button[value=find_agency]").click()
    assert any("Community" in o for o in page.locator("#agency_id option").all_inner_texts())
