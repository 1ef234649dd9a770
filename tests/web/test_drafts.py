# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts in Chromium: kept by themselves, resumed elsewhere, merged, thrown away and had back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from geoapi import drafts, service_points
from geoapi.drafts import Typed
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.web import point_data
from tests.web.conftest import Demo, Watched, sign_in

pytestmark = pytest.mark.browser

EDITOR = "gis-chiangrai"
POINTS: dict[str, Iterator[str]] = {}
# What is typed into each field, in the order of the form; lists are chosen from.
TYPED = {
    "lat": "20.11", "lon": "99.86", "accuracy_m": "7", "move_reason": "ย้ายอาคาร",
    "name_th": "ชื่อใหม่", "name_en": "New name", "short_name": "ชม.", "address_th": "1 หมู่ 2",
    "address_en": "1 Moo 2", "postal_code": "57110", "phone-0-number": "026126262 #1234",
    "phone-0-ext": "9", "phone-0-label": "ประชาสัมพันธ์", "opening_hours": "Mo-Fr 08:30-16:30",
    "website": "https://example.go.th", "email": "a@example.go.th", "readers_installed": "3",
    "readers_working": "2", "readers_planned_on": "๓๑/๑/๒๕๗๔",
}  # fmt: skip


def points(demo: Demo) -> Iterator[str]:
    search = point_data.PointSearch(state="verified", category="health_promoting_hospital", size=40)
    found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
    return iter([feature["id"] for feature in found.features])


@pytest.fixture
def own_point(demo: Demo) -> str:
    """The id of a verified point that no other test touches."""
    return next(POINTS.setdefault(demo.url, points(demo)))


def opened(open_page, point_id: str, **how) -> Watched:
    watched = open_page(lang="en", **how)
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{point_id}?lang=en")
    return watched


def save_elsewhere(demo: Demo, point_id: str, **properties: str) -> None:
    context = WriteContext(SYSTEM, if_match=("*",))
    service_points.update(demo.site, context, point_id, {"properties": properties})


def wait_kept(page) -> None:
    page.get_by_text(re.compile(r"Draft saved \d\d:\d\d")).wait_for(timeout=15_000)


def test_r28_killed_at_any_field_at_most_one_field_is_lost(
    own_point: str, open_page, browser, demo: Demo
):
    watched = opened(open_page, own_point)
    state = watched.page.context.storage_state()
    names = list(TYPED)
    for number, name in enumerate(names):
        context = browser.new_context(storage_state=state, locale="en-GB")
        page = context.new_page()
        page.goto(f"{demo.url}/my/points/{own_point}?lang=en")
        before = {n: page.locator(f'[id="{n}"]').input_value() for n in names[:number]}
        lost = [n for n, value in before.items() if value != TYPED[n]]
        assert len(lost) <= 1, f"killed in {names[number - 1]}: {lost}"
        for again in lost:  # the one that was lost is typed anew
            page.locator(f'[id="{again}"]').fill(TYPED[again])
        field = page.locator(f'[id="{name}"]')
        field.fill("")
        field.press_sequentially(TYPED[name])
        # the browser dies in this field, without a word to the page
        page.goto("about:blank") if number % 5 == 4 else page.context.close()
        context.close()
    page = opened(open_page, own_point).page
    held = {n: page.locator(f'[id="{n}"]').input_value() for n in names}
    assert sum(held[n] != TYPED[n] for n in names) <= 1, held


def test_r29_draft_goes_on_at_another_machine(own_point: str, open_page, demo: Demo):
    first = opened(open_page, own_point).page
    first.locator("#name_en").fill("Half a na")
    first.locator("#website").fill("not yet a link")
    wait_kept(first)
    assert first.locator("#draft-status").get_attribute("aria-live") == "polite"
    second = open_page(lang="en", width=360)
    sign_in(second, EDITOR)
    page = second.page
    page.goto(f"{demo.url}/my?lang=en")
    page.locator(f"a.button[href='/my/points/{own_point}']").click()
    assert "Going on with your draft" in page.locator("main").inner_text()
    assert page.locator("#name_en").input_value() == "Half a na"
    assert page.locator("#website").input_value() == "not yet a link"
    point = point_data.public_point(demo.site, own_point)
    assert point["properties"].get("name_en") != "Half a na"


def test_draft_is_kept_without_scripts(own_point: str, open_page):
    page = opened(open_page, own_point, scripts=False).page
    page.locator("#name_en").fill("By the button")
    page.locator("#lat").fill("nowhere")
    page.get_by_role("button", name="Keep as a draft").click()
    assert "The draft is kept" in page.get_by_role("status").first.inner_text()
    assert page.locator("#name_en").input_value() == "By the button"
    assert page.locator("#lat").input_value() == "nowhere"


def test_draft_is_thrown_away_and_had_back(own_point: str, open_page):
    page = opened(open_page, own_point, scripts=False).page
    before = page.locator("#name_en").input_value()
    page.locator("#name_en").fill("Thrown away")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("button", name="Throw the draft away").click()
    page.get_by_role("button", name="Have the draft back").click()
    assert page.locator("#name_en").input_value() == "Thrown away"
    page.get_by_role("button", name="Throw the draft away").click()
    page.goto(page.url.split("/my")[0] + f"/my/points/{own_point}")
    assert page.locator("#name_en").input_value() == before


