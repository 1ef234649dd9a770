# SPDX-License-Identifier: GPL-2.0-or-later
"""Uploads in pieces (tus 1.0.0): go on after a broken connection, end, expire; nobody else's."""

from __future__ import annotations

import base64
import contextlib
import socket
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from geoapi.photos import sweep, uploads
from geoapi.rights import Viewer
from tests import photo_samples as samples
from tests.api.conftest import Live, assert_problem
from tests.api.test_rights_matrix import csrf_token

UPLOADS = "/photos/uploads"
TUS = {"tus-resumable": "1.0.0"}
PIECE = {"content-type": "application/offset+octet-stream"}
CONTENT = samples.jpeg(samples.picture(640, 480))


@pytest.fixture
def point_id(item: httpx.Response) -> str:
    return str(item.json()["id"])


def metadata(**said: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())


def begin(
    live: Live, client: httpx.Client, point_id: str, length: int = len(CONTENT), **said: str
) -> httpx.Response:
    headers = live.auth() | TUS | {"upload-length": str(length)}
    headers["upload-metadata"] = metadata(point_id=point_id, filename="ภาพ.jpg", **said)
    return client.post(UPLOADS, headers=headers)


def send(
    live: Live, client: httpx.Client, url: str, offset: int, piece: bytes, **more: str
) -> httpx.Response:
    headers = live.auth() | TUS | PIECE | {"upload-offset": str(offset)} | more
    return client.patch(url, content=piece, headers=headers)


def offset_of(live: Live, client: httpx.Client, url: str) -> int:
    answer = client.head(url, headers=live.auth() | TUS)
    assert answer.status_code == 200, answer.headers
    return int(answer.headers["upload-offset"])


def photos_of(live: Live, client: httpx.Client, point_id: str) -> list[str]:
    url = f"/ogc/collections/service-points/items/{point_id}"
    return list(client.get(url, headers=live.auth()).json()["properties"].get("photos") or [])


def part(live: Live, url: str) -> Path:
    return uploads.part_file(live.site.settings.data_dir, url.rpartition("/")[2])


def test_pieces_become_a_photo(live: Live, client: httpx.Client, point_id: str) -> None:
    made = begin(live, client, point_id, kind="sign", caption_th="ป้าย")
    assert made.status_code == 201, made.text
    assert made.headers["tus-resumable"] == "1.0.0"
    assert "GMT" in made.headers["upload-expires"]
    url = made.headers["location"]
    middle = len(CONTENT) // 2
    first = send(live, client, url, 0, CONTENT[:middle])
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(middle))
    assert offset_of(live, client, url) == middle
    assert photos_of(live, client, point_id) == []
    last = send(live, client, url, middle, CONTENT[middle:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(CONTENT)))
    (photo_id,) = photos_of(live, client, point_id)
    shown = client.get(f"/ogc/collections/photos/items/{photo_id}", headers=live.auth()).json()
    assert (shown["properties"]["kind"], shown["properties"]["caption_th"]) == ("sign", "ป้าย")
    assert not part(live, url).exists()
    # the answer was lost: whoever asks or sends again hears that all is there
    assert offset_of(live, client, url) == len(CONTENT)
    assert send(live, client, url, len(CONTENT), b"").status_code == 204
    assert photos_of(live, client, point_id) == [photo_id]


def test_says_what_it_speaks(client: httpx.Client) -> None:
    answer = client.options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["tus-extension"] == "creation,termination,expiration"
    assert answer.headers["tus-max-size"] == "15000000"


