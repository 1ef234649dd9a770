# SPDX-License-Identifier: GPL-2.0-or-later
"""Services and copies in Chromium: what to bring, officers' declarations, the catalogue."""

from __future__ import annotations

from itertools import product

import pytest

from geoapi.copy_badge import WORST_FIRST
from geoapi.demo.service_points import point_id
from geoapi.web import point_data
from tests.web.conftest import Demo, sign_in
from tests.web.test_pages import faults, settle

pytestmark = pytest.mark.browser

OFFICE = point_id("dopa_5707")
# Whoever may edit every point of the province.
EDITOR = "gis-chiangrai"
KEEPER = "agency-cdd"


def public(demo: Demo, item_id: str = OFFICE) -> dict:
    return point_data.public_point(demo.site, item_id)


def bring_path(demo: Demo, code: str = "house-move-in") -> str:
    return f"/p/{public(demo)['properties']['short_code']}/services/{code}"


def kept_service(watched) -> str:
    """Return the address of a service that the signed-in user may change."""
    watched.goto("/my/services")
    link = watched.page.locator("a.title[href^='/my/services/']").first
    return link.get_attribute("href")


@pytest.mark.parametrize("name", ["bring", "point", "my-services", "catalogue", "service", "new"])
def test_page_is_accessible_and_fits(name: str, demo: Demo, open_page, map_library):
    watched = open_page(axe=True)
    user = {"my-services": EDITOR, "catalogue": KEEPER, "service": KEEPER, "new": KEEPER}.get(name)
    if user:
        sign_in(watched, user)
    path = {
        "bring": lambda: bring_path(demo),
        "point": lambda: f"/p/{public(demo)['properties']['short_code']}",
        "my-services": lambda: f"/my/points/{OFFICE}/services",
        "catalogue": lambda: "/my/services",
        "service": lambda: kept_service(watched),
        "new": lambda: "/my/services/new",
    }[name]()
    for lang, width in product(("th", "en"), (360, 1280)):
        watched.page.set_viewport_size({"width": width, "height": 800})
        response = watched.goto(f"{path}?lang={lang}")
        assert response.status == 200
        watched.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        settle(watched)
        assert faults(watched.page, lang) == [], f"{lang} {width} px"
    assert watched.troubles == []


def test_r45_services_steps_and_documents_to_prepare_at_that_point(demo: Demo, open_page):
    watched = open_page(lang="en", scripts=False)
    watched.goto(f"/p/{public(demo)['properties']['short_code']}?lang=en")
    page = watched.page
    page.locator("#services").get_by_role("link", name="Moving into a house registration").click()
    assert page.locator("h1").inner_text() == "What to bring: Moving into a house registration"
    documents = page.locator(".bring > li")
    texts = documents.all_inner_texts()
    assert len(texts) == 3
    assert "Identity card" in texts[0]
    assert "Original: 1" in texts[0]
    assert "If somebody acts for you" in texts[2]
    assert page.locator(".steps li").all_inner_texts() == [
        "Documents are checked (10 min)",
        "Signing and handing over (5 min)",
    ]
    assert page.get_by_text("Time in all: 15 min").is_visible()
    assert page.get_by_text("clause 17").is_visible()
    assert watched.troubles == []


def test_r46_status_of_copies_still_demanded_is_shown_per_point(demo: Demo, open_page):
    watched = open_page(lang="th", scripts=False)
    feature = public(demo)
    watched.goto(f"/p/{feature['properties']['short_code']}?lang=th")
    page = watched.page
    shown = [
        badge.get_attribute("data-copy-badge")
        for badge in page.locator("#services [data-copy-badge]").all()
    ]
    assert shown == [entry["copy_badge"] for entry in feature["properties"]["services"]]
    badge = page.locator("h1 ~ .row [data-copy-badge]")
    worst = min(shown, key=WORST_FIRST.index)
    assert badge.get_attribute("data-copy-badge") == worst
    assert badge.inner_text().strip()
    assert badge.locator("svg").count() == 1  # words and a sign, never colour alone
    # lists show it as well
    watched.goto("/?q=ที่ว่าการอำเภอ")
    assert page.locator("#list [data-copy-badge]").count() >= 5


def services_form(watched, lang: str = "en"):
    watched.goto(f"/my/points/{OFFICE}/services?lang={lang}")
    return watched.page


def test_officer_declares_without_scripts_and_citizens_see_it(fresh_demo: Demo, open_page):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, EDITOR)
    page = services_form(watched, "th")
    fieldset = page.locator("fieldset.offer").filter(has_text="แจ้งย้ายเข้าทะเบียนบ้าน")
    row = fieldset.locator(".copy-row").filter(has_text="ทะเบียนบ้าน").first
    row.locator("input[type=radio][value=required]").check()
    row.locator("summary").click()
    row.get_by_label("แผนเลิกเรียกสำเนาภายใน").fill("๓๑ มีนาคม ๒๕๗๒")
    row.get_by_label("เหตุผลที่ยังเรียก").fill("ระบบส่งต่ออำเภออื่นยังไม่พร้อม")
    page.get_by_role("button", name="บันทึกทั้งหน้า").click()
    assert "แปลงเป็นคริสต์ศักราชให้แล้ว" in page.locator("[role=status]").inner_text()
    watched.goto(bring_path(fresh_demo) + "?lang=en")
    said = page.locator(".bring > li").nth(1).inner_text()
    assert "Still required" in said
    assert "Copies are to end by 31 March 2029" in said
    assert public(fresh_demo)["properties"]["copy_badge"] == "required"
    assert public(fresh_demo)["properties"]["state"] == "verified"


