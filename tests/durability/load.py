# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers that note what was acknowledged, and the checks of what is found afterwards."""

from __future__ import annotations

import contextlib
import http.client
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.live import Answer, LiveSite, feature, send

WRITERS = 8
PATCHES = 3
PROGRESS_TIMEOUT_S = 60.0
ITEMS = "/ogc/collections/service-points/items"


@dataclass
class Write:
    """One request that changes something.

    Attributes:
        key: its Idempotency-Key, its reason and, as a note, its content.
        item_id: of the point.
        method: POST or PATCH.
        path: where to.
        body: what.
        if_match: for a PATCH.
        answer: what the server said, ``None`` when the connection broke first.
    """

    key: str
    item_id: str
    method: str
    path: str
    body: dict[str, Any]
    if_match: str = ""
    answer: Answer | None = None

    @property
    def is_acknowledged(self) -> bool:
        """Say whether the server promised that it is stored."""
        return self.answer is not None and self.answer.status < 300

    def send(self, connection: http.client.HTTPConnection, token: str) -> Answer:
        """Send it, for the first time or again."""
        headers = {
            "authorization": f"Bearer {token}",
            "idempotency_key": self.key,
            "pakmud_reason": self.key,
            "content_type": "application/merge-patch+json"
            if self.method == "PATCH"
            else "application/geo+json",
        }
        if self.if_match:
            headers["if_match"] = self.if_match
        return send(connection, self.method, self.path, json.dumps(self.body).encode(), **headers)


@dataclass
class Load:
    """Writers on a site, and all they have sent.

    Attributes:
        site: that is written.
        token: of a user who may create and edit.
        writes: all that was sent, in no order.
        refused: answers of 400 and more, which a healthy server never gives.
    """

    site: LiveSite
    token: str
    writes: list[Write] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _before: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let eight writers write until `stop`, or until their server is gone."""
        self._stop.clear()
        self._before = len(self.writes)
        self._threads = [
            threading.Thread(target=self._work, args=(number,)) for number in range(WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        """Wait until so many more writes are acknowledged than when the writers started."""
        deadline = time.monotonic() + PROGRESS_TIMEOUT_S
        while sum(write.is_acknowledged for write in self.writes[self._before :]) < count:
            assert time.monotonic() < deadline, "the writers get nowhere"
            time.sleep(0.002)

    def stop(self) -> None:
        """Let the writers finish what they are sending."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a writer hangs"

    @property
    def acknowledged(self) -> list[Write]:
        """Return what the server promised to have stored."""
        return [write for write in self.writes if write.is_acknowledged]

    def _work(self, number: int) -> None:
        # a broken connection is what these tests are about; what was sent is settled afterwards
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            closing(self.site.connection(timeout=30)) as connection,
        ):
            while not self._stop.is_set():
                self._one_point(connection, number)

    def _one_point(self, connection: http.client.HTTPConnection, number: int) -> None:
        item_id = str(uuid.uuid4())
        key = f"load-{uuid.uuid4()}"
        lon, lat = 99.8 + number / 100, 19.9 + uuid.UUID(item_id).int % 1000 / 10_000
        body = {**feature(f"จุดทดสอบ {key}", lon, lat, note_th=key), "id": item_id}
        answer = self._send(connection, Write(key, item_id, "POST", ITEMS, body))
        for _ in range(PATCHES):
            if answer.status >= 300 or self._stop.is_set():
                return
            key = f"load-{uuid.uuid4()}"
            place = {"type": "Point", "coordinates": [round(lon, 7), round(lat + 0.0001, 7)]}
            body = {
                "geometry": place,
                "properties": {"note_th": key, "name_th": f"จุดทดสอบ {key}"},
            }
            path, tag = f"{ITEMS}/{item_id}", answer.headers["etag"]
            answer = self._send(connection, Write(key, item_id, "PATCH", path, body, tag))

    def _send(self, connection: http.client.HTTPConnection, write: Write) -> Answer:
        self.writes.append(write)
        write.answer = write.send(connection, self.token)
        if not write.is_acknowledged:
            self.refused.append(f"{write.answer.status} {write.answer.body[:300]!r}")
        return write.answer

    def settle(self) -> int:
        """Send again what was left without an answer; return how much that was."""
        open_ones = [write for write in self.writes if not write.is_acknowledged]
        with closing(self.site.connection()) as connection:
            for write in open_ones:
                write.answer = write.send(connection, self.token)
                assert write.is_acknowledged, (write.answer.status, write.answer.body)
        return len(open_ones)

    def replay(self, writes: list[Write]) -> None:
        """Send acknowledged writes again; each must get its first answer and do nothing."""
        with closing(self.site.connection()) as connection:
            for write in writes:
                again = write.send(connection, self.token)
                first = write.answer
                assert first is not None
                assert again.status == first.status
                assert again.headers.get("idempotency-replayed") == "true"
                assert again.headers["etag"] == first.headers["etag"]
                assert again.body == first.body