def test_what_came_before_the_connection_broke_is_kept(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    url = begin(live, client, point_id).headers["location"]
    path, token = httpx.URL(url).path, live.tokens["gis_officer_in"]
    head = (
        f"PATCH {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"tus-resumable: 1.0.0\r\ncontent-type: {PIECE['content-type']}\r\nupload-offset: 0\r\n"
        f"content-length: {len(CONTENT)}\r\n\r\n"
    )
    with contextlib.closing(socket.create_connection(("127.0.0.1", live.site.settings.port))) as s:
        s.sendall(head.encode() + CONTENT[:7000])
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    while (came := offset_of(live, client, url)) < 7000 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert came == 7000
    assert send(live, client, url, came, CONTENT[came:]).status_code == 204
    assert len(photos_of(live, client, point_id)) == 1


def test_a_wrong_offset_changes_nothing(live: Live, client: httpx.Client, point_id: str) -> None:
    url = begin(live, client, point_id).headers["location"]
    assert send(live, client, url, 0, CONTENT[:100]).status_code == 204
    for wrong in (0, 99, 101):
        assert_problem(send(live, client, url, wrong, b"xyz"), 409)
    assert offset_of(live, client, url) == 100


def test_more_than_announced_is_refused(live: Live, client: httpx.Client, point_id: str) -> None:
    url = begin(live, client, point_id, length=50).headers["location"]
    assert_problem(send(live, client, url, 0, CONTENT[:51]), 413)
    assert offset_of(live, client, url) == 0


def test_a_file_that_is_no_photo_ends_its_upload(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    url = begin(live, client, point_id, length=len(samples.HTML)).headers["location"]
    assert_problem(send(live, client, url, 0, samples.HTML), 422, "/file")
    assert_problem(send(live, client, url, 0, b""), 404)
    assert not part(live, url).exists()
    assert photos_of(live, client, point_id) == []


def test_ending_an_upload_deletes_what_came(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    url = begin(live, client, point_id).headers["location"]
    send(live, client, url, 0, CONTENT[:500])
    assert client.delete(url, headers=live.auth() | TUS).status_code == 204
    assert not part(live, url).exists()
    assert client.head(url, headers=live.auth() | TUS).status_code == 404


def test_half_an_upload_expires(live: Live, client: httpx.Client, point_id: str) -> None:
    clock = live.site.clock
    with clock.ago(hours=25):  # type: ignore[attr-defined]
        row = uploads.begin(
            live.site, _context(live), len(CONTENT), {"point_id": point_id, "kind": "sign"}
        )
    url = f"{live.url}{UPLOADS}/{row.id}"
    assert client.head(url, headers=live.auth() | TUS).status_code == 404
    assert_problem(send(live, client, url, 0, CONTENT), 404)
    old = time.time() - timedelta(hours=2).total_seconds()
    path = part(live, url)
    import os

    os.utime(path, (old, old))
    sweep.sweep(live.site)
    assert not path.exists()


def _context(live: Live):
    from geoapi.revisions import WriteContext
    from tests.api.live_data import USERS

    user_id = live.user_ids["gis_officer_in"]
    return WriteContext(Viewer(user_id, grants=USERS["gis_officer_in"], via="token"))


def test_uploads_are_ones_own(live: Live, client: httpx.Client, point_id: str) -> None:
    url = begin(live, client, point_id).headers["location"]
    other = live.auth("officer_in") | TUS
    assert client.head(url, headers=other).status_code == 404
    sent = client.patch(url, content=b"x", headers=other | PIECE | {"upload-offset": "0"})
    assert_problem(sent, 404)
    assert_problem(client.delete(url, headers=other), 404)
    assert offset_of(live, client, url) == 0


def test_rights_over_the_point_are_asked_first(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    def status(who: str, target: str = point_id) -> int:
        headers = live.auth(who) | TUS | {"upload-length": "9"}
        headers["upload-metadata"] = metadata(point_id=target)
        return client.post(UPLOADS, headers=headers).status_code

    assert status("") == 401
    assert status("planner_in") == 403
    assert status("officer_out") == 404
    assert status("officer_in") == 201
    assert status("officer_in", "nowhere") == 404


def test_bad_beginnings_are_named(live: Live, client: httpx.Client, point_id: str) -> None:
    assert_problem(begin(live, client, point_id, length=15_000_001), 413)
    assert_problem(begin(live, client, point_id, length=0), 400)
    assert_problem(begin(live, client, point_id, kind="selfie"), 422, "/properties/kind")
    assert_problem(client.post(UPLOADS, headers=live.auth()), 412)
    for bad in ({"upload-length": "many"}, {}, {"upload-length": "9", "upload-metadata": "a %%"}):
        assert_problem(client.post(UPLOADS, headers=live.auth() | TUS | bad), 400)


def test_a_piece_is_no_larger_than_a_body(live: Live, client: httpx.Client, point_id: str) -> None:
    most = live.site.settings.max_body_bytes
    url = begin(live, client, point_id, length=most * 2).headers["location"]
    assert_problem(send(live, client, url, 0, b"\0" * (most + 1)), 413)


def test_a_session_needs_its_token(live: Live, point_id: str) -> None:
    with live.session_client("officer_in") as browser:
        token = csrf_token(browser)
        headers = TUS | {"upload-length": "9", "upload-metadata": metadata(point_id=point_id)}
        assert browser.post(UPLOADS, headers=headers).status_code == 403
        made = browser.post(UPLOADS, headers=headers | {"x-csrf-token": token})
        assert made.status_code == 201
        url = made.headers["location"]
        piece = TUS | PIECE | {"upload-offset": "0"}
        assert browser.patch(url, content=b"x", headers=piece).status_code == 403
        assert browser.delete(url, headers=TUS).status_code == 403


def test_nobody_keeps_too_much_open(
    live: Live, client: httpx.Client, point_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_OPEN", 0)
    refused = begin(live, client, point_id)
    assert_problem(refused, 429)
    assert refused.headers["retry-after"] == "600"


def test_two_requests_at_once_do_not_mix(live: Live, client: httpx.Client, point_id: str) -> None:
    url = begin(live, client, point_id).headers["location"]
    current = uploads.progress(live.site, _context(live).viewer, url.rpartition("/")[2])
    with uploads.appending(live.site, current, 0) as held:
        assert_problem(send(live, client, url, 0, CONTENT[:10]), 409)
        held.append(CONTENT[:10])
    assert offset_of(live, client, url) == 10
