# SPDX-License-Identifier: GPL-2.0-or-later
"""Own pages, users' pages, the audit and the command line."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from geoapi import sign_in
from geoapi.cli.user import create_first_admin
from geoapi.cli.user import user as user_commands
from geoapi.keys import load_keys
from geoapi.rights import Grant
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import open_store
from geoapi.store.accounts import user_by_name
from geoapi.store.audit import read_audit
from geoapi.store.schema import migrate
from tests.api.account_samples import (
    OTHER,
    PAGE,
    PASSWORD,
    ROOT,
    Clock,
    client_of,
    log_in,
    make_user,
    revision_on,
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


def test_own_name_and_language_are_changed(site: Site, client: httpx.Client) -> None:
    make_user(site, "somchai")
    log_in(client)
    page = client.get("/auth/account", headers=PAGE)
    fields = {
        "csrf_token": token_on(page), "revision": revision_on(page),
        "display_name": "สมชาย <b>", "language": "en",
    }  # fmt: skip
    answer = client.post("/auth/account", data=fields, headers=PAGE)
    assert answer.status_code == 303
    shown = client.get("/auth/account", headers=PAGE)
    assert "สมชาย &lt;b&gt;" in shown.text
    assert "My account" in shown.text
    again = client.post("/auth/account", data=fields, headers=PAGE)
    assert again.status_code == 409
    empty = fields | {"revision": revision_on(shown), "display_name": " "}
    refused = client.post("/auth/account", data=empty, headers=PAGE)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert 'aria-describedby="display_name-hint display_name-error"' in refused.text


def test_password_page_changes_it_and_keeps_this_browser_signed_in(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai")
    log_in(client)
    before = client.cookies["pakmud_session"]
    page = client.get("/auth/password", headers=PAGE)
    fields = {
        "csrf_token": token_on(page), "current_password": PASSWORD,
        "new_password": OTHER, "repeated_password": "another one",
    }  # fmt: skip
    assert client.post("/auth/password", data=fields, headers=PAGE).status_code == 422
    fields["repeated_password"] = OTHER
    assert client.post("/auth/password", data=fields, headers=PAGE).status_code == 303
    assert client.cookies["pakmud_session"] != before
    assert client.get("/ogc/probe").json()["via"] == "session"
    assert log_in(client_of(site), password=OTHER).status_code == 303


def test_who_must_change_the_password_reaches_nothing_else(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "somchai", Grant("officer"))
    sign_in.set_password(site, ROOT, "somchai", PASSWORD, must_change=True)
    assert log_in(client, next="/my").headers["location"] == "/auth/password"
    turned = client.get("/auth/account", headers=PAGE)
    assert (turned.status_code, turned.headers["location"]) == (303, "/auth/password")
    assert client.get("/ogc/probe").status_code == 403
    page = client.get("/auth/password", headers=PAGE)
    fields = {
        "csrf_token": token_on(page), "current_password": PASSWORD,
        "new_password": OTHER, "repeated_password": OTHER,
    }  # fmt: skip
    assert client.post("/auth/password", data=fields).status_code == 303
    assert client.get("/ogc/probe").status_code == 200


def test_first_administrator_sets_the_password_by_link_once(
    site: Site, client: httpx.Client
) -> None:
    path = create_first_admin(site, "root1", "ผู้ดูแลระบบ")
    page = client.get(path, headers=PAGE)
    assert "root1" in page.text
    fields = {
        "csrf_token": token_on(page), "token": path.partition("token=")[2],
        "new_password": PASSWORD, "repeated_password": PASSWORD,
    }  # fmt: skip
    weak = fields | {"new_password": "short", "repeated_password": "short"}
    assert client.post("/auth/set-password", data=weak, headers=PAGE).status_code == 422
    assert client.post("/auth/set-password", data=fields, headers=PAGE).status_code == 303
    assert client.get("/auth/audit", headers=PAGE).status_code == 200
    assert client_of(site).get(path, headers=PAGE).status_code == 404


def test_administrator_makes_a_user_and_hands_the_link_over(
    site: Site, client: httpx.Client
) -> None:
    make_user(site, "root1", Grant("admin"))
    log_in(client, "root1")
    page = client.get("/auth/users/new", headers=PAGE)
    fields = {
        "csrf_token": token_on(page), "username": "malee", "display_name": "มาลี",
        "language": "th", "role": "officer", "agency_id": "", "area_code": "57",
        "valid_from": "", "valid_to": "",
    }  # fmt: skip
    faulty = client.post("/auth/users/new", data=fields | {"area_code": "5"}, headers=PAGE)
    assert faulty.status_code == 422
    assert 'value="malee"' in faulty.text
    made = client.post("/auth/users/new", data=fields, headers=PAGE)
    link = re.search(r"http://127\.0\.0\.1:8018(/auth/set-password\?token=[^<]+)", made.text)
    assert link
    assert client_of(site).get(html.unescape(link[1]), headers=PAGE).status_code == 200
    assert "มาลี" in client.get("/auth/users", headers=PAGE).text


def test_administrator_changes_a_user_through_every_form(site: Site, client: httpx.Client) -> None:
    make_user(site, "root1", Grant("admin"))
    user_id = make_user(site, "malee")
    log_in(client, "root1")
    where = f"/auth/users/{user_id}"

    def post(way: str, **fields: str) -> httpx.Response:
        page = client.get(where, headers=PAGE)
        sent = {"csrf_token": token_on(page), "revision": revision_on(page), **fields}
        return client.post(where + way, data=sent, headers=PAGE)

    assert post("", display_name="มาลี ใจดี", language="en").status_code == 303
    assert post("/grants", role="officer", area_code="57").status_code == 303
    assert post("/grants", role="officer", valid_from="tomorrow").status_code == 422
    page = client.get(where, headers=PAGE)
    removal = re.search(rf'action="{where}(/grants/[^"]+/remove)"', page.text)
    assert removal
    assert post(removal[1]).status_code == 303
    assert post("/disable").status_code == 303
    assert log_in(client_of(site), "malee").status_code == 401
    assert post("/enable").status_code == 303
    reset = post("/reset-password", revoke_tokens="1")
    assert "/auth/set-password?token=" in reset.text
    stale = client.post(
        f"{where}/disable", data={"csrf_token": token_on(page), "revision": "1"}, headers=PAGE
    )
    assert stale.status_code == 409
    entries = site.store.read(read_audit)
    assert {"user.change", "grant.add", "grant.remove", "user.disable", "user.enable",
            "password.link"} <= {entry.event for entry in entries}  # fmt: skip
    audit = client.get("/auth/audit?event=grant.add&lang=en", headers=PAGE)
    assert "Role given" in audit.text


def test_last_administrator_is_told_why_not(site: Site, client: httpx.Client) -> None:
    make_user(site, "root1", Grant("admin"))
    user_id = site.store.read(lambda c: user_by_name(c, "root1")).id
    log_in(client, "root1")
    page = client.get(f"/auth/users/{user_id}?lang=en", headers=PAGE)
    fields = {"csrf_token": token_on(page), "revision": revision_on(page)}
    removal = re.search(r'action="([^"]+/remove)"', page.text)
    assert removal
    answer = client.post(removal[1], data=fields, headers=PAGE)
    assert answer.status_code == 409
    assert "Appoint another first" in answer.text


def test_users_pages_are_closed_to_others_and_the_refusal_is_recorded(
    site: Site, client: httpx.Client
) -> None:
    user_id = make_user(site, "somchai", Grant("officer"), Grant("supervisor"))
    paths = ["/auth/users", "/auth/users/new", f"/auth/users/{user_id}", "/auth/audit"]
    for path in paths:
        turned = client.get(path, headers=PAGE)
        assert turned.headers["location"] == f"/auth/login?next={path}"
    log_in(client)
    for path in paths:
        assert client.get(path, headers=PAGE).status_code == 403
    token = token_on(client.get("/auth/account", headers=PAGE))
    for path in ("", "/grants", "/grants/x/remove", "/disable", "/enable", "/reset-password"):
        sent = {"csrf_token": token, "revision": "1"}
        assert client.post(f"/auth/users/{user_id}{path}", data=sent).status_code == 403
    refused = site.store.read(lambda c: read_audit(c, event="request"))
    assert len(refused) == len(paths) + 6


def test_agency_administrator_sees_no_audit(site: Site, client: httpx.Client) -> None:
    make_user(site, "chief", Grant("agency_admin", area_code="57"))
    log_in(client, "chief")
    assert client.get("/auth/users", headers=PAGE).status_code == 200
    assert client.get("/auth/audit", headers=PAGE).status_code == 403


def test_users_are_managed_from_the_command_line(site: Site) -> None:
    runner = CliRunner()

    def run(*words: str, typed: str = "") -> str:
        result = runner.invoke(user_commands, words, obj=site, input=typed, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    made = run("add", "malee", "--name", "มาลี", "--role", "officer", "--area", "57")
    assert "/auth/set-password?token=" in made
    run("password", "malee", "--password-stdin", typed=PASSWORD + "\n")
    sign_in.sign_in(site, sign_in.LoginTry("malee", PASSWORD, ""))
    run("role", "malee", "supervisor", "--area", "57", "--to", "2027-09-30")
    assert set(run("list").split()[2].split(",")) == {"officer:57", "supervisor:57"}
    run("role", "malee", "supervisor", "--remove")
    assert re.fullmatch(r"pakmud_[0-9A-Za-z]{49}\n", run("token", "malee", "--label", "cron"))
    run("disable", "malee")
    assert "malee\tdisabled\tofficer:57" in run("list", "--search", "male")
    run("enable", "malee")
