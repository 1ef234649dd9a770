# SPDX-License-Identifier: GPL-2.0-or-later
"""Credentials that do not count: garbage, expired, revoked, of a disabled user, or without CSRF."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem
from tests.api.live_data import point

# --- who asks

CREDENTIALS = [
    "Bearer", "Bearer x", "Bearer pakmud_" + "0" * 49, "Basic", "Basic !!!",
    "Basic Og==", "Basic dXNlcjpwYXNz", "Digest x", "Token x", "Bearer " + "x" * 8000,
    "Basic " + "4LiBOuC4gQ==",
]  # fmt: skip


@pytest.mark.parametrize("credential", CREDENTIALS, ids=[c[:14] for c in CREDENTIALS])
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_garbage_credential_is_refused_even_to_read(
    client: httpx.Client, credential: str, verb: str
) -> None:
    headers = {"authorization": credential, "content-type": GEOJSON}
    answer = client.request(verb, ITEMS, json=point() if verb == "POST" else None, headers=headers)
    assert_problem(answer, 401)
    assert "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["expired_token", "revoked_token", "disabled"])
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_token_that_is_over_is_refused(
    live: Live, client: httpx.Client, token: str, verb: str
) -> None:
    headers = live.auth(token, content_type=GEOJSON)
    answer = client.request(verb, ITEMS, json=point() if verb == "POST" else None, headers=headers)
    assert_problem(answer, 401)
    assert "invalid_token" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("session", ["old_session", "disabled"])
def test_session_that_is_over_reads_as_the_public_and_never_writes(
    live: Live, session: str
) -> None:
    with live.session_client(session) as browser:
        public = browser.get(ITEMS).json()["numberMatched"]
        with live.client() as anonymous:
            assert anonymous.get(ITEMS).json()["numberMatched"] == public
        answer = browser.post(ITEMS, json=point(), headers={"content-type": GEOJSON})
        assert_problem(answer, 401)


def test_write_by_session_without_csrf_token_is_refused(live: Live) -> None:
    with live.session_client("gis_officer_in") as browser:
        headers = {"content-type": GEOJSON}
        assert_problem(browser.post(ITEMS, json=point(), headers=headers), 403)
        headers["x-csrf-token"] = browser.get("/auth/me").json()["csrf_token"]
        assert browser.post(ITEMS, json=point(), headers=headers).status_code == 201
