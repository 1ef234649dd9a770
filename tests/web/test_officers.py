# SPDX-License-Identifier: GPL-2.0-or-later
"""An officer's work in Chromium: find the way in, add, place, correct, submit, on a phone too."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from geoapi import records, service_points
from geoapi.demo.identity import DEMO_PASSWORD
from geoapi.errors import InvalidDocumentError
from geoapi.record_kinds import KINDS
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.web import point_data
from tests.web.conftest import Demo, Watched, sign_in

pytestmark = pytest.mark.browser

OFFICER, EDITOR = "officer-maechan", "gis-chiangrai"
OFFICER_ID = str(uuid.uuid5(uuid.NAMESPACE_OID, f"pakmud-demo/{OFFICER}"))
POINTS: dict[str, Iterator[str]] = {}
PHONES = {
    "android": (360, "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/131.0 Mobile"),
    "ios": (390, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"),
}
# A page fits the phone, and what is touched is large enough.
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll(
  "main button, main select, main input, main a.button")]
  .filter((e) => e.offsetParent && !["checkbox", "radio", "hidden"].includes(e.type)
    && !e.closest(".maplibregl-ctrl-attrib, .sr") && !e.classList.contains("sr"))
  .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def own_point(demo: Demo) -> str:
    """The id of a verified point that no other test touches."""
    search = point_data.PointSearch(state="verified", category="police_station", size=40)
    if demo.url not in POINTS:
        found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
        POINTS[demo.url] = iter([feature["id"] for feature in found.features])
    return next(POINTS[demo.url])


def edit(open_page: Callable[..., Watched], point_id: str, **how):
    watched = open_page(lang="en", scripts=False, **how)
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{point_id}?lang=en")
    return watched.page


def review(page) -> None:
    page.get_by_role("button", name="Review before saving").last.click()


def save(page) -> None:
    review(page)
    page.get_by_role("button", name="Save as a draft").click()


def assign(demo: Demo, name: str) -> str:
    """Assign a place without a point to the officer; return the assignment's id."""
    point = point_data.public_point(demo.site, demo.story["id"])
    properties = {
        "state": "assigned", "owner_id": OFFICER_ID, "name_th": name,
        "category": "community_development_office", "district_code": "5707",
        "agency_id": point["properties"]["agency_id"],
        "due_on": (date.today() + timedelta(days=3)).isoformat(),  # noqa: DTZ011 - any day to come
    }  # fmt: skip
    feature = {"type": "Feature", "geometry": None, "properties": properties}
    context = WriteContext(SYSTEM, if_match=("*",))
    return records.create(demo.site, context, KINDS["assignments"], feature).id


@pytest.mark.parametrize("device", PHONES)
def test_r16_works_on_a_phone_from_the_start_page(device: str, browser, demo: Demo):
    width, agent = PHONES[device]
    context = browser.new_context(
        viewport={"width": width, "height": 740}, user_agent=agent, has_touch=True, is_mobile=True,
        device_scale_factor=2, locale="en-GB",
    )  # fmt: skip
    page = context.new_page()
    page.goto(demo.url)
    page.get_by_role("link", name="Sign in").first.tap()
    page.get_by_label("Username").fill(OFFICER)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.locator("main form button").last.tap()
    page.locator("header a[href='/my']").tap()
    page.wait_for_url("**/my")
    for path in ("/my", "/my/nearby?at=20.146,99.852", "/my/points/new", None):
        if path is None:
            page.goto(f"{demo.url}/my/points/{demo.story['id']}")
        else:
            page.goto(demo.url + path)
        assert page.evaluate(FITS), path
        assert page.evaluate(SMALL) == [], path
    context.close()


def test_r17_officer_signs_in_with_name_and_password(open_page, demo: Demo):
    watched = open_page(lang="en", scripts=False, width=360)
    page = watched.page
    watched.goto("/my?lang=en")
    page.get_by_label("Username").fill(OFFICER)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.locator("main form button").last.click()
    assert page.url.startswith(f"{demo.url}/my")
    assert page.get_by_role("heading", name="What to do today").is_visible()


def test_r18_profile_has_name_and_confirmed_mobile(open_page):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, OFFICER)
    watched.goto("/auth/account?lang=en")
    page = watched.page
    page.locator("#mobile").fill("0 5377 1234")
    page.get_by_role("button", name="Confirm this number").click()
    assert "no mobile phone number" in page.get_by_role("alert").inner_text()
    assert page.locator("#mobile").input_value() == "0 5377 1234"
    page.locator("#mobile").fill("๐๘๑-๒๓๔-๕๖๗๘")
    page.get_by_role("button", name="Confirm this number").click()
    assert page.locator("#mobile").input_value() == "08 1234 5678"
    assert "Confirmed on" in page.locator("main").inner_text()


def test_r19_own_position_fills_the_search(browser, demo: Demo, open_page):
    watched = open_page(lang="en", width=360)
    watched.page.context.grant_permissions(["geolocation"])
    watched.page.context.set_geolocation({"longitude": 99.852681, "latitude": 20.146224})
    sign_in(watched, OFFICER)
    watched.goto("/my/nearby?lang=en")
    page = watched.page
    page.get_by_role("button", name="Use my position").click()
    page.wait_for_url("**at=20.146224**")
    assert re.search(r"\d+ found", page.locator("main").inner_text())


