# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of progress reports in Chromium: made, read, printed, taken as files, sent, received."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from geoapi.demo.users import build_users
from tests.web.conftest import Demo, Watched, sign_in
from tests.web.test_pages import faults

pytestmark = pytest.mark.browser

DISTRICT, PROVINCE = "supervisor-maechan", "supervisor-chiangrai"


def made(watched: Watched, username: str, area: str = "") -> str:
    """Make a report as a user of the demonstration and return its path."""
    sign_in(watched, username)
    watched.goto("/my/reports")
    page = watched.page
    if area:
        page.locator("#area").select_option(area)
    page.locator("form.card button.main").click()
    page.wait_for_url("**/my/reports/*-*")
    return page.url.removeprefix(watched.base).partition("?")[0]


def file_of(watched: Watched, path: str, lang: str = "th"):
    answer = watched.page.context.request.get(f"{watched.base}{path}?lang={lang}")
    assert answer.status == 200
    return answer


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_r11_the_copy_reaches_the_province_and_its_receipt_the_district(demo: Demo, open_page):
    district = open_page()
    path = made(district, DISTRICT)
    page = district.page
    assert "อำเภอแม่จัน" in page.locator(".report-about").inner_text()
    page.get_by_role("button", name="ส่งให้จังหวัดทราบ").click()
    page.wait_for_url("**done=sent**")
    assert "ส่งให้จังหวัดเชียงรายเมื่อ" in page.locator("main").inner_text()

    province = open_page(lang="en", scripts=False)
    sign_in(province, PROVINCE)
    province.goto("/my/reports?lang=en")
    province.page.locator(f'a[href="{path}"]').click()
    province.page.get_by_role("button", name="Confirm receipt").click()
    province.page.wait_for_url("**done=received**")
    assert "Received by the province" in province.page.locator("main").inner_text()

    district.goto(path)
    assert "จังหวัดลงรับแล้ว" in page.locator("main").inner_text()
    assert not page.locator(f'form[action="{path}"]').count()
    assert district.troubles == province.troubles == []


def test_files_of_a_report_hold_the_numbers_of_its_page(demo: Demo, open_page):
    watched = open_page()
    path = made(watched, PROVINCE, "57")
    document = file_of(watched, f"{path}/json").json()
    total = document["total"]
    shown = watched.page.locator(".number-places dd").inner_text()
    thai = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789", ",")
    assert int(shown.translate(thai)) == total["places"] > 300
    assert sum(row["places"] for row in document["districts"]) == total["places"]
    text = file_of(watched, f"{path}/csv").body().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][3] == str(total["places"])
    book = load_workbook(io.BytesIO(file_of(watched, f"{path}/xlsx", "en").body()))
    last = [cell.value for cell in list(book["Districts"].iter_rows())[-1]]
    assert last[1:3] == ["Total", total["places"]]
    answer = file_of(watched, f"{path}/html", "en")
    assert "attachment" in answer.headers["content-disposition"]
    assert b"Chiang Rai Province" in answer.body()
    names = [user["name_th"] for user in build_users()]
    for ending in ("json", "csv", "html"):
        body = file_of(watched, f"{path}/{ending}").body().decode()
        assert not [name for name in names if name in body]


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_have_no_accessibility_faults(demo: Demo, open_page, lang, width):
    watched = open_page(width=width, lang=lang, axe=True)
    path = made(watched, "executive", "57")
    for address in (f"{path}?lang={lang}", f"/my/reports?lang={lang}"):
        watched.goto(address)
        assert not overflows(watched.page), address
        assert faults(watched.page, lang) == []
    assert not watched.page.get_by_role("button", name="Send to the province").count()
    assert watched.troubles == []


def test_a_report_prints_on_upright_paper_without_the_page_around_it(demo: Demo, open_page):
    watched = open_page()
    path = made(watched, PROVINCE, "57")
    page = watched.page
    page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins, at 96 dpi
    page.emulate_media(media="print")
    watched.goto(path)
    assert not overflows(page)
    for hidden in (".card", "header.top nav", "footer"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".report thead").first.is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf


def test_wrong_wishes_are_named_at_their_fields(demo: Demo, open_page):
    watched = open_page(lang="en")
    sign_in(watched, DISTRICT)
    watched.goto("/my/reports?lang=en")
    page = watched.page
    page.locator("#as_of").fill("31 กุมภาพันธ์ 2569")
    page.locator("form.card button.main").click()
    assert page.locator("#as_of-error").inner_text()
    assert page.locator("#as_of").input_value() == "31 กุมภาพันธ์ 2569"
    page.locator("#as_of").fill("๒๐ ก.ย. ๒๕๖๑")
    page.locator("#area").evaluate("(e) => { e.options[1].value = '50'; e.selectedIndex = 1; }")
    page.locator("form.card button.main").click()
    assert "50" in page.locator("#area-error").inner_text()


def test_who_may_not_is_told_so(demo: Demo, open_page):
    watched = open_page()
    sign_in(watched, "officer-maechan")
    assert watched.goto("/my/reports").status == 403
    anonymous = open_page()
    answer = anonymous.goto("/my/reports")
    assert answer.status == 401 or "/auth/login" in anonymous.page.url