def test_saving_ends_the_draft(own_point: str, open_page, demo: Demo):
    page = opened(open_page, own_point).page
    page.locator("#name_en").fill("Saved for good")
    wait_kept(page)
    page.get_by_role("button", name="Review before saving").last.click()
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url("**done=saved**")
    assert "Going on with" not in page.locator("main").inner_text()
    page.goto(f"{demo.url}/my?lang=en")
    assert page.locator(f"a.button[href='/my/points/{own_point}']").count() == 0


def test_other_fields_that_changed_meanwhile_merge_into_the_draft(
    own_point: str, open_page, demo: Demo
):
    page = opened(open_page, own_point, scripts=False).page
    page.locator("#short_name").fill("ร่าง")
    page.get_by_role("button", name="Keep as a draft").click()
    save_elsewhere(demo, own_point, name_en="Changed meanwhile")
    page.goto(f"{demo.url}/my/points/{own_point}?lang=en")
    words = page.locator("main").inner_text()
    assert "merged: English name" in words
    assert page.locator("#short_name").input_value() == "ร่าง"
    assert page.locator("#name_en").input_value() == "Changed meanwhile"


def test_same_field_that_changed_meanwhile_is_asked_for(own_point: str, open_page, demo: Demo):
    page = opened(open_page, own_point, scripts=False).page
    page.locator("#name_en").fill("In my draft")
    page.get_by_role("button", name="Keep as a draft").click()
    save_elsewhere(demo, own_point, name_en="Saved meanwhile")
    page.goto(f"{demo.url}/my/points/{own_point}?lang=en")
    words = page.locator("main").inner_text()
    assert "In my draft" in words
    assert "Saved meanwhile" in words
    page.locator("input[value=mine]").check()
    page.get_by_role("button", name="Take what I chose").click()
    page.get_by_role("button", name="Save as a draft").click()
    assert page.locator("#name_en").input_value() == "In my draft"


def test_draft_of_a_deleted_point_is_shown_to_be_copied(open_page, demo: Demo):
    search = point_data.PointSearch(state="draft", category="", size=5)
    found = point_data.working_points(demo.site, SYSTEM, "points.edit", search)
    point_id = next(
        f["id"]
        for f in found.features
        if point_data.public_point(demo.site, f["id"]) is None
        and f["properties"]["province_code"] == "57"
    )
    page = opened(open_page, point_id, scripts=False).page
    page.locator("#name_en").fill("Only copy of this text")
    page.get_by_role("button", name="Keep as a draft").click()
    service_points.delete(demo.site, WriteContext(SYSTEM, if_match=("*",)), point_id)
    response = page.goto(f"{demo.url}/my/points/{point_id}?lang=en")
    assert response.status == 404
    words = page.locator("main").inner_text()
    assert "was deleted" in words
    assert "Only copy of this text" in words
    page.get_by_role("button", name="Throw the draft away").click()
    assert page.goto(f"{demo.url}/my/points/{point_id}").status == 404


def test_newer_draft_of_another_window_is_not_overwritten_by_itself(
    own_point: str, open_page, demo: Demo
):
    first, second = (opened(open_page, own_point).page for _ in range(2))
    first.locator("#name_en").fill("First window")
    wait_kept(first)
    second.locator("#name_en").fill("Second window")
    second.get_by_text("Another window or machine").wait_for(timeout=15_000)
    kept = drafts_of(demo, own_point)
    assert kept.values["name_en"] == "First window"
    assert second.locator("#name_en").input_value() == "Second window"
    for _ in range(2):  # the first press says it, the second means it
        second.get_by_role("button", name="Keep as a draft").click()
    assert drafts_of(demo, own_point).values["name_en"] == "Second window"


def drafts_of(demo: Demo, point_id: str) -> Typed:
    from geoapi.rights import Viewer
    from geoapi.store.accounts import user_by_name

    user = demo.site.store.read(lambda c: user_by_name(c, EDITOR))
    return drafts.of_point(demo.site, Viewer(user.id), point_id).typed


def test_late_save_of_the_page_before_does_not_stop_the_next_page(own_point: str, open_page):
    watched = open_page(lang="en")
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{own_point}?lang=en")
    page, held = watched.page, []

    def hold(route) -> None:
        held.append(route.request)
        route.abort()

    page.route("**/draft", hold)
    page.locator('[id="phone-0-number"]').fill("not a number")
    page.locator("#name_en").fill("An office")
    page.get_by_role("button", name="Review before saving").last.click()
    page.get_by_role("alert").wait_for()
    page.unroute("**/draft")
    assert held
    # only now the save of the page before arrives
    late = held[-1]
    sent = page.request.put(late.url, data=late.post_data_buffer, headers=late.headers)
    assert sent.status == 200
    with page.expect_response("**/draft") as answered:
        page.locator("#name_en").fill("An office of ours")
    assert answered.value.status == 200
    page.locator("#draft-status", has_text="Draft saved").wait_for(timeout=15_000)