def test_r20_nearby_places_tell_what_is_there(open_page, demo: Demo):
    point = point_data.public_point(demo.site, demo.story["id"])
    lon, lat = point["geometry"]["coordinates"]
    watched = open_page(lang="en", scripts=False, width=360)
    sign_in(watched, OFFICER)
    watched.goto(f"/my/nearby?lon={lon}&lat={lat}&radius=5000&lang=en")
    page = watched.page
    rows = page.locator("ul.list > li")
    assert demo.story["name_en"] in rows.first.inner_text()
    assert "edit it" in rows.first.inner_text()
    assert rows.first.locator("a").get_attribute("href") == f"/my/points/{demo.story['id']}"
    metres = [
        float(n) * (1000 if unit == "km" else 1)
        for n, unit in re.findall(r"· ([\d.]+) (km|m) away", page.locator("main").inner_text())
    ]
    assert metres == sorted(metres)
    watched.goto("/my/nearby?at=somewhere&lang=en")
    assert "is no position" in page.locator("main").inner_text()
    watched.goto("/my/nearby?district_code=5707&lang=en")
    assert rows.count() > 1


def test_r21_place_is_added_and_not_twice(open_page, demo: Demo):
    watched = open_page(lang="en", scripts=False, width=360)
    sign_in(watched, EDITOR)
    page = watched.page
    page.get_by_role("link", name="Add a place").click()
    page.get_by_role("button", name="Add this place").last.click()
    assert "Please give the Thai name" in page.get_by_role("alert").inner_text()
    page.locator("#name_th").fill("สถานีตำรวจทดสอบ")
    page.locator("#category").select_option("police_station")
    page.locator("#lat").fill("https://www.openstreetmap.org/#map=17/20.2/99.9")
    page.get_by_role("button", name="Add this place").last.click()
    page.wait_for_url("**done=created**")
    assert page.locator("#district_code").input_value() != "", "the map says where it is"
    first = page.url
    watched.goto("/my/points/new?at=20.2005,99.9&lang=en")
    page.locator("#name_th").fill("ชื่ออื่น")
    page.locator("#category").select_option("police_station")
    page.get_by_role("button", name="Add this place").last.click()
    alert = page.get_by_role("alert")
    assert "may be there already" in alert.inner_text()
    assert alert.get_by_role("link").first.get_attribute("href") in first
    page.locator("#is_other").check()
    page.get_by_role("button", name="Add this place").last.click()
    page.wait_for_url("**done=created**")


def test_new_place_has_a_draft_before_it_exists(open_page, demo: Demo):
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    watched.goto("/my/points/new?lang=en")
    page = watched.page
    page.locator("#name_en").fill("Half a place")
    page.get_by_text(re.compile(r"Draft saved")).wait_for(timeout=15_000)
    watched.goto("/my?lang=en")
    page.get_by_label("Continue: Half a place").click()
    assert page.locator("#name_en").input_value() == "Half a place"
    page.locator("#name_th").fill("สถานที่จากร่าง")
    page.locator("#category").select_option("court")
    page.get_by_role("button", name="Add this place").last.click()
    page.wait_for_url("**done=created**")
    watched.goto("/my?lang=en")
    assert page.get_by_label("Continue: Half a place").count() == 0


def test_r22_rule_of_the_position_in_words(own_point: str, open_page):
    page = edit(open_page, own_point)
    assert "main entrance" in page.locator("#position").inner_text()
    options = page.locator("#position_basis option").all_inner_texts()
    assert {"Main entrance", "Middle of the building"} <= set(options)
    other = page.locator("#position_basis").input_value()
    wanted = "building_centre" if other == "main_entrance" else "main_entrance"
    page.locator("#position_basis").select_option(wanted)
    page.locator("#accuracy_m").fill("๕")
    save(page)
    assert page.locator("#position_basis").input_value() == wanted
    assert page.locator("#accuracy_m").input_value() == "5"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_r24_assigned_place_to_submitted_in_few_steps(
    scripts: bool, open_page, demo: Demo, record_property
):
    name = f"จุดบริการเคลื่อนที่แม่จัน {'หนึ่ง' if scripts else 'สอง'}"
    assign(demo, name)
    watched, steps = open_page(lang="en", width=360, scripts=scripts), []
    page = watched.page
    begun_s = time.monotonic()
    sign_in(watched, OFFICER)
    steps.append("sign in")
    watched.goto("/my?lang=en")
    page.get_by_label(f"Begin with {name}").click()
    steps.append("begin")
    # name and type have filled themselves in
    assert page.locator("#name_th").input_value() == name
    assert page.locator("#category").input_value() == "community_development_office"
    for field, text in (
        ("lat", "20.146224, 99.852681" if scripts else "20°08'46.4\" N 99°51'09.6\" E"),
        ("address_th", "หมู่ 1 ตำบลแม่จัน"),
        ("phone-0-number", "026126262 #1234"),
    ):
        page.locator(f'[id="{field}"]').fill(text)
        steps.append(field)
    page.locator("#position_basis").select_option("main_entrance")
    review(page)
    page.get_by_role("button", name="Save and submit").click()
    steps += ["basis", "review", "submit"]
    page.wait_for_url("**done=submitted**")
    record_property("seconds", round(time.monotonic() - begun_s, 1))
    assert "Submitted" in page.locator("main .badge").first.inner_text()
    assert len(steps) <= 8
    watched.goto("/my?lang=en")
    assert page.get_by_label(f"Begin with {name}").count() == 0


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
    other = next(POINTS[demo.url])
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


def test_areas_are_taken_from_the_map(open_page, demo: Demo):
    # the office of the story stands in another district than its address says
    page = edit(open_page, demo.story["id"])
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
