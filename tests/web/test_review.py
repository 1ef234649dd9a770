# SPDX-License-Identifier: GPL-2.0-or-later
"""The reviewer's pages in Chromium: a hundred points by keys, without scripts, two at once."""

from __future__ import annotations

import re
import time

import pytest

from geoapi import service_points
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from tests.web.conftest import Demo, sign_in
from tests.web.review_samples import REVIEWER, decide, waiting
from tests.web.test_pages import faults

pytestmark = pytest.mark.browser

POINTS = 100
MOST_SECONDS = 300
MOUSE = """() => { for (const kind of ["mousedown", "click", "pointerdown"]) {
  addEventListener(kind, (event) => {
    if (event.detail > 0 || event.pointerType === "mouse") console.error("mouse used");
  }, true);
} }"""


def state_of(demo: Demo, item_id: str) -> str:
    return service_points.get(demo.site, SYSTEM, item_id).feature["properties"]["state"]


def reviewer(open_page, **how):
    watched = open_page(lang="en", **how)
    sign_in(watched, REVIEWER)
    return watched


def test_a_hundred_points_are_decided_by_keys_alone(demo: Demo, open_page):
    ids = waiting(demo, "keyed", POINTS)
    watched = reviewer(open_page)
    page = watched.page
    page.context.add_init_script(f"({MOUSE})()")
    watched.goto("/review?q=keyed&lang=en")
    page.locator("#q").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "start":
            break
    started = time.monotonic()
    page.keyboard.press("Enter")
    for number in range(POINTS):
        page.wait_for_url(f"**/review/{ids[number]}*")
        if number % 10 == 9:
            page.keyboard.press("4")
            page.keyboard.type(" - please add it")
            page.keyboard.press("Control+Enter")
        else:
            page.keyboard.press("v")
    page.wait_for_url("**/review?**")
    seconds = time.monotonic() - started
    print(f"{POINTS} points decided by keys in {seconds:.1f} s")
    states = [state_of(demo, item_id) for item_id in ids]
    assert states.count("verified") == POINTS * 9 // 10
    assert states.count("returned") == POINTS // 10
    assert seconds <= MOST_SECONDS
    assert watched.troubles == []
    words = service_points.get(demo.site, SYSTEM, ids[9]).feature["properties"]["return_reason"]
    assert words == "ไม่มีชื่อภาษาอังกฤษ (The English name is missing) - please add it"


def test_the_next_page_and_its_map_are_ready_before_the_key_is_pressed(demo: Demo, open_page):
    ids = waiting(demo, "ahead", 2)
    watched = reviewer(open_page)
    page = watched.page
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    seen: dict[str, list[str]] = {"page": [], "map": []}

    def note(event: dict) -> None:
        answer = event["response"]
        kind = "map" if "/map.png" in answer["url"] else "page"
        if kind == "map" or ids[1] in answer["url"]:
            seen[kind].append(answer["headers"]["x-request-id"])

    network.on("Network.responseReceived", note)
    watched.goto(f"/review/{ids[0]}?q=ahead&lang=en")
    page.wait_for_load_state("networkidle")
    assert len(set(seen["page"])) == 1
    assert len(set(seen["map"])) == 2
    page.keyboard.press("v")
    page.wait_for_url(f"**/review/{ids[1]}*#verified")
    page.wait_for_load_state("networkidle")
    assert len(set(seen["page"])) == 1, "the page came from the browser's own store"
    assert len(set(seen["map"])) == 2
    assert len(seen["page"]) >= 2
    assert page.locator("#verified").is_visible()


def test_keys_skip_go_back_and_rest_while_somebody_types(demo: Demo, open_page):
    ids = waiting(demo, "skipped", 3)
    watched = reviewer(open_page)
    page = watched.page
    watched.goto(f"/review/{ids[0]}?q=skipped&lang=en")
    page.keyboard.press("s")
    page.wait_for_url(f"**/review/{ids[1]}*")
    page.keyboard.press("k")
    page.wait_for_url(f"**/review/{ids[0]}*")
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{ids[1]}*")
    page.keyboard.press("r")
    assert page.evaluate("() => document.activeElement.id") == "reason"
    page.keyboard.type("vsjk")
    assert page.locator("#reason").input_value() == "vsjk"
    page.locator("h1").click()
    page.keyboard.press("?")
    assert not page.locator("#key-list").is_visible()
    page.get_by_role("button", name="Turn the keys off").click()
    page.locator("h1").click()
    page.keyboard.press("v")
    page.keyboard.press("s")
    page.wait_for_timeout(300)
    assert ids[1] in page.url
    page.get_by_role("button", name="Turn the keys off").click()
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_url(f"**/review/{ids[2]}*")
    page.keyboard.press("s")
    page.wait_for_url("**/review?**done=skipped**")
    assert "end of the queue" in page.locator("main").inner_text()
    assert [state_of(demo, item_id) for item_id in ids] == ["submitted"] * 3
    assert watched.troubles == []


