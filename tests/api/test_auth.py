# SPDX-License-Identifier: GPL-2.0-or-later
"""Signing in, sessions, forged requests and tokens, through routes and middleware."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from geoapi.identity import IdentityCache
from geoapi.keys import load_keys
from geoapi.rights import Grant
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import open_store
from geoapi.store.audit import read_audit
from geoapi.store.schema import migrate
from geoapi.web.authentication import AuthenticationMiddleware
from tests.api.account_samples import (
    PAGE,
    PASSWORD,
    PROBLEM,
    Clock,
    app_of,
    browser,
    client_of,
    log_in,
    make_user,
    new_token,
    token_on,
)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the current schema, to copy: making one takes longer than most tests here."""
    path = tmp_path_factory.mktemp("empty") / "site.gpkg"
    store = open_store(path)
    migrate(store)
    store.close()
    return path


@pytest.fixture
def site(tmp_path: Path, empty_store: Path) -> Iterator[Site]:
    clock = Clock()
    path = shutil.copy(empty_store, tmp_path / "site.gpkg")
    settings = Settings(store=str(path), data_dir=tmp_path / "var", login_attempts=3)
    store = open_store(settings.store, clock=clock)
    yield Site(settings, store, load_keys(settings.data_dir), clock)
    store.close()


@pytest.fixture
def client(site: Site) -> httpx.Client:
    return client_of(site)


def test_sign_in_page_begins_a_session_and_sign_out_ends_it(
    site: Site, client: httpx.Client
) -> None:
    user_id = make_user(site, "somchai")
    answer = log_in(client, next="/ogc/probe")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ogc/probe")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "pakmud_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert client.get("/ogc/probe").json() == {"user": user_id, "via": "session"}
    page = client.get("/auth/account", headers=PAGE)
    gone = client.post("/auth/logout", data={"csrf_token": token_on(page)})
    assert gone.status_code == 303
    client.cookies.set("pakmud_session", cookie.partition("=")[2].partition(";")[0])
    assert client.get("/ogc/probe").json() == {"user": "", "via": ""}


