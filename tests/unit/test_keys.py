# SPDX-License-Identifier: GPL-2.0-or-later
"""Secret keys, and the pure parts of signing in: tokens, addresses, ways on, the cache."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geoapi.access_tokens import is_token, make_token
from geoapi.errors import DataUnavailableError, UsageError
from geoapi.identity import CACHE_LIFE_S, IdentityCache, SignedIn
from geoapi.keys import FILE_NAME, load_keys, rotate
from geoapi.messages import data_folder
from geoapi.rights import Grant, Viewer
from geoapi.store.audit import EVENTS
from geoapi.store.credentials import CredentialRow
from geoapi.web.client_address import apply_forwarded, networks
from geoapi.web.forms import moment, safe_next


def test_keys_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    made = load_keys(folder)
    assert load_keys(folder) == made
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_secrets_do_not_show_in_a_printed_value(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert str(keys.keys[0].secret) not in repr(keys)


def test_first_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_keys(tmp_path), range(16)))
    assert len(set(found)) == 1


def test_signature_counts_for_its_purpose_data_and_site_only(tmp_path: Path) -> None:
    keys, others = load_keys(tmp_path / "a"), load_keys(tmp_path / "b")
    signature = keys.sign("csrf", b"session")
    assert keys.verify("csrf", b"session", signature)
    assert not keys.verify("cursor", b"session", signature)
    assert not keys.verify("csrf", b"other", signature)
    assert not others.verify("csrf", b"session", signature)
    for broken in ("", signature[:-1], signature + "=", "ก", "\ud800"):
        assert not keys.verify("csrf", b"session", broken)


def test_rotation_keeps_the_previous_key_for_checking_and_no_older_one(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    signature = first.sign("csrf", b"x")
    second = rotate(tmp_path)
    assert second == load_keys(tmp_path)
    assert second.sign("csrf", b"x") != signature
    assert second.verify("csrf", b"x", signature)
    assert second.keys[1].retired_at is not None
    assert not rotate(tmp_path).verify("csrf", b"x", signature)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"keys": []}', '{"keys": [{"id": "a"}]}', "[]", "1"]
)
def test_damaged_keys_are_named_and_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UsageError, match=r"keys\.damaged"):
        load_keys(tmp_path)
    assert path.read_text() == text


def test_short_keys_are_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    path = tmp_path / FILE_NAME
    document = json.loads(path.read_text())
    document["keys"][0]["secret"] = "c2hvcnQ="
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r"keys\.damaged"):
        load_keys(tmp_path)


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(UsageError, match=r"keys\.readable_by_others"):
        load_keys(tmp_path)


def test_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(DataUnavailableError, match=r"keys\.unavailable"):
        load_keys(tmp_path / "keys")


def test_tokens_are_recognised_and_typing_errors_are_seen() -> None:
    made = {make_token() for _ in range(100)}
    assert len(made) == 100
    for token in made:
        assert is_token(token)
        assert len(token) == len("pakmud_") + 43 + 6
        swapped = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
        for wrong in (swapped, token[:-1], token + "0", token.lower(), token.removeprefix("pak")):
            assert not is_token(wrong) or wrong == token


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ /evil.example",
        "/\u2028/evil.example",
        "",
    ],
)
def test_way_on_never_leaves_the_site(wanted: str) -> None:
    assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/my", "/p/AB12?lang=en#map", "/auth/users/1"])
def test_way_on_within_the_site_is_kept(wanted: str) -> None:
    assert safe_next(wanted) == wanted


def client_of(
    client: str, forwarded: str = "", proto: str = "", *, trusted: str = "10.0.0.0/8,::1"
) -> tuple[str, str]:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    scope = {"type": "http", "client": (client, 1), "scheme": "http", "headers": headers}
    known = networks([part for part in trusted.split(",") if part])
    apply_forwarded(scope, known)
    once = (scope["client"][0], scope["scheme"])
    apply_forwarded(scope, known)
    assert (scope["client"][0], scope["scheme"]) == once
    return once


def test_forwarded_headers_count_from_trusted_proxies_only() -> None:
    assert client_of("198.51.100.1", "203.0.113.9", "https") == ("198.51.100.1", "http")
    assert client_of("10.0.0.1", "203.0.113.9", "https") == ("203.0.113.9", "https")
    assert client_of("10.0.0.1", "203.0.113.9", trusted="") == ("10.0.0.1", "http")
    assert client_of("::1", "2001:db8::7", "https") == ("2001:db8::7", "https")


def test_addresses_that_a_client_made_up_do_not_count() -> None:
    assert client_of("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2") == ("203.0.113.9", "http")
    assert client_of("10.0.0.1", "nonsense, 203.0.113.9") == ("203.0.113.9", "http")
    assert client_of("10.0.0.1", "203.0.113.9, nonsense") == ("10.0.0.1", "http")
    assert client_of("10.0.0.1", "10.0.0.3, 10.0.0.2") == ("10.0.0.3", "http")
    assert client_of("10.0.0.1", '"[2001:db8::7]:443"') == ("2001:db8::7", "http")
    assert client_of("10.0.0.1", "203.0.113.9:5123") == ("203.0.113.9", "http")
    assert client_of("10.0.0.1", "203.0.113.9", "gopher") == ("203.0.113.9", "http")


def signed_in() -> SignedIn:
    row = CredentialRow("c", "u", "token", "", datetime.now(UTC), None, None, None)
    grants = (Grant("officer", valid_to=date(2026, 1, 31)), Grant("planner"))
    viewer = Viewer("u", "ชื่อ", grants, "c", "token")
    return SignedIn(viewer, row, "name", "th", disabled=False, must_change_password=False)


def test_cache_forgets_after_two_seconds_and_stays_bounded() -> None:
    now = [100.0]
    cache = IdentityCache(lambda: now[0], size=3)
    cache.put("token", "a", signed_in(), cache.now())
    assert cache.get("token", "a") is not None
    assert cache.get("session", "a") is None
    now[0] += CACHE_LIFE_S
    assert cache.get("token", "a") is None
    for secret in "bcde":
        cache.put("token", secret, signed_in(), cache.now())
    assert [secret for secret in "bcde" if cache.get("token", secret)] == ["c", "d", "e"]
    cache.clear()
    assert cache.get("token", "e") is None
    assert CACHE_LIFE_S <= 2


def test_only_grants_of_the_day_in_bangkok_hold() -> None:
    held = signed_in().viewer_at(datetime(2026, 1, 31, 17, 0, tzinfo=UTC)).grants
    assert [grant.role for grant in held] == ["planner"]


def test_moments_are_written_in_bangkok_time_and_the_readers_era() -> None:
    instant = datetime(2026, 11, 22, 18, 5, tzinfo=UTC)
    assert "2569" in moment(instant, "th")
    assert "01:05" in moment(instant, "th")
    assert moment(instant, "en") == "23 Nov 2026, 01:05"


def test_every_audit_event_and_both_outcomes_have_words() -> None:
    texts = json.loads((data_folder() / "messages" / "users.json").read_text(encoding="utf-8"))
    wanted = {f"audit.event.{event}" for event in EVENTS}
    assert {key for key in texts if key.startswith("audit.event.")} == wanted
