# SPDX-License-Identifier: GPL-2.0-or-later
"""The reviewer's pages over HTTP on both stores: decisions, races, forged posts, bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, act, create
from tests.api.test_rights_matrix import csrf_token

EN = {"accept": "text/html", "accept-language": "en"}
WHO = "supervisor_in"


@pytest.fixture
def browser(live: Live) -> Iterator[httpx.Client]:
    with live.session_client(WHO) as client:
        client.headers.update(EN)
        yield client


def waiting(live: Live, client: httpx.Client, name: str, **properties: object) -> str:
    """Create and submit a point; returns its id."""
    answer = create(live, client, name_th=name, **properties)
    item_id = str(answer.json()["id"])
    assert act(live, client, item_id, "submit", "gis_officer_in").status_code == 200
    return item_id


def etag_on(page: httpx.Response) -> str:
    return re.search(r'name="etag" value="([^"]+)"', page.text)[1]


def decide(browser: httpx.Client, path: str, etag: str, action: str, **fields: str):
    fields = {"csrf_token": csrf_token(browser), "etag": etag, "action": action} | fields
    return browser.post(path, data=fields)


def state(live: Live, client: httpx.Client, item_id: str) -> str:
    answer = client.get(f"{ITEMS}/{item_id}", headers=live.auth(WHO))
    return str(answer.json()["properties"]["state"])


def test_a_decision_leads_to_the_next_in_the_same_filter(live: Live, client, browser) -> None:
    first, second = (waiting(live, client, f"ลำดับ {n} chain") for n in "กข")
    path = f"/review/{first}?q=chain"
    page = browser.get(path)
    assert f'<link rel="prefetch" href="/review/{second}?' in page.text
    answer = decide(browser, path, etag_on(page), "verify")
    assert answer.status_code == 303
    where = urlsplit(answer.headers["location"])
    assert (where.path, where.fragment) == (f"/review/{second}", "verified")
    assert parse_qs(where.query) == {"q": ["chain"], "from": [first]}
    page = browser.get(answer.headers["location"])
    answer = decide(browser, f"/review/{second}?q=chain", etag_on(page), "return", reason="ชื่อผิด")
    assert urlsplit(answer.headers["location"]).path == "/review"
    assert [state(live, client, i) for i in (first, second)] == ["verified", "returned"]
    end = browser.get(answer.headers["location"])
    assert "Returned to the officer" in end.text


def test_a_script_is_told_where_to_go_on(live: Live, client, browser) -> None:
    item_id = waiting(live, client, "สคริปต์ scripted")
    path = f"/review/{item_id}?q=scripted"
    fields = {"csrf_token": csrf_token(browser), "etag": "w0-0", "action": "verify"}
    json = {"accept": "application/json"}
    assert browser.post(path, data=fields, headers=json).status_code == 412
    fields["etag"] = etag_on(browser.get(path))
    answer = browser.post(path, data=fields, headers=json)
    assert answer.json() == {"location": f"/review?q=scripted&done=verified&from={item_id}"}
    assert browser.post(path, data=fields, headers=json).status_code == 409


def test_a_page_fetched_ahead_may_be_kept_for_a_minute_by_its_browser(
    live: Live, client, browser
) -> None:
    item_id = waiting(live, client, "ล่วงหน้า")
    usual = browser.get(f"/review/{item_id}").headers["cache-control"]
    ahead = browser.get(f"/review/{item_id}", headers={"sec-purpose": "prefetch"})
    assert usual == "private, no-cache"
    assert ahead.headers["cache-control"] == "private, max-age=60"


def test_a_return_without_a_reason_keeps_the_point(live: Live, client, browser) -> None:
    item_id = waiting(live, client, "ไม่มีเหตุผล")
    path = f"/review/{item_id}"
    etag = etag_on(browser.get(path))
    for reason in ("", "  ", "\0"):
        answer = decide(browser, path, etag, "return", reason=reason)
        assert answer.status_code == 422
        assert "Give a reason" in answer.text
    answer = decide(browser, path, etag, "", quick="wrong_phone", reason="ก่อน")
    assert "ก่อน; หมายเลขโทรศัพท์ไม่ถูกต้อง (A phone number is wrong)</textarea>" in answer.text
    assert decide(browser, path, etag, "", quick="no_such").status_code == 200
    assert state(live, client, item_id) == "submitted"


def test_the_slower_of_two_reviewers_hears_that_it_is_decided(live: Live, client, browser) -> None:
    item_id = waiting(live, client, "สองคน")
    path = f"/review/{item_id}"
    etag = etag_on(browser.get(path))
    assert act(live, client, item_id, "verify", WHO).status_code == 200
    for action in ("verify", "return"):
        answer = decide(browser, path, etag, action, reason="x")
        assert answer.status_code == 409
        assert "already decided" in answer.text
        assert "Go on to the next" in answer.text
    assert browser.get(path).status_code == 200
    assert "does not wait" in browser.get(path).text
    assert state(live, client, item_id) == "verified"


def test_what_changed_meanwhile_is_shown_before_anything_is_decided(
    live: Live, client, browser
) -> None:
    item_id = waiting(live, client, "เปลี่ยน", name_en="Before")
    path = f"/review/{item_id}"
    etag = etag_on(browser.get(path))
    headers = live.auth(if_match="*", content_type="application/merge-patch+json")
    patch = {"properties": {"name_en": "Afterwards"}}
    assert client.patch(f"{ITEMS}/{item_id}", json=patch, headers=headers).status_code == 204
    act(live, client, item_id, "submit", "gis_officer_in")
    answer = decide(browser, path, etag, "return", reason="kept words")
    assert answer.status_code == 412
    assert "<del>Before</del></td><td><ins>Afterwards</ins>" in answer.text
    assert "kept words" in answer.text
    assert state(live, client, item_id) == "submitted"
    assert decide(browser, path, etag_on(answer), "verify").status_code == 303


def test_nobody_decides_an_own_edit(live: Live, client, browser) -> None:
    item_id = waiting(live, client, "ของตนเอง")
    live.site.store.write(
        lambda t: t.connection.exec_driver_sql(
            "UPDATE service_point SET editors ="
            f" '[\"{live.user_ids[WHO]}\"]' WHERE id = '{item_id}'"
        )
    )
    path = f"/review/{item_id}"
    page = browser.get(path)
    assert "edited this point yourself" in page.text
    assert 'value="verify"' not in page.text
    answer = decide(browser, path, etag_on(page), "verify")
    assert answer.status_code == 409
    assert "nobody decides an own edit" in answer.text
    listed = browser.get("/review?q=ของตนเอง").text
    assert "Your edit" in listed


@pytest.mark.parametrize("path", ["/review/{id}", "/review/bulk"])
def test_forged_posts_are_refused(live: Live, client, browser, path: str) -> None:
    item_id = waiting(live, client, "ปลอม")
    etag = etag_on(browser.get(f"/review/{item_id}"))
    fields = {"action": "verify", "etag": etag, "reason": "x", "point": f"{item_id} {etag}"}
    for token in ({}, {"csrf_token": "wrong"}):
        answer = browser.post(path.format(id=item_id), data=fields | token)
        assert answer.status_code == 403
    headers = {"sec-fetch-site": "cross-site"}
    token = {"csrf_token": csrf_token(browser)}
    answer = browser.post(path.format(id=item_id), data=fields | token, headers=headers)
    assert answer.status_code == 403
    assert state(live, client, item_id) == "submitted"


@pytest.mark.parametrize(
    "query",
    [
        "district=%00&agency=%00&q=%00&after=x&age=zz&category=nope&order=x",
        "district=๕๗&agency=' OR 1=1 --&q=%25_%5C&after=eA.x",
        "from=%00&done=no_such&district=999999999999",
        "bbox=1,2,3&from=zzz",
    ],
)
def test_strange_filters_count_as_not_given(live: Live, client, browser, query: str) -> None:
    item_id = waiting(live, client, "แปลก")
    for path in ("/review", "/review/bulk", f"/review/{item_id}"):
        assert browser.get(f"{path}?{query}").status_code == 200, path
    for wrong in ("x", "%00", "x%20y"):
        assert browser.get(f"/review/{wrong}").status_code == 404


def test_pages_of_the_queue_go_on_where_the_one_before_ended(live: Live, client, browser) -> None:
    page = browser.get("/review/bulk").text
    assert "checkbox" in page
    listed = browser.get("/review?q=submitted").text
    assert listed.count('class="title"') == 2
    assert 'rel="next"' not in listed


def test_a_batch_is_looked_at_and_then_verified(live: Live, client, browser) -> None:
    ids = [waiting(live, client, f"ชุด {n} lot", official_id=f"lot-{n}") for n in range(3)]
    values = {i: f"{i} {etag_on(browser.get(f'/review/{i}'))}" for i in ids}
    headers = live.auth(if_match="*", content_type="application/merge-patch+json")
    client.patch(f"{ITEMS}/{ids[2]}", json={"properties": {"name_en": "x"}}, headers=headers)
    token = csrf_token(browser)
    sent = {"csrf_token": token, "point": list(values.values())}
    assert browser.post("/review/bulk", data=sent | {"point": []}).status_code == 422
    preview = browser.post("/review/bulk", data=sent)
    assert preview.status_code == 200
    assert preview.text.count('name="point"') == 3
    assert browser.post("/review/bulk", data=sent | {"action": "verify"}).status_code == 422
    final = sent | {"action": "verify", "reason": "เทียบแล้ว"}
    for outcome in ("Verified and published", "You verified it already"):
        answer = browser.post("/review/bulk", data=final)
        assert answer.text.count(outcome) == 2
        assert "2 verified, 1 refused" in answer.text
    assert [state(live, client, i) for i in ids] == ["verified", "verified", "draft"]


def test_person_data_stays_with_reviewers(live: Live, client) -> None:
    item_id = waiting(live, client, "ชื่อคน")
    with live.session_client("officer_in") as officer:
        officer.headers.update(EN)
        assert officer.get(f"/review/{item_id}").status_code == 403
        assert officer.get("/review").status_code == 403
    with live.session_client("") as nobody:
        nobody.headers.update(EN)
        answer = nobody.get("/review")
        assert answer.headers["location"].startswith("/auth/login")
