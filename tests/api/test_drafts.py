# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts over HTTP: kept by a session with its token, read by their owner alone."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest

from tests.api.conftest import Live, assert_problem

ITEMS = "/ogc/collections/drafts/items"
OTHERS = ("officer_out", "gis_officer_in", "agency_admin_in", "supervisor_in", "admin")


def body(**changed: Any) -> dict[str, Any]:
    sent = {
        "values": {"name_th": "ร่างของฉัน", "unknown_field": "x"}, "sequence": 1, "writer": "w",
        "base": "", "etag": "", "seen": "", "is_new": True,
    }  # fmt: skip
    return sent | changed


def token_of(client: httpx.Client) -> str:
    page = client.get("/my", headers={"accept": "text/html"})
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found is not None
    return found[1]


@pytest.fixture
def path() -> str:
    return f"/my/points/{uuid.uuid4()}/draft"


def test_draft_is_kept_and_only_its_owner_reads_it(live: Live, path: str) -> None:
    with live.session_client("officer_in") as browser:
        headers = {"x-csrf-token": token_of(browser)}
        answer = browser.put(path, json=body(), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert re.fullmatch(r"\d\d:\d\d", answer.json()["at"])
    point_id = path.split("/")[3]
    with live.client("officer_in") as owner:
        found = owner.get(ITEMS, params={"point_id": point_id}).json()["features"]
        assert [f["properties"]["fields"]["values"] for f in found] == [{"name_th": "ร่างของฉัน"}]
    for who in OTHERS:
        with live.client(who) as other:
            assert other.get(ITEMS, params={"point_id": point_id}).json()["features"] == []
            assert other.get(f"{ITEMS}/{found[0]['id']}").status_code == 404
    with live.client() as nobody:
        assert nobody.get(ITEMS).status_code == 401
        assert nobody.get(f"{ITEMS}/{found[0]['id']}").status_code in (401, 404)


def test_draft_needs_the_token_of_the_session(live: Live, path: str) -> None:
    with live.session_client("officer_in") as browser:
        assert browser.put(path, json=body()).status_code == 403
        assert browser.put(path, json=body(), headers={"x-csrf-token": "x"}).status_code == 403
        foreign = {"x-csrf-token": token_of(browser), "sec-fetch-site": "cross-site"}
        assert browser.put(path, json=body(), headers=foreign).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        [], "text", {}, body(values=[]), body(sequence=-1), body(sequence=True),
        body(sequence="1"), body(writer=None), body(base=1), body(sequence=2**60),
    ],
)  # fmt: skip
def test_what_is_no_draft_is_refused_in_words(live: Live, path: str, sent: Any) -> None:
    with live.client("officer_in") as program:
        assert_problem(program.put(path, json=sent), 400)


def test_broken_json_and_ids_are_refused(live: Live, path: str) -> None:
    with live.client("officer_in") as program:
        headers = {"content-type": "application/json"}
        assert_problem(program.put(path, content=b"{", headers=headers), 400)
        assert_problem(program.put("/my/points/none/draft", json=body()), 422)
        far_too_long = body(values={"name_th": "ก" * 60_000})
        assert_problem(program.put(path, json=far_too_long), 422)


def test_newer_draft_of_another_window_answers_409(live: Live, path: str) -> None:
    with live.client("officer_in") as program:
        assert program.put(path, json=body()).status_code == 200
        assert_problem(program.put(path, json=body(writer="other")), 409)
