# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos under load and under kill -9: nothing lost, little memory, nothing of the camera left."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import pytest

from tests import photo_samples as samples
from tests.live import Answer, LiveSite, created_id, feature, path_of

UPLOADS = "/photos/uploads"
PHOTO_BYTES = 4_000_000
PER_POINT = 20
MOST_RSS_BYTES = 1_000_000_000
COUNTS = [
    pytest.param(12, 8, id="12-photos"),
    pytest.param(200, 16, id="200-photos", marks=pytest.mark.soak),
]


def headers(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "tus_resumable": "1.0.0", **more}


def new_point(site: LiveSite, token: str, number: int = 0) -> str:
    body = feature(f"สำนักงาน {number}", 99.83 + number / 100, 19.91)
    answer = site.request(
        "POST", "/ogc/collections/service-points/items", body,
        authorization=f"Bearer {token}", content_type="application/geo+json",
    )  # fmt: skip
    assert answer.status == 201, answer.body
    return created_id(answer)


def begin(site: LiveSite, token: str, point_id: str, length: int) -> str:
    said = ",".join(
        f"{name} {base64.b64encode(text.encode()).decode()}"
        for name, text in (("point_id", point_id), ("kind", "entrance"))
    )
    answer = site.request(
        "POST", UPLOADS, **headers(token, upload_length=str(length), upload_metadata=said)
    )
    assert answer.status == 201, answer.body
    return path_of(answer.headers["location"])


def offset_of(site: LiveSite, token: str, path: str) -> int:
    return int(site.request("HEAD", path, **headers(token)).headers["upload-offset"])


def send(site: LiveSite, token: str, path: str, offset: int, piece: bytes) -> Answer:
    kind = "application/offset+octet-stream"
    return site.request(
        "PATCH", path, piece, **headers(token, upload_offset=str(offset), content_type=kind)
    )


def photos_of(site: LiveSite, token: str, point_id: str) -> list[str]:
    answer = site.get(f"/collections/service-points/items/{point_id}", token)
    return list(answer.json()["properties"].get("photos") or [])


def assert_served_clean(site: LiveSite, token: str, photo_id: str) -> None:
    for size in ("full", "medium", "thumb"):
        path = f"/photos/{photo_id}/{size}.jpg"
        answer = site.request("GET", path, authorization=f"Bearer {token}")
        assert answer.status == 200, (path, answer.body[:300])
        samples.assert_clean(answer.body)


