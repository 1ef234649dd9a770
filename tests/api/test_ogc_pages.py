# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of the OGC API: ours, in both languages, with labels and without third parties."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from geoapi.site import Site
from tests.api.sample_site import (
    DOCUMENTS,
    POINTS,
    PUBLIC,
    Client,
    local,
    point_id,
    sample_client,
    sample_site,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sample_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[Client]:
    with sample_client(site) as made:
        yield made


# ------------------------------------------------------------------- pages

PAGES = (
    *DOCUMENTS, f"{POINTS}/items", f"{POINTS}/items?q=zzzzz", f"{POINTS}/items/{point_id(1)}",
    "/ogc/collections/agencies", "/ogc/collections/agencies/items",
    "/ogc/collections/provinces/items", "/ogc/collections/provinces/items/57",
    "/ogc/collections/districts/schema",
)  # fmt: skip


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_ours_in_both_languages(client, path, language):
    glue = "&" if "?" in path else "?"
    answer = client.get(f"{path}{glue}f=html&lang={language}")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
        200,
        "text/html",
    )
    text = answer.text
    assert f'<html lang="{language}">' in text
    assert re.search(r'(src|<link [^>]*stylesheet[^>]* href)="https?://', text) is None
    assert text.count("<h1") == 1
    assert "ogc_pages." not in text, "a message is missing"
    for script in re.findall(r"<script([^>]*)>", text):
        # a block of data is not run
        assert re.search(r'src="/|type="application/(ld\+)?json"', script)
    assert " style=" not in text
    assert " onclick=" not in text


def test_a_browser_gets_the_page_by_its_accept_header(client):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = client.get(POINTS, headers={"accept": accept})
    assert answer.headers["content-type"].startswith("text/html")


def test_table_of_items_shows_labels_and_leads_to_items_and_the_next_page(client, site):
    client.cookies.clear()
    text = client.get(f"{POINTS}/items?f=html&limit=5").text
    assert "ที่ว่าการอำเภอ/สำนักงานเขต" in text
    assert "district_office</td>" not in text
    assert f'href="{POINTS}/items/{point_id(1)}?f=html"' in text
    assert f"พบทั้งหมด {PUBLIC} รายการ" in text
    following = re.search(r'rel="next" href="([^"]+)"', text)[1].replace("&amp;", "&")
    second = client.get(local(following, site))
    assert second.status_code == 200
    assert "ที่ว่าการอำเภอที่ 07" in second.text
    assert "ที่ว่าการอำเภอที่ 06" in text


def test_an_empty_result_says_what_to_do(client):
    text = client.get(f"{POINTS}/items?f=html&q=zzzzz&lang=th").text
    assert "ไม่พบรายการที่ตรงกับเงื่อนไข" in text
    assert "แสดงทุกรายการ" in text
    assert 'value="zzzzz"' in text


def test_page_of_a_point_labels_everything_and_carries_json_ld(client):
    text = client.get(f"{POINTS}/items/{point_id(1)}?f=html&lang=en").text
    assert "District &lt;office&gt; &amp; co 01" in text
    assert "District <office>" not in text
    assert "0 5315 0161" in text
    assert ">Open<" in text
    assert "English name" in text
    short_code = client.get(f"{POINTS}/items/{point_id(1)}").json()["properties"]["short_code"]
    assert f'href="/p/{short_code}"' in text
    (described,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert json.loads(described)["@type"] == "GovernmentOffice"


def test_page_of_an_unknown_item_is_not_found(client):
    answer = client.get(f"{POINTS}/items/{point_id(99)}?f=html", headers={"accept": "text/html"})
    assert answer.status_code == 404


def test_openapi_page_lists_operations_without_any_library(client):
    text = client.get("/ogc/openapi?f=html&lang=th").text
    assert "PATCH /collections/service-points/items/{itemId}" in text
    assert "แก้ไขบางส่วนของรายการ" in text
    assert "ต้องเข้าสู่ระบบ" in text


@pytest.mark.parametrize(
    ("path", "script"),
    [
        (POINTS, "points_map.js"),
        (f"{POINTS}/items", "points_map.js"),
        (f"{POINTS}/items/{point_id(1)}", "point_map.js"),
        ("/ogc/collections/provinces/items", "point_map.js"),
        ("/ogc/collections/provinces/items/57", "point_map.js"),
    ],
)
def test_pages_have_a_map_and_a_drawn_one_for_lack_of_scripts(client, path, script):
    text = client.get(f"{path}?f=html").text
    assert f'data-module="{script}"' in text
    (drawn,) = re.findall(r'<noscript>.*?<img src="(/map\.png[^"]+)"', text, re.DOTALL)
    picture = client.get(drawn.replace("&amp;", "&"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