@contextlib.contextmanager
def database(site: LiveSite) -> Iterator[Any]:
    """Open the site's database beside the server; ``execute(sql).fetchall()`` on both kinds."""
    if "://" in site.store:
        import psycopg

        with psycopg.connect(site.store) as connection:
            yield connection
        return
    with closing(sqlite3.connect(site.store, timeout=20)) as connection:
        yield connection
        connection.rollback()


def check_stored(site: LiveSite, writes: list[Write], sent: list[Write]) -> None:
    """Check that all of ``writes`` is stored, each once, and nothing that was never sent.

    Args:
        site: whose database is read.
        writes: acknowledged.
        sent: all that was sent, acknowledged or not.
    """
    with database(site) as connection:
        changes = connection.execute(
            "SELECT reason, item_id, revision, document FROM change"
            " WHERE collection = 'service-points' ORDER BY seq"
        ).fetchall()
        keys = [row[0] for row in connection.execute("SELECT key FROM idempotency").fetchall()]
        rows = connection.execute(
            "SELECT id, revision, feature FROM service_point WHERE view = 'working'"
        ).fetchall()
    reasons = [change[0] for change in changes]
    assert len(reasons) == len(set(reasons)), "a write is twice in change"
    assert {write.key for write in writes} <= set(reasons), "an acknowledged write is missing"
    assert set(reasons) <= {write.key for write in sent}
    assert sorted(keys) == sorted(reasons), "an answer without its write, or a write without it"
    for reason, _, _, document in changes:
        assert json.loads(document)["properties"]["note_th"] == reason, "half a write"
    last = {item_id: (revision, document) for _, item_id, revision, document in changes}
    assert {item_id: (revision, text) for item_id, revision, text in rows} == last
    by_item: dict[str, list[int]] = {}
    for _, item_id, revision, _ in changes:
        by_item.setdefault(item_id, []).append(revision)
    assert all(found == list(range(1, len(found) + 1)) for found in by_item.values())


def check_indexes(site: LiveSite) -> None:
    """Check that the spatial and the text index say the same as the table."""
    if "://" in site.store:
        _check_postgis_indexes(site)
    else:
        _check_geopackage_indexes(site)


def _check_geopackage_indexes(site: LiveSite) -> None:
    with database(site) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT rtreecheck('service_point_rtree')").fetchall() == [
            ("ok",)
        ]
        # rank 1 compares with the table as well; raises where they differ
        connection.execute(
            "INSERT INTO service_point_fts(service_point_fts, rank) VALUES('integrity-check', 1)"
        )
        boxes = connection.execute(
            "SELECT fid, min_x, max_x, min_y, max_y FROM service_point_rtree ORDER BY fid"
        ).fetchall()
        bounds = connection.execute(
            "SELECT fid, min_x, max_x, min_y, max_y FROM service_point"
            " WHERE min_x IS NOT NULL ORDER BY fid"
        ).fetchall()
    assert [box[0] for box in boxes] == [row[0] for row in bounds]
    for box, row in zip(boxes, bounds, strict=True):  # an R-tree keeps 32 bits
        assert box == pytest.approx(row, abs=1e-4)


def _check_postgis_indexes(site: LiveSite) -> None:
    searches = (
        "SELECT fid FROM service_point WHERE geom && ST_MakeEnvelope(97, 5, 106, 21, 4326)",
        "SELECT fid FROM service_point WHERE search LIKE '%จุดทดสอบ load%'",
    )
    with database(site) as connection:
        (count,) = connection.execute("SELECT count(*) FROM service_point").fetchone()
        for search in searches:
            found = []
            for kept, left_out in (("seqscan", "bitmapscan"), ("bitmapscan", "seqscan")):
                connection.execute(f"SET enable_{kept} = on")
                connection.execute(f"SET enable_{left_out} = off")
                connection.execute(
                    "SET enable_indexscan = " + ("on" if kept == "bitmapscan" else "off")
                )
                found.append(sorted(row[0] for row in connection.execute(search).fetchall()))
            assert found[0] == found[1], search
            assert len(found[0]) == count, search
