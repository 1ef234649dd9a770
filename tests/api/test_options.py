# SPDX-License-Identifier: GPL-2.0-or-later
"""OPTIONS tells each reader what that reader may do, with the collection and with each item."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import ITEMS, Live
from tests.api.live_data import USERS, named_id

READ = {"GET", "HEAD", "OPTIONS"}
WRITE = {"PUT", "PATCH", "DELETE"}
PUBLISHED = f"{ITEMS}/{named_id('verified0')}"
OUTSIDE = f"{ITEMS}/{named_id('outside0')}"
INSIDE = {"officer_in", "gis_officer_in", "agency_admin_in"}
ELSEWHERE = {"officer_out", "gis_officer_out", "agency_admin_out"}
SEE_DRAFT = INSIDE | {"supervisor_in", "planner_in", "admin"}
ROLES = ["", *sorted(USERS.keys() - {"disabled"})]


def allowed(client: httpx.Client, path: str, headers: dict[str, str]) -> set[str]:
    answer = client.options(path, headers=headers)
    assert answer.status_code == 200
    assert answer.content == b""
    return set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("who", ROLES)
def test_post_is_listed_for_those_who_may_create(
    live: Live, client: httpx.Client, who: str
) -> None:
    verbs = allowed(client, ITEMS, live.auth(who))
    assert verbs == READ | ({"POST"} if who in INSIDE | ELSEWHERE else set())


@pytest.mark.parametrize("who", ROLES)
def test_write_verbs_of_an_item_are_listed_for_those_who_may_write_it(
    live: Live, client: httpx.Client, item: httpx.Response, who: str
) -> None:
    inside = allowed(client, PUBLISHED, live.auth(who))
    outside = allowed(client, OUTSIDE, live.auth(who))
    draft = allowed(client, item.headers["location"], live.auth(who)) if who in SEE_DRAFT else READ
    assert WRITE & inside == writable(who, INSIDE, "supervisor_in")
    assert WRITE & outside == writable(who, ELSEWHERE, "supervisor_out")
    assert WRITE & draft == (
        WRITE if who in INSIDE else {"DELETE"} if who == "supervisor_in" else set()
    )
    assert inside & outside & draft >= READ


def writable(who: str, editors: set[str], supervisor: str) -> set[str]:
    """Return the verbs for a published point: officers do not delete what the public sees."""
    if who not in editors:
        return {"DELETE"} if who == supervisor else set()
    return WRITE - {"DELETE"} if who.startswith("officer") else WRITE


@pytest.mark.parametrize("who", ROLES)
def test_accept_headers_come_with_the_verbs_they_belong_to(
    live: Live, client: httpx.Client, who: str
) -> None:
    for path, verb, name in ((ITEMS, "POST", "accept-post"), (PUBLISHED, "PATCH", "accept-patch")):
        answer = client.options(path, headers=live.auth(who))
        assert (verb in answer.headers["allow"]) is (name in answer.headers)


@pytest.mark.parametrize("collection", ["provinces", "districts", "agencies"])
def test_read_only_collection_lists_no_write_verb(
    live: Live, client: httpx.Client, collection: str
) -> None:
    path = f"/ogc/collections/{collection}/items"
    assert allowed(client, path, live.auth("admin")) == READ


def test_options_of_what_may_not_be_seen_is_not_found(live: Live, client: httpx.Client) -> None:
    draft = f"{ITEMS}/{named_id('draft0')}"
    assert client.options(draft).status_code == 404
    assert client.options(draft, headers=live.auth("officer_out")).status_code == 404
    assert client.options(draft, headers=live.auth("planner_in")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/ogc/", "/ogc/conformance", "/ogc/collections", "/ogc/collections/service-points"]
)
def test_options_of_a_document_lists_reading(client: httpx.Client, path: str) -> None:
    assert allowed(client, path, {}) == READ


def test_what_options_lists_depends_on_the_reader(client: httpx.Client) -> None:
    assert "Authorization" in client.options(ITEMS).headers["vary"]
