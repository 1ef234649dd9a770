# SPDX-License-Identifier: GPL-2.0-or-later
"""A revoked token is refused by every worker within five seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing

import httpx
import psutil
import pytest

from tests.live import LiveSite, bearer

WITHIN_S = 5.0
PASSWORD = "ฝนตกที่แม่สาย 2569"


def log_in(site: LiveSite, name: str) -> httpx.Client:
    """Sign in through the page and return the browser."""
    site.run("user", "password", name, "--password-stdin", text=PASSWORD + "\n")
    browser = httpx.Client(base_url=site.url, headers={"accept": "text/html"}, timeout=30)
    page = browser.get("/auth/login")
    form = {"csrf_token": csrf_token(page.text), "username": name, "password": PASSWORD}
    assert browser.post("/auth/login", data=form).status_code == 303
    return browser


def csrf_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def worker_connections(site: LiveSite, count: int) -> list[httpx.Client]:
    """Return connections that are held open; many enough for every worker to have some."""
    return [httpx.Client(base_url=site.url, timeout=30) for _ in range(count)]


def workers_with_connections(site: LiveSite) -> int:
    """Return how many processes hold a connection of ours."""
    assert site.process is not None
    family = psutil.Process(site.process.pid).children(recursive=True)
    held = [
        process
        for process in family
        if any(
            c.status == psutil.CONN_ESTABLISHED and c.laddr.port == site.port
            for c in process.net_connections("tcp")
        )
    ]
    return len(held)


@pytest.mark.postgis
def test_revoked_token_is_refused_by_every_worker_within_five_seconds(
    new_site: Callable[..., LiveSite],
) -> None:
    site = new_site("postgis", workers="2", log_level="WARNING")
    token = site.add_user("planner", "planner")
    site.start()
    path = "/ogc/collections/service-points/items?limit=1"
    clients: list[httpx.Client] = []
    try:
        deadline = time.monotonic() + 30
        while workers_with_connections(site) < 2:
            assert time.monotonic() < deadline, "one worker takes all connections"
            clients += worker_connections(site, 8)
            for client in clients:
                assert client.get(path, headers=bearer(token)).status_code == 200
        with closing(log_in(site, "planner")) as browser:
            page = browser.get("/auth/tokens")
            action = re.search(r'action="(/auth/tokens/[^"]+/revoke)"', page.text)
            assert action, page.text
            form = {"csrf_token": csrf_token(page.text)}
            assert browser.post(action[1], data=form).status_code == 303
        revoked_at = time.monotonic()
        accepted: dict[int, float] = {}
        while time.monotonic() - revoked_at < WITHIN_S:
            for number, client in enumerate(clients):
                if client.get(path, headers=bearer(token)).status_code != 401:
                    accepted[number] = time.monotonic() - revoked_at
        statuses = {client.get(path, headers=bearer(token)).status_code for client in clients}
        assert statuses == {401}, accepted
    finally:
        for client in clients:
            client.close()
    assert site.stop()