def test_all_documents_of_a_service_are_set_at_once_and_a_service_is_added(
    fresh_demo: Demo, open_page
):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, EDITOR)
    page = services_form(watched)
    fieldset = page.locator("fieldset.offer").filter(has_text="First identity card")
    fieldset.get_by_label("All documents of this service").select_option("not_required")
    page.get_by_label("Add a service").select_option(label="Driving licence for cars")
    page.get_by_role("button", name="Save the page").click()
    assert "Saved." in page.locator("[role=status]").inner_text()
    checked = page.locator("fieldset.offer").filter(has_text="First identity card")
    values = checked.locator("input[type=radio]:checked").evaluate_all("a => a.map(e => e.value)")
    assert set(values) == {"not_required"}
    added = page.locator("fieldset.offer").filter(has_text="Driving licence for cars")
    assert added.locator("[data-copy-badge=unknown]").count() == 1
    assert public(fresh_demo)["properties"]["copy_badge"] in {"unknown", "required"}


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(fresh_demo: Demo, open_page):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, EDITOR)
    page = services_form(watched)
    row = page.locator(".copy-row").first
    row.locator("summary").click()
    row.locator("input[type=radio][value=office_copies_free]").check()
    row.get_by_label("Copies end by").fill("1 มกราคม 2560")
    row.get_by_label("A charge is taken for the copy").check()
    row.get_by_label("Charge (baht)").fill("5")
    page.get_by_role("button", name="Save the page").click()
    problems = page.locator("#errors").inner_text()
    assert "is not between the years 2018" in problems
    assert "no charge can be taken" in problems
    first = page.locator(".copy-row").first
    assert first.get_by_label("Copies end by").input_value() == "1 มกราคม 2560"
    assert first.locator("input[aria-invalid=true]").count() == 2
    first.locator("input[type=radio][value=required]").check()
    first.get_by_label("Why a copy is asked for").fill("x")
    first.get_by_label("Copies end by").fill("")
    page.get_by_role("button", name="Save the page").click()
    assert "forbidden by" in page.locator("#errors").inner_text()
    assert "21/2560" in page.locator("#errors").inner_text()


def test_two_officers_at_once_lose_nothing(fresh_demo: Demo, open_page):
    one, two = (open_page(lang="en", scripts=False) for _ in range(2))
    for watched in (one, two):
        sign_in(watched, EDITOR)
        services_form(watched)
    row = ".copy-row >> nth=0"
    one.page.locator(row).locator("input[value=office_copies_free]").check()
    one.page.get_by_role("button", name="Save the page").click()
    two.page.locator(row).locator("summary").click()
    two.page.locator(row).get_by_label("Number of copies").fill("3")
    with two.page.expect_response("**/services") as answered:
        two.page.get_by_role("button", name="Save the page").click()
    assert answered.value.status == 412
    assert "Somebody else changed it meanwhile" in two.page.locator("#errors").inner_text()
    assert "Office copies for free" in two.page.locator("table").inner_text()
    assert two.page.locator(row).get_by_label("Number of copies").input_value() == "3"
    two.page.get_by_role("button", name="Save the page").click()
    assert "Saved." in two.page.locator("[role=status]").inner_text()


def test_keeper_of_the_catalogue_adds_a_document_and_points_are_asked(fresh_demo: Demo, open_page):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, KEEPER)
    page = watched.page
    watched.goto("/my/services?lang=en")
    # a national service is shown, but is not the province's to change
    assert page.get_by_role("link", name="Registration of a marriage").count() == 0
    page.get_by_role("link", name="Registration of OTOP producers").click()
    count = page.locator("[id^=documents-][id$=-name_th]").count()
    last = f"documents-{count - 2}"
    page.locator(f"#{last}-name_th").fill("ทะเบียนสมรส")
    page.locator(f"#{last}-document_type").select_option("marriage")
    page.locator(f"#{last}-copies").fill("๑")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert "Saved" in page.locator("[role=status]").inner_text()
    office = public(fresh_demo, point_id("cdd_57"))
    listed = {entry["code"]: entry["copy_badge"] for entry in office["properties"]["services"]}
    assert listed["otop"] in {"unknown", "required"}
    page.locator("#steps-0-minutes").fill("soon")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert "“soon” is not a number" in page.locator("#errors").inner_text()


def test_a_new_service_is_kept_as_a_draft_first(fresh_demo: Demo, open_page):
    watched = open_page(lang="en", scripts=False)
    sign_in(watched, KEEPER)
    page = watched.page
    watched.goto("/my/services/new?lang=en")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert page.locator("#errors").is_visible()
    page.locator("#code").fill("loom-loan")
    page.locator("#name_th").fill("ยืมกี่ทอผ้า")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert "outside" in page.locator("#errors").inner_text()  # nobody's service is not ours
    assert page.locator("#name_th").input_value() == "ยืมกี่ทอผ้า"
    owner = "Chiang Rai Provincial Community Development Office"
    page.get_by_label("Owner agency").select_option(label=owner)
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url("**/my/services/*done=saved")
    assert page.locator("#review_state").input_value() == "draft"


@pytest.mark.parametrize("lang", ["th", "en"])
def test_names_of_services_have_room_on_a_phone(open_page, demo: Demo, lang: str):
    watched = open_page(width=360, lang=lang)
    watched.goto(f"/p/{demo.story['id']}?lang={lang}")
    widths = watched.page.evaluate(
        "() => [...document.querySelectorAll('#services a.title')]"
        ".map((link) => link.getBoundingClientRect().width)"
    )
    assert widths
    assert min(widths) >= 150, widths
