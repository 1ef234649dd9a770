# SPDX-License-Identifier: GPL-2.0-or-later
"""A live server on each store, with users of every role, a few areas, agencies and points."""

from __future__ import annotations

import re
import secrets
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from geoapi.access_tokens import issue_token, list_tokens, revoke_token
from geoapi.app import create_app
from geoapi.identity import hash_secret
from geoapi.keys import load_keys
from geoapi.managers import Actor
from geoapi.passwords import hash_password
from geoapi.rights import SYSTEM, Viewer
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Transaction, accounts, open_store, utc_now
from geoapi.store.credentials import insert_credential
from geoapi.store.schema import migrate
from geoapi.web.connections import ConnectionLimits, GuardedProtocol
from tests.api.live_data import USERS, fill, named_id, point
from tests.services import Cluster, free_port

BACKENDS = ("geopackage", pytest.param("postgis", marks=pytest.mark.postgis))
ITEMS = "/ogc/collections/service-points/items"
GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"
JOB_OWNER, OTHER_OWNER = "planner_in", "gis_officer_in"
PASSWORD = "ฝนตกที่แม่สาย 2569"
# Reading all certificates for each client would take longer than most tests.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Clock:
    """A clock that can be set back while old credentials are made."""

    back: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() - self.back

    @contextmanager
    def ago(self, **parts: float) -> Iterator[None]:
        self.back = timedelta(**parts)
        yield
        self.back = timedelta()


def prefer_what_is_made(request: httpx.Request) -> None:
    """Ask to be shown what is created, which most tests look at, unless a test says otherwise.

    An empty preference is taken off: then nothing is preferred.
    """
    if request.headers.get("prefer") == "":
        del request.headers["prefer"]
    elif request.method == "POST" and request.url.path.endswith("/items"):
        request.headers.setdefault("prefer", "return=representation")


@dataclass
class Live:
    """A running site.

    Attributes:
        backend: name of its store.
        url: its address.
        site: the same site from inside.
        app: the application that answers.
        tokens: access token of each user, and ``expired_token``, ``revoked_token``.
        sessions: secret of a session of each user, and ``old_session``.
        user_ids: id of each user.
    """

    backend: str
    url: str
    site: Site
    app: Starlette
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)

    def auth(self, who: str = "gis_officer_in", **headers: str) -> dict[str, str]:
        """Return headers that sign a request in, and others beside them."""
        signed = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return signed | {name.replace("_", "-"): value for name, value in headers.items()}

    def client(self, who: str = "") -> httpx.Client:
        """Open a client; bodies come uncompressed unless a test asks otherwise."""
        headers = self.auth(who) | {"accept-encoding": "identity"}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=30, verify=NO_TLS,
            event_hooks={"request": [prefer_what_is_made]},
        )  # fmt: skip

    def session_client(self, who: str) -> httpx.Client:
        """Open a client that shows a session's cookie; '' for nobody."""
        cookies = {"pakmud_session": self.sessions[who]} if who else {}
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=30, verify=NO_TLS)


def create(live: Live, client: httpx.Client, **properties: Any) -> httpx.Response:
    """Create a point as the GIS officer inside; the answer holds Location and ETag."""
    answer = client.post(ITEMS, json=point(**properties), headers=live.auth(content_type=GEOJSON))
    assert answer.status_code == 201, answer.text
    return answer


def act(live: Live, client: httpx.Client, item_id: str, action: str, who: str) -> httpx.Response:
    """Take a step of the workflow, whatever the revision."""
    body = {"action": action, "reason": "ตรวจแล้ว"}
    headers = live.auth(who, if_match="*")
    return client.post(f"{ITEMS}/{item_id}/transitions", json=body, headers=headers)


def publish(live: Live, client: httpx.Client, item_id: str) -> None:
    """Submit and verify a point."""
    for action, who in (("submit", "gis_officer_in"), ("verify", "supervisor_in")):
        answer = act(live, client, item_id, action, who)
        assert answer.status_code == 200, answer.text


