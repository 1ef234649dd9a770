# SPDX-License-Identifier: GPL-2.0-or-later
"""If-Match and If-Unmodified-Since in all their forms, on every verb that writes."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, act, assert_problem, create
from tests.api.live_data import point

MERGE = "application/merge-patch+json"
PATCH = {"properties": {"name_en": "Changed"}}


def patch(live: Live, client: httpx.Client, item: httpx.Response, **headers: str) -> httpx.Response:
    sent = live.auth(content_type=MERGE, **headers)
    return client.patch(f"{ITEMS}/{item.json()['id']}", json=PATCH, headers=sent)


@pytest.mark.parametrize(
    "form",
    ["{0}", "*", '"other", {0}', '{0}, "other"', 'W/"weak", {0}', "{0},{0}"],
)
def test_tags_that_match(live: Live, client: httpx.Client, item: httpx.Response, form: str) -> None:
    tag = item.headers["etag"]
    assert patch(live, client, item, if_match=form.format(tag)).status_code == 204


@pytest.mark.parametrize(
    "form", ["W/{0}", '"other"', "", '""', "garbage", "{1}", '"*"', '"a" "b"', '"{1}-br"']
)
def test_tags_that_do_not_match(
    live: Live, client: httpx.Client, item: httpx.Response, form: str
) -> None:
    tag = item.headers["etag"]
    text = form.format(tag, tag.strip('"'))
    answer = patch(live, client, item, if_match=text)
    document = assert_problem(answer, 412)
    assert document["current"]["properties"]["name_th"] == item.json()["properties"]["name_th"]
    assert document["etag"] == tag


def test_tag_of_the_replaced_revision_no_longer_matches(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    tag = item.headers["etag"]
    first = patch(live, client, item, if_match=tag)
    assert_problem(patch(live, client, item, if_match=tag), 412)
    assert patch(live, client, item, if_match=first.headers["etag"]).status_code == 204


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "",
        "2026-11-22T05:06:07Z",
        "Sun, 22 Nov 99999999999999999999 05:06:07 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Sun, 99 Nov 2026 05:06:07 GMT",
    ],
)
def test_date_that_cannot_be_read_is_refused_and_not_ignored(
    live: Live, client: httpx.Client, item: httpx.Response, date: str
) -> None:
    answer = patch(live, client, item, if_unmodified_since=date)
    assert_problem(answer, 400, "If-Unmodified-Since")


@pytest.mark.parametrize(
    "date", ["Sun, 22 Nov 99999999999999999999 05:06:07 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"]
)
def test_unreadable_if_modified_since_is_ignored(
    live: Live, client: httpx.Client, item: httpx.Response, date: str
) -> None:
    headers = live.auth(if_modified_since=date)
    assert client.get(f"{ITEMS}/{item.json()['id']}", headers=headers).status_code == 200


def test_if_match_counts_before_a_date(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    future = "Wed, 01 Jan 2200 00:00:00 GMT"
    answer = patch(live, client, item, if_match='"wrong"', if_unmodified_since=future)
    assert_problem(answer, 412)


def test_second_write_within_the_second_of_the_date_is_refused(
    live: Live, client: httpx.Client
) -> None:
    for _ in range(5):  # until both writes fall into one second
        item = create(live, client)
        date = item.headers["last-modified"]
        if patch(live, client, item, if_match="*").headers["last-modified"] == date:
            break
    assert_problem(patch(live, client, item, if_unmodified_since=date), 412)


def test_a_step_of_the_workflow_needs_a_condition_too(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    path = f"{ITEMS}/{item.json()['id']}/transitions"
    body = {"action": "submit"}
    assert_problem(client.post(path, json=body, headers=live.auth()), 428)
    assert_problem(client.post(path, json=body, headers=live.auth(if_match='"x"')), 412)
    assert act(live, client, item.json()["id"], "submit", "gis_officer_in").status_code == 200


def test_wrong_rights_are_said_before_a_wrong_condition(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    headers = live.auth("planner_in", content_type=MERGE, if_match='"wrong"')
    assert_problem(client.patch(f"{ITEMS}/{item.json()['id']}", json=PATCH, headers=headers), 403)


def test_create_takes_no_condition(live: Live, client: httpx.Client) -> None:
    headers = live.auth(content_type=GEOJSON)
    assert client.post(ITEMS, json=point(), headers=headers).status_code == 201
