# SPDX-License-Identifier: GPL-2.0-or-later
"""An officer's work in Chromium: find the way in, add, place, correct, submit, on a phone too."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from geoapi import records
from geoapi.demo.identity import DEMO_PASSWORD
from geoapi.record_kinds import KINDS
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.web import point_data
from tests.web.conftest import Demo, sign_in
from tests.web.officer_samples import (
    EDITOR,
    FITS,
    OFFICER,
    OFFICER_ID,
    PHONES,
    SMALL,
    edit,
    review,
    save,
)

pytestmark = pytest.mark.browser


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
def test_r24_assigned_place_to_submitted_in_few_steps(scripts: bool, open_page, demo: Demo):
    name = f"จุดบริการเคลื่อนที่แม่จัน {'หนึ่ง' if scripts else 'สอง'}"
    assign(demo, name)
    watched, steps = open_page(lang="en", width=360, scripts=scripts), []
    page = watched.page
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
    assert "Submitted" in page.locator("main .badge").first.inner_text()
    assert len(steps) <= 8, "three minutes are enough for twenty seconds a step"
    watched.goto("/my?lang=en")
    assert page.get_by_label(f"Begin with {name}").count() == 0