def assert_problem(answer: httpx.Response, status: int, where: str = "") -> dict[str, Any]:
    """Check that an answer is a problem in both languages and names the place of the mistake.

    Args:
        answer: of the server.
        status: expected.
        where: JSON pointer or parameter of one of its errors; '' when it has no place.
    """
    assert answer.status_code == status, (answer.status_code, answer.text[:600])
    assert answer.headers["content-type"] == PROBLEM
    assert "no-store" in answer.headers["cache-control"]
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    for entry in (document, *document.get("errors", ())):
        thai, english = entry["detail_th"], entry["detail_en"]
        assert any("\u0e00" <= letter <= "\u0e7f" for letter in thai), entry
        assert english not in ("", thai), entry
        assert not re.search(r"\{[a-z_]+\}", thai + english), entry
    if where:
        places = [e.get("parameter", e.get("pointer")) for e in document["errors"]]
        assert where in places, places
    return document


def _add_users(live: Live, clock: Clock) -> None:
    site, actor = live.site, Actor(SYSTEM, "tests")
    password_hash = hash_password(PASSWORD)

    def write(transaction: Transaction) -> None:
        for username, held in USERS.items():
            user_id = live.user_ids[username] = named_id(username)
            values = {
                "id": user_id, "username": username, "display_name": f"ผู้ใช้ {username}",
                "language": "th", "password_hash": password_hash,
                "must_change_password": False,
            }  # fmt: skip
            accounts.insert_user(transaction, values)
            for number, grant in enumerate(held):
                row = {"id": named_id(f"{username}/{number}"), "user_id": user_id}
                accounts.insert_grant(transaction, row | vars(grant))

    site.store.write(write)
    for username, user_id in live.user_ids.items():
        live.tokens[username] = issue_token(site, actor, user_id, ("tests", 30))
        live.sessions[username] = new_session(site, username)
    with clock.ago(days=40):
        user_id = live.user_ids["gis_officer_in"]
        live.tokens["expired_token"] = issue_token(site, actor, user_id, ("old", 30))
        live.sessions["old_session"] = new_session(site, "gis_officer_in")
    live.tokens["revoked_token"] = _revoked(site, user_id)
    site.store.write(
        lambda t: accounts.update_user(t, live.user_ids["disabled"], disabled_at=t.now)
    )


def new_session(site: Site, username: str) -> str:
    """Begin a session and return its secret, without the slow comparison of a password."""
    secret = secrets.token_urlsafe(32)
    now = site.clock()
    values = {
        "id": str(uuid.uuid4()), "user_id": named_id(username), "kind": "session",
        "secret_hash": hash_secret(secret), "last_used_at": now,
        "expires_at": now + timedelta(hours=10),
    }  # fmt: skip
    site.store.write(lambda transaction: insert_credential(transaction, values))
    return secret


def _revoked(site: Site, user_id: str) -> str:
    viewer = Viewer(user_id, via="session", credential_id="none")
    secret = issue_token(site, Actor(SYSTEM, "tests"), user_id, ("revoked", 30))
    newest = next(row for row in list_tokens(site, viewer) if row.label == "revoked")
    revoke_token(site, Actor(viewer, "tests"), newest.id)
    return secret