def test_live_map_opens_by_key_and_shows_both_places(demo: Demo, open_page, map_library):
    item_id = waiting(demo, "mapped", 1)[0]
    decide(demo, item_id, "verify")
    move = {
        "geometry": {"type": "Point", "coordinates": [99.79, 20.105]},
        "properties": {"move_reason": "new building"},
    }
    service_points.update(demo.site, WriteContext(SYSTEM, if_match=("*",)), item_id, move)
    decide(demo, item_id, "submit")
    watched = reviewer(open_page)
    page = watched.page
    watched.goto(f"/review/{item_id}?lang=en")
    assert page.locator("#drawn img").is_visible()
    assert re.search(r"moves by [\d,]+ metres", page.locator("#map").inner_text())
    assert "new building" in page.locator("main").inner_text()
    page.keyboard.press("m")
    page.locator("#live[data-ready]").wait_for(timeout=20_000)
    assert page.locator("#live .marker").count() == 2
    page.keyboard.press("m")
    assert page.locator("#drawn img").is_visible()
    assert watched.troubles == []


def test_review_works_without_scripts(demo: Demo, open_page):
    ids = waiting(demo, "plain", 3)
    watched = reviewer(open_page, scripts=False)
    page = watched.page
    watched.goto("/review?lang=en")
    page.get_by_label("Name, code or phone number").fill("plain")
    page.get_by_role("button", name="Show").click()
    assert "3 points wait" in page.locator("main").inner_text()
    page.get_by_role("link", name="Start with the first").click()
    assert page.locator("#drawn img").is_visible()
    page.get_by_role("button", name="Return with a reason").click()
    assert "Give a reason" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="A phone number is wrong").click()
    assert "A phone number is wrong" in page.locator("#reason").input_value()
    page.get_by_role("button", name="Return with a reason").click()
    page.wait_for_url(f"**/review/{ids[1]}*#returned")
    assert page.locator("#returned").is_visible()
    assert not page.locator("#verified").is_visible()
    assert page.locator(".review-came a").get_attribute("href") == f"/my/points/{ids[0]}"
    page.get_by_role("button", name="Verify and publish").click()
    page.wait_for_url(f"**/review/{ids[2]}*#verified")
    page.locator("#next").click()
    assert [state_of(demo, i) for i in ids] == ["returned", "verified", "submitted"]


def test_two_reviewers_at_once_and_the_slower_goes_on(demo: Demo, open_page):
    ids = waiting(demo, "raced", 2)
    slower, faster = (reviewer(open_page) for _ in range(2))
    for watched in (slower, faster):
        watched.goto(f"/review/{ids[0]}?q=raced&lang=en")
    faster.page.keyboard.press("v")
    faster.page.wait_for_url(f"**/review/{ids[1]}*")
    slower.page.keyboard.press("v")
    slower.page.get_by_role("alert").wait_for()
    assert "already decided" in slower.page.get_by_role("alert").inner_text()
    slower.page.keyboard.press("j")
    slower.page.wait_for_url(f"**/review/{ids[1]}*")
    assert [state_of(demo, i) for i in ids] == ["verified", "submitted"]
    assert faster.troubles == []
    assert slower.troubles != []  # Chromium notes the refusal
    assert all("status of 409" in trouble for trouble in slower.troubles)


def test_a_batch_is_chosen_looked_at_and_verified_without_scripts(demo: Demo, open_page):
    good = waiting(demo, "batch", 3)
    bad = waiting(demo, "batch", 1, subdistrict_code="571101", name_th="ศูนย์batch นอกเขต")[0]
    watched = reviewer(open_page, scripts=False)
    page = watched.page
    watched.goto("/review/bulk?q=batch&lang=en")
    assert page.locator("input[type=checkbox]:checked").count() == len(good)
    assert not page.locator(f"input[value^='{bad}']").is_checked()
    assert "outside" in page.locator("main").inner_text()
    page.get_by_role("button", name="Look at what is chosen").click()
    page.get_by_role("button", name="Verify and publish 3 points").click()
    assert "Say why" in page.get_by_role("alert").inner_text()
    page.get_by_label("Why the batch is verified").fill("compared with the register")
    page.get_by_role("button", name="Verify and publish 3 points").click()
    assert "3 verified, 0 refused" in page.locator("main").inner_text()
    assert [state_of(demo, i) for i in good] == ["verified"] * 3
    assert state_of(demo, bad) == "submitted"


@pytest.mark.parametrize(
    "name", ["queue", "nothing", "point", "error", "settled", "bulk", "preview", "results"]
)
def test_pages_are_accessible_and_fit(name: str, demo: Demo, open_page):
    ids = waiting(demo, f"axe{name}", 2)
    watched = open_page(axe=True)
    sign_in(watched, REVIEWER)
    page = watched.page
    if name == "settled":
        decide(demo, ids[0], "verify")
    for lang in ("th", "en"):
        path = {"queue": "/review", "nothing": "/review?q=ไม่มีหมุดนี้"}.get(name, "")
        if name in ("bulk", "preview", "results"):
            path = f"/review/bulk?q=axe{name}"
        path = path or f"/review/{ids[0]}?q=axe{name}"
        watched.goto(path + ("&" if "?" in path else "?") + f"lang={lang}")
        if name == "error":
            page.locator("#return").click()
            page.get_by_role("alert").wait_for()
        if name in ("preview", "results"):
            page.locator("button[value=preview]").click()
        if name == "results":
            page.locator("#reason").fill("x")
            page.locator("button[value=verify]").click()
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert faults(page, lang) == [], f"{lang} {width} px"
        if name == "results":
            break  # they are verified now


def test_others_cannot_open_the_queue(open_page, demo: Demo):
    watched = open_page(scripts=False)
    watched.goto("/review")
    assert "/auth/login" in watched.page.url
    sign_in(watched, "officer-maechan")
    assert watched.goto("/review").status == 403
    assert watched.page.locator("nav a[href='/review']").count() == 0