def test_with_https_the_cookie_is_secure_and_bound_to_the_host(site: Site) -> None:
    from dataclasses import replace

    make_user(site, "somchai")
    settings = replace(site.settings, public_url="https://pakmud.example.go.th")
    client = client_of(replace(site, settings=settings))
    answer = log_in(client)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "__Host-pakmud=" in c)
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_session_id_set_before_sign_in_is_never_taken_over(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai")
    client.cookies.set("pakmud_session", "chosen-by-an-attacker")
    answer = log_in(client)
    assert answer.status_code == 303
    assert client.cookies.get("pakmud_session", domain="127.0.0.1") != "chosen-by-an-attacker"
    stranger = client_of(site)
    stranger.cookies.set("pakmud_session", "chosen-by-an-attacker")
    assert stranger.get("/ogc/probe").json()["user"] == ""


def test_wrong_password_is_said_on_the_form_and_the_name_kept(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai")
    answer = log_in(client, password="wrong")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="somchai"' in answer.text
    assert "wrong" not in re.sub(r"<style.*?</style>", "", answer.text)
    assert "Basic" not in answer.headers["www-authenticate"]
    english = client.get("/auth/login?lang=en", headers=PAGE)
    assert "Sign in" in english.text


def test_too_many_wrong_passwords_have_to_wait(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    for _ in range(3):
        assert log_in(client, password="wrong").status_code == 401
    answer = log_in(client)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "30"


def test_sign_in_never_leads_to_another_site(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    for way in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        page = client.get("/auth/login", params={"next": way}, headers=PAGE)
        assert 'name="next" value="/"' in page.text
        assert log_in(client, next=way).headers["location"] == "/"
        client.cookies.clear()


def test_public_page_without_a_form_sets_no_cookie(client: httpx.Client) -> None:
    answer = client.get("/ogc/probe")
    assert "set-cookie" not in answer.headers


def test_sign_in_form_needs_the_token_of_its_own_cookie(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    fields = {"username": "somchai", "password": PASSWORD}
    assert client.post("/auth/login", data=fields).status_code == 403
    elsewhere = token_on(client_of(site).get("/auth/login", headers=PAGE))
    client.get("/auth/login", headers=PAGE)
    answer = client.post("/auth/login", data=fields | {"csrf_token": elsewhere})
    assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
    assert answer.json()["type"].endswith("auth.csrf_wrong")
    client.cookies.set("pakmud_pre", "forged.signature")
    assert client.post("/auth/login", data=fields | {"csrf_token": elsewhere}).status_code == 403


def test_writing_by_session_needs_a_token_of_that_session(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    make_user(site, "malee")
    log_in(client)
    other = client_of(site)
    log_in(other, "malee")
    own = token_on(client.get("/auth/account", headers=PAGE))
    foreign = token_on(other.get("/auth/account", headers=PAGE))

    def api(**headers: str) -> tuple[int, str]:
        answer = client.post("/ogc/probe", json={}, headers=headers)
        return answer.status_code, answer.json().get("type", "").rpartition(":")[2]

    assert api() == (403, "auth.csrf_missing")
    assert api(**{"X-CSRF-Token": "wrong"}) == (403, "auth.csrf_wrong")
    assert api(**{"X-CSRF-Token": foreign}) == (403, "auth.csrf_wrong")
    assert api(**{"X-CSRF-Token": own})[0] == 200
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert api(**form) == (403, "auth.csrf_missing")
    for token, status in (("", 403), ("wrong", 403), (foreign, 403), (own, 200)):
        fields = {"q": "x"} | ({"csrf_token": token} if token else {})
        assert client.post("/careful", data=fields).status_code == status
    assert client.post("/careful", data={"q": "x"}, headers={"X-CSRF-Token": own}).is_success
    refusals = site.store.read(lambda c: read_audit(c, event="csrf"))
    assert {entry.outcome for entry in refusals} == {"refused"}


def test_token_of_a_page_ends_with_its_session(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    log_in(client)
    old = token_on(client.get("/auth/account", headers=PAGE))
    client.post("/auth/logout", data={"csrf_token": old})
    log_in(client)
    answer = client.post("/ogc/probe", json={}, headers={"X-CSRF-Token": old})
    assert answer.status_code == 403


def test_request_of_another_site_is_refused_even_with_the_token(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai")
    log_in(client)
    token = token_on(client.get("/auth/account", headers=PAGE))
    for headers, status in (
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": "http://127.0.0.1:8018"}, 200),
        ({}, 200),
    ):
        sent = headers | {"X-CSRF-Token": token}
        assert client.post("/ogc/probe", json={}, headers=sent).status_code == status


def test_route_that_forgets_the_check_answers_nothing(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    log_in(client)
    with pytest.raises(RuntimeError, match="checked_form"):
        client.post("/careless", data={"q": "x"})


def test_ended_session_reads_as_the_public_and_writes_are_told(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai")
    log_in(client)
    token = token_on(client.get("/auth/account", headers=PAGE))
    site.clock.now += timedelta(hours=11)
    assert client.get("/ogc/probe").json()["via"] == ""
    answer = client.post("/ogc/probe", json={}, headers={"X-CSRF-Token": token})
    assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
    assert "ยังอยู่ในเบราว์เซอร์" in answer.json()["detail_th"]
    assert "still in your browser" in answer.json()["detail_en"]
    assert "Basic" not in answer.headers["www-authenticate"]
    page = client.post("/auth/account", data={"csrf_token": token}, headers=PAGE)
    assert page.status_code == 401
    assert "ยังอยู่ในเบราว์เซอร์" in page.text
    assert log_in(client).status_code == 303


def test_other_process_sees_a_revocation_when_its_cache_is_over(
    site: Site, client: httpx.Client
) -> None:
    """Two applications stand for two workers; the cache's life is tested with its own clock."""
    make_user(site, "somchai", Grant("officer"))
    secret = new_token(site, client)
    moments = [0.0]
    inside = app_of(site)
    app = AuthenticationMiddleware(inside.router, site, IdentityCache(lambda: moments[0]))

    async def with_app(scope, receive, send) -> None:
        scope["app"] = inside
        await app(scope, receive, send)

    worker = browser(with_app, site.settings.base_url)
    headers = {"Authorization": f"Bearer {secret}"}
    assert worker.get("/auth/me", headers=headers).json()["user"]["username"] == "somchai"
    page = client.get("/auth/tokens", headers=PAGE)
    action = re.search(r'action="(/auth/tokens/[^"]+/revoke)"', page.text)
    assert action
    client.post(action[1], data={"csrf_token": token_on(page)})
    assert client.get("/auth/me", headers=headers).status_code == 401  # here at once
    assert worker.get("/auth/me", headers=headers).status_code == 200
    moments[0] += 2.0
    assert worker.get("/auth/me", headers=headers).status_code == 401


def basic(name: str, password: str) -> dict[str, str]:
    value = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {value}"}


def test_token_works_as_bearer_and_as_basic_password_without_csrf(
    site: Site, client: httpx.Client
) -> None:
    user_id = make_user(site, "somchai")
    secret = new_token(site, client)
    program = client_of(site)
    for headers in ({"Authorization": f"Bearer {secret}"}, basic("Somchai", secret)):
        answer = program.post("/ogc/probe", json={}, headers=headers)
        assert answer.json() == {"user": user_id, "via": "token"}


def test_what_does_not_count_is_refused_and_never_taken_as_the_public(
    site: Site, client: httpx.Client
) -> None:
    from geoapi.access_tokens import make_token

    make_user(site, "somchai")
    make_user(site, "malee")
    secret = new_token(site, client)
    program = client_of(site)
    wrong = {
        "auth.token_over": {"Authorization": f"Bearer {make_token()}"},
        "auth.token_malformed": {"Authorization": f"Bearer {secret[:-1]}"},
        "auth.token_of_another": basic("malee", secret),
        "auth.basic_needs_token": basic("somchai", PASSWORD),
        "auth.basic_unreadable": {"Authorization": "Basic %%%"},
        "auth.unknown_scheme": {"Authorization": "Digest x"},
    }
    for message_id, headers in wrong.items():
        answer = program.get("/ogc/probe", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.json()["type"] == f"urn:pakmud:problem:{message_id}"
        assert "Bearer" in answer.headers["www-authenticate"]
        assert "Basic" in answer.headers["www-authenticate"]
        assert answer.json()["detail_th"] != answer.json()["detail_en"] != message_id
    site.clock.now += timedelta(days=31)
    expired = program.get("/ogc/probe", headers={"Authorization": f"Bearer {secret}"})
    assert expired.status_code == 401


def test_me_tells_grants_and_where_permissions_hold(site: Site, client: httpx.Client) -> None:
    user_id = make_user(site, "somchai", Grant("officer", area_code="57"))
    nobody = client.get("/auth/me").json()
    assert (nobody["user"], nobody["grants"], nobody["permissions"]) == (None, [], {})
    secret = new_token(site, client)
    told = client_of(site).get("/auth/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert told["user"]["id"] == user_id
    assert told["via"] == "token"
    assert told["grants"] == [
        {
            "role": "officer", "agency_id": "", "area_code": "57",
            "valid_from": None, "valid_to": None,
        }
    ]  # fmt: skip
    assert told["permissions"]["points.edit"] == [{"agency_id": "", "area_code": "57"}]
    assert "users.manage" not in told["permissions"]