@contextmanager
def serving(site: Site, backend: str, limits: ConnectionLimits | None = None) -> Iterator[Live]:
    """Serve a site in a thread on its own port until the block ends."""
    app = create_app(site)
    app.state.connection_limits = limits
    config = uvicorn.Config(
        app, host="127.0.0.1", port=site.settings.port, http=GuardedProtocol, loop="asyncio",
        ws="none", log_config=None, access_log=False, server_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name=f"server-{backend}", daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            pytest.fail("the server did not start")
        time.sleep(0.01)
    yield Live(backend, site.settings.base_url, site, app)
    server.should_exit = True
    thread.join(30)


@contextmanager
def new_site(
    address: str, folder: Path, clock: Callable[[], datetime], **more: Any
) -> Iterator[Site]:
    """Open a new, empty site on a free port; closed at the end."""
    settings = Settings(store=address, data_dir=folder, port=free_port(), **more)
    store = open_store(address, clock=clock)
    migrate(store)
    yield Site(settings, store, load_keys(folder), clock)
    store.close()


@pytest.fixture(scope="session", params=BACKENDS)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A running site of each store, for the whole run; tests make points of their own in it."""
    folder, clock = tmp_path_factory.mktemp("live"), Clock()
    name = f"pakmud_test_live_{uuid.uuid4().hex[:8]}"
    if request.param == "postgis":
        cluster: Cluster = request.getfixturevalue("postgres")
        address = cluster.create_database(name, request.getfixturevalue("postgis_template"))
    else:
        address = str(folder / "site.gpkg")
    with (
        new_site(
            address, folder / "var", clock, max_body_bytes=200_000, login_attempts=100
        ) as site,
        serving(site, request.param) as running,
    ):
        site.store.write(fill)
        _add_users(running, clock)
        yield running
    if request.param == "postgis":
        cluster.drop_database(name)


@pytest.fixture
def client(live: Live) -> Iterator[httpx.Client]:
    """A client of the running site that is not signed in."""
    with live.client() as opened:
        yield opened


@pytest.fixture
def site_url(live: Live) -> str:
    """The address of the running site."""
    return live.url


@pytest.fixture
def item(live: Live, client: httpx.Client) -> httpx.Response:
    """The answer to the creation of a draft inside the scope of the ``_in`` users."""
    return create(live, client)


@pytest.fixture(scope="session", params=BACKENDS)
def process_site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A running site with the processes of the tests."""
    folder, clock = tmp_path_factory.mktemp("processes"), Clock()
    if request.param == "postgis":
        cluster: Cluster = request.getfixturevalue("postgres")
        name = f"pakmud_test_processes_{uuid.uuid4().hex[:8]}"
        address = cluster.create_database(name, request.getfixturevalue("postgis_template"))
    else:
        address = str(folder / "site.gpkg")
    packages = ("geoapi.processes", "tests.sample_processes")
    with (
        new_site(
            address, folder / "var", clock, process_packages=packages, serve_jobs=True,
            sync_per_client=40, jobs_per_user=60, login_attempts=100,
        ) as opened,
        serving(opened, request.param) as running,
    ):  # fmt: skip
        opened.store.write(fill)
        _add_users(running, clock)
        yield running
    if request.param == "postgis":
        cluster.drop_database(name)


@pytest.fixture
def job_owner(process_site: Live) -> Iterator[httpx.Client]:
    """A client of a user whose jobs are looked at."""
    with process_site.client(JOB_OWNER) as opened:
        yield opened


@pytest.fixture
def stranger(process_site: Live) -> Iterator[httpx.Client]:
    """A client of another user."""
    with process_site.client(OTHER_OWNER) as opened:
        yield opened


@pytest.fixture
def caller(process_site: Live) -> Iterator[httpx.Client]:
    """A client of nobody in particular."""
    with process_site.client() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running demonstration in a GeoPackage."""
    from geoapi.demo.load import load
    from geoapi.errors import UsageError

    folder = tmp_path_factory.mktemp("demo")
    with new_site(str(folder / "demo.gpkg"), folder / "var", utc_now, demo=True) as site:
        try:
            load(site)
        except UsageError as error:
            pytest.skip(f"demonstration data can't be made here: {error.message_id}")
        with serving(site, "demo") as running:
            yield running


def parse_instant(text: str) -> datetime:
    """Read an instant of a document."""
    return datetime.fromisoformat(text).astimezone(UTC)
