# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of assignments and tasks in a real browser: both languages, narrow and wide, no scripts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import Demo, Watched, sign_in

pytestmark = pytest.mark.browser
PAGES = {
    "officer-maechan": ("/my/assignments", "/my/assignments?tab=office", "/my/tasks"),
    "supervisor-chiangrai": (
        "/assignments",
        "/assignments/new",
        "/assignments/import",
        "/assignments/hand-over",
        "/assignments?district=5707",
    ),
}
LIST = "name_th,district_code,due_on\nศูนย์ใหม่ตำบลหนึ่ง,5707,๓๑ ธ.ค. ๒๕๖๙\nไม่มีอำเภอ,,\n"
SHOTS = os.environ.get("PAKMUD_SHOTS")


def violations(watched: Watched) -> list[str]:
    found = watched.page.evaluate("async () => (await axe.run()).violations")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


def shoot(watched: Watched, name: str) -> None:
    if SHOTS:
        watched.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("username", list(PAGES))
def test_pages_have_no_violations_and_fit(
    open_page: Callable[..., Watched], username: str, width: int, lang: str
):
    watched = open_page(width=width, lang=lang, axe=True)
    sign_in(watched, username)
    addresses = list(PAGES[username])
    for number, address in enumerate(addresses):
        watched.goto(address)
        assert violations(watched) == [], address
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, address
        small = watched.page.evaluate(
            "[...document.querySelectorAll('main a.button, main button, main select, main summary,"
            " main a.title')].filter(e => e.offsetParent && e.offsetHeight < 44)"
            ".map(e => e.outerHTML)"
        )
        assert small == [], address
        shoot(watched, f"{username}-{number}-{width}-{lang}")
    if username.startswith("supervisor"):
        watched.goto("/assignments")
        watched.page.locator("main .list a.title").first.click()
        assert violations(watched) == []
        shoot(watched, f"one-{width}-{lang}")
    assert watched.troubles == []


def test_officer_without_scripts_starts_a_place_and_finds_its_name(
    fresh_demo: Demo, open_page: Callable[..., Watched]
):
    watched = open_page(scripts=False)
    sign_in(watched, "officer-maechan")
    watched.goto("/my/assignments")
    first = watched.page.locator("main .list li").first
    name = first.locator("h2").inner_text()
    assert "เกินกำหนด" in first.inner_text()
    first.locator("button[value=start]").click()
    watched.page.wait_for_url("**/my/points/**")
    assert watched.page.locator("[name=name_th]").input_value() == name
    watched.goto("/my/assignments")
    row = watched.page.locator("main .list li", has_text=name)
    assert "ทำต่อ" in row.inner_text()


def test_f1_no_account_is_shared_two_officers_see_their_own_places(
    fresh_demo: Demo, open_page: Callable[..., Watched]
):
    shown = []
    for username in ("officer-maechan", "gis-chiangrai"):
        watched = open_page()
        sign_in(watched, username)
        watched.goto("/my/assignments")
        shown.append(set(watched.page.locator("main .list h2").all_inner_texts()))
    assert len(shown[0]) > 1
    assert len(shown[1]) > 1
    assert not shown[0] & shown[1]


def test_manager_imports_a_list_after_a_preview(
    fresh_demo: Demo, open_page: Callable[..., Watched], tmp_path: Path
):
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    watched = open_page(scripts=False, width=360)
    sign_in(watched, "supervisor-chiangrai")
    watched.goto("/assignments/import")
    watched.page.set_input_files("#file", path)
    watched.page.locator("main form button").click()
    shoot(watched, "preview")
    said = watched.page.locator("main").inner_text()
    assert "เพิ่ม 1" in said
    assert "สถานที่ใหม่ต้องระบุอำเภอ" in said
    watched.page.locator("main form button").click()
    watched.page.wait_for_url("**/assignments?done=assigned**")
    assert "มอบหมายแล้ว 1 งาน" in watched.page.locator("main").inner_text()
    assert "ศูนย์ใหม่ตำบลหนึ่ง" in watched.page.locator("main").inner_text()
    watched.goto("/assignments/import")
    watched.page.locator("main form button").click()
    assert "/assignments/import" in watched.page.url


def test_f8_take_over_is_asked_and_confirmed_on_pages(
    fresh_demo: Demo, open_page: Callable[..., Watched]
):
    watched = open_page(scripts=False)
    sign_in(watched, "officer-maechan")
    watched.goto("/my/assignments?tab=office")
    assert "ศูนย์บริการชุมชนตำบลศรีค้ำ" in watched.page.locator("main").inner_text()
    manager = open_page(scripts=False, lang="en")
    sign_in(manager, "agency-cdd")
    manager.goto("/my/tasks")
    manager.page.locator("main a", has_text="Confirm a take-over").click()
    manager.page.locator("#answer-reason").fill("agreed")
    manager.page.locator("button[value=accept]").click()
    manager.page.wait_for_url("**done=handed_over")
    watched.goto("/my/assignments")
    assert "ศูนย์บริการชุมชนตำบลศรีค้ำ" in watched.page.locator("main").inner_text()


def test_everything_of_an_officer_is_handed_over(
    fresh_demo: Demo, open_page: Callable[..., Watched]
):
    watched = open_page(scripts=False)
    sign_in(watched, "supervisor-chiangrai")
    watched.goto("/assignments/hand-over")
    choose = watched.page.locator("#from")
    choose.select_option(choose.locator("option", has_text="แม่จัน").get_attribute("value"))
    other = watched.page.locator("#to option", has_text="gis-chiangrai").get_attribute("value")
    watched.page.locator("#to").select_option(other)
    watched.page.locator("[name=reason]").fill("ย้าย")
    watched.page.locator("main form button").click()
    watched.page.wait_for_url("**/assignments?done=handed_over**")
    assert "ส่งต่อแล้ว" in watched.page.locator("main").inner_text()