def test_killed_in_the_middle_of_an_upload_goes_on_where_it_was(
    backend: str, new_site: Callable[..., LiveSite]
) -> None:
    site = new_site(backend, log_level="WARNING")
    token = site.add_user("sender", "officer")
    content = samples.jpeg(samples.picture(1600, 1200), quality=97)
    chance = random.Random(7)
    site.start()
    point_id = new_point(site, token)
    path = begin(site, token, point_id, len(content))
    offset = 0
    for _ in range(2):
        piece = content[offset : offset + len(content) // 6]
        answer = send(site, token, path, offset, piece)
        assert answer.status == 204, answer.body
        acknowledged = offset + len(piece)
        _break_off(site, token, path, acknowledged, content, chance)
        site.kill()
        site.start()
        offset = offset_of(site, token, path)
        assert acknowledged <= offset <= len(content)
    assert send(site, token, path, offset, content[offset:]).status == 204
    (photo_id,) = photos_of(site, token, point_id)
    assert_served_clean(site, token, photo_id)
    assert not list((site.data_dir / "uploads").glob("*.part"))


def _break_off(
    site: LiveSite, token: str, path: str, offset: int, content: bytes, chance: random.Random
) -> None:
    """Begin another piece and leave it in the middle."""
    rest = content[offset:]
    head = (
        f"PATCH {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        "tus-resumable: 1.0.0\r\ncontent-type: application/offset+octet-stream\r\n"
        f"upload-offset: {offset}\r\ncontent-length: {len(rest)}\r\n\r\n"
    )
    with contextlib.closing(socket.create_connection(("127.0.0.1", site.port))) as connection:
        connection.sendall(head.encode() + rest[: chance.randrange(1, max(2, len(rest) // 6))])
        time.sleep(chance.uniform(0, 0.05))


def test_killed_while_the_photo_is_made_finishes_it_when_asked_again(
    backend: str, new_site: Callable[..., LiveSite]
) -> None:
    site = new_site(backend, log_level="WARNING")
    token = site.add_user("sender", "officer")
    site.start()
    point_id = new_point(site, token)
    content = samples.jpeg(samples.picture(4000, 3000), quality=90)
    for moment_s in (0.05, 0.3):
        path = begin(site, token, point_id, len(content))
        sender = threading.Thread(target=_send_into_the_dark, args=(site, token, path, content))
        sender.start()
        time.sleep(moment_s)
        site.kill()
        sender.join()
        site.start()
        offset = offset_of(site, token, path)
        if offset < len(content):
            assert send(site, token, path, offset, content[offset:]).status == 204
        assert offset_of(site, token, path) == len(content)
    made = photos_of(site, token, point_id)
    assert len(made) == len(set(made)) == 2
    for photo_id in made:
        assert_served_clean(site, token, photo_id)


def _send_into_the_dark(site: LiveSite, token: str, path: str, content: bytes) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        send(site, token, path, 0, content)


@dataclass
class Watch:
    """What the serving processes took.

    Attributes:
        rss_bytes: the most at one time, all processes together.
        cpu_s: user and system.
    """

    rss_bytes: int = 0
    cpu_s: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def look(self, pid: int) -> None:
        """Look again and again until it is over."""
        root = psutil.Process(pid)
        while not self._over.wait(0.05):
            rss, cpu = 0, 0.0
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    rss += process.memory_info().rss
                    times = process.cpu_times()
                    cpu += times.user + times.system
            self.rss_bytes, self.cpu_s = max(self.rss_bytes, rss), max(self.cpu_s, cpu)


@contextmanager
def watched(site: LiveSite) -> Iterator[Watch]:
    assert site.process is not None
    watch = Watch()
    thread = threading.Thread(target=watch.look, args=(site.process.pid,))
    thread.start()
    try:
        yield watch
    finally:
        watch._over.set()
        thread.join()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("count", "clients"), COUNTS)
def test_many_photos_at_once_lose_nothing_and_stay_small(
    count: int, clients: int, new_site: Callable[..., LiveSite]
) -> None:
    site = new_site("geopackage", log_level="WARNING")
    token = site.add_user("sender", "officer")
    kinds = [samples.plain_jpeg(PHOTO_BYTES, seed) for seed in range(min(4, count // 6))]
    assert all(PHOTO_BYTES <= len(content) <= 15_000_000 for content in kinds)
    site.start()
    points = [new_point(site, token, n) for n in range(-(-count // PER_POINT))]

    def one(number: int) -> str:
        """Send one photo, half of them in pieces and half as bodies."""
        content, point_id = kinds[number % len(kinds)], points[number // PER_POINT]
        if number % 2:
            answer = site.request(
                "POST", f"/ogc/collections/photos/items?point_id={point_id}&kind=sign", content,
                timeout=600, authorization=f"Bearer {token}", content_type="image/jpeg",
            )  # fmt: skip
            assert answer.status == 201, answer.body
            return created_id(answer)
        path, offset = begin(site, token, point_id, len(content)), 0
        while offset < len(content):
            piece = content[offset : offset + 2_000_000]
            answer = send(site, token, path, offset, piece)
            assert answer.status == 204, answer.body
            offset = int(answer.headers["upload-offset"])
        return path.rpartition("/")[2]

    started = time.monotonic()
    with watched(site) as watch, ThreadPoolExecutor(clients) as pool:
        sent = list(pool.map(one, range(count)))
        wall_s = time.monotonic() - started
    print(json.dumps({
        "photos": count, "clients": clients, "wall_s": round(wall_s, 1),
        "cpu_s": round(watch.cpu_s, 1), "rss_peak_mb": round(watch.rss_bytes / 1e6),
    }))  # fmt: skip
    there = [photo_id for point_id in points for photo_id in photos_of(site, token, point_id)]
    assert sorted(there) == sorted(sent)
    assert len(set(sent)) == count
    assert watch.rss_bytes <= MOST_RSS_BYTES
    for photo_id in there:
        assert_served_clean(site, token, photo_id)
    assert not list((site.data_dir / "uploads").glob("*.part"))
