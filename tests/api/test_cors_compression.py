# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of other sites, compressed bodies and their entity tags."""

from __future__ import annotations

import gzip

import httpx
import pytest
import zstandard

from tests.api.conftest import ITEMS, Live, create
from tests.api.live_data import named_id

MERGE = "application/merge-patch+json"
ITEM = f"{ITEMS}/{named_id('verified0')}"
OTHER_SITE = {"origin": "https://map.example.org"}
READ_BY_SCRIPTS = {
    "etag", "last-modified", "location", "allow", "accept-post", "accept-patch", "content-crs",
    "preference-applied", "retry-after", "x-request-id", "idempotency-replayed",
    "memento-datetime", "link", "content-disposition",
}  # fmt: skip
SENT_BY_SCRIPTS = {
    "authorization", "content-type", "if-match", "if-none-match", "if-unmodified-since", "prefer",
    "idempotency-key", "content-crs", "pakmud-reason", "accept-datetime",
}  # fmt: skip


def raw(client: httpx.Client, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """Get a body as it came over the line."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", path, headers=sent) as answer:
        content = b"".join(answer.iter_raw())
    return answer, content


def unpack(content: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.decompress(content)
    return zstandard.ZstdDecompressor().decompressobj().decompress(content)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("path", [f"{ITEMS}?limit=50", "/ogc/", "/ogc/openapi", ITEM, "/"])
def test_compressed_body_is_the_same_under_a_tag_of_its_own(
    client: httpx.Client, path: str, coding: str
) -> None:
    plain, body = raw(client, path)
    packed, content = raw(client, path, accept_encoding=coding)
    assert packed.headers["content-encoding"] == coding
    assert len(content) < len(body) == len(unpack(content, coding))
    if path != "/":
        assert unpack(content, coding) == body
        tag = plain.headers["etag"].strip('"')
        assert packed.headers["etag"] == f'"{tag}-{coding}"'
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"), ("gzip", "gzip"), ("zstd;q=0.1, gzip;q=0.9", "gzip"),
        ("identity", None), ("gzip;q=0, zstd;q=0", None), ("br", None), ("*", "zstd"), ("", None),
    ],
)  # fmt: skip
def test_coding_is_the_one_the_client_likes(
    client: httpx.Client, accepted: str, coding: str | None
) -> None:
    answer, _ = raw(client, f"{ITEMS}?limit=50", accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == coding


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_tag_of_a_compressed_body_works_in_conditions(
    live: Live, client: httpx.Client, coding: str
) -> None:
    item = create(live, client, address_th="ที่อยู่ " * 40)
    path = item.headers["location"]
    headers = live.auth() | {"accept-encoding": coding}
    tag = client.get(path, headers=headers).headers["etag"]
    assert tag.endswith(f'-{coding}"')
    again = client.get(path, headers=headers | {"if-none-match": tag})
    assert (again.status_code, again.headers["etag"]) == (304, tag)
    sent = headers | {"content-type": MERGE, "if-match": tag}
    patch = {"properties": {"name_en": coding}}
    assert client.patch(path, json=patch, headers=sent).status_code == 204
    assert client.patch(path, json=patch, headers=sent).status_code == 412


def test_small_body_stays_as_it_is(client: httpx.Client) -> None:
    answer, _ = raw(client, "/healthz", accept_encoding="gzip")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_preflight_lets_other_sites_send_what_the_api_reads(
    client: httpx.Client, verb: str
) -> None:
    headers = OTHER_SITE | {
        "access-control-request-method": verb,
        "access-control-request-headers": ", ".join(sorted(SENT_BY_SCRIPTS)),
    }
    answer = client.options(ITEM, headers=headers)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert verb in answer.headers["access-control-allow-methods"].split(", ")
    allowed = {h.strip().lower() for h in answer.headers["access-control-allow-headers"].split(",")}
    assert allowed >= SENT_BY_SCRIPTS
    assert "access-control-allow-credentials" not in answer.headers


def test_other_sites_may_read_the_answer_and_its_headers(live: Live, client: httpx.Client) -> None:
    answers = [
        client.get(ITEM, headers=OTHER_SITE),
        client.get(f"{ITEMS}/x", headers=OTHER_SITE),
        client.get(ITEMS, headers=OTHER_SITE | {"authorization": "Bearer x"}),
        client.patch(ITEM, json={}, headers=live.auth(content_type=MERGE) | OTHER_SITE),
    ]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = {
            name.strip().lower()
            for name in answer.headers["access-control-expose-headers"].split(",")
        }
        assert exposed >= READ_BY_SCRIPTS


@pytest.mark.parametrize("path", ["/", "/auth/me", "/my", "/auth/login"])
def test_pages_are_not_shared_with_other_sites(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers=OTHER_SITE)
    assert "access-control-allow-origin" not in answer.headers


def test_other_site_cannot_write_by_a_visitors_session(live: Live) -> None:
    with live.session_client("gis_officer_in") as browser:
        csrf = browser.get("/auth/me").json()["csrf_token"]
        headers = OTHER_SITE | {"content-type": MERGE, "if-match": "*", "x-csrf-token": csrf}
        answer = browser.patch(ITEM, json={"properties": {"name_en": "Forged"}}, headers=headers)
        assert answer.status_code == 403
        headers["sec-fetch-site"] = "cross-site"
        assert browser.delete(ITEM, headers=headers).status_code == 403
