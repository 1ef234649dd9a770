# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings come from defaults, a file and the environment, and bad ones are named."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from geoapi.errors import UsageError
from geoapi.messages import known_message_ids, message
from geoapi.operation.serving import settings_environment
from geoapi.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


def problems_of(environment: dict[str, str]) -> dict[str, str]:
    """Return {setting: message id} of a refused environment."""
    with pytest.raises(UsageError) as caught:
        load_settings(environment)
    assert caught.value.message_id in known_message_ids()
    return {p.parameter: p.message_id for p in caught.value.problems}


def test_defaults_listen_on_loopback_only():
    settings = load_settings({})
    assert settings.host == "127.0.0.1"
    assert not settings.demo
    assert settings.base_url == "http://127.0.0.1:8018"


def test_environment_beats_the_file_and_overrides_beat_both(tmp_path: Path):
    file = tmp_path / "pakmud.toml"
    file.write_text('port = 9000\nhost = "10.0.0.1"\nmax_items = 50\n')
    environment = {"PAKMUD_CONFIG": str(file), "PAKMUD_PORT": "9001", "PAKMUD_MAX_ITEMS": "60"}
    settings = load_settings(environment, port=9002, host=None)
    assert (settings.port, settings.host, settings.max_items) == (9002, "10.0.0.1", 60)


def test_lists_are_read_from_both(tmp_path: Path):
    file = tmp_path / "pakmud.toml"
    file.write_text('trusted_proxies = ["10.0.0.0/8", "::1"]\n')
    assert load_settings({"PAKMUD_CONFIG": str(file)}).trusted_proxies == ("10.0.0.0/8", "::1")
    listed = load_settings({"PAKMUD_CORS_ORIGINS": "https://a.example, https://b.example,"})
    assert listed.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value", "message_id"),
    [
        ("PORT", "0", "settings.not_positive"),
        ("READS_PER_MINUTE", "-1", "settings.negative"),
        ("PORT", "70000", "settings.port"),
        ("PORT", "eighty", "settings.unreadable"),
        ("PUBLIC_URL", "pins.example.go.th", "settings.url"),
        ("LOG_LEVEL", "LOUD", "settings.log_level"),
        ("TRUSTED_PROXIES", "proxy.example", "settings.network"),
        ("WORKERS", "4", "settings.workers_need_postgres"),
        ("DEMO", "perhaps", "settings.unreadable"),
        ("HOTS", "127.0.0.1", "settings.unknown"),
    ],
)
def test_bad_setting_is_named(name: str, value: str, message_id: str):
    found = problems_of({f"PAKMUD_{name}": value})
    assert found == {name.lower(): message_id}
    assert message_id in known_message_ids()


def test_demo_is_refused_for_others_than_this_machine():
    environment = {"PAKMUD_DEMO": "yes", "PAKMUD_HOST": "0.0.0.0"}
    assert problems_of(environment) == {"demo": "settings.demo_not_loopback"}
    assert load_settings(environment | {"PAKMUD_HOST": "::1"}).demo


def test_all_bad_settings_are_told_at_once():
    found = problems_of({"PAKMUD_PORT": "x", "PAKMUD_NAME": "y"})
    assert set(found) == {"port", "name"}


@pytest.mark.parametrize(
    ("content", "message_id"),
    [(None, "settings.file_missing"), ("port = = 1", "settings.file_broken")],
)
def test_bad_file_is_told(tmp_path: Path, content: str | None, message_id: str):
    file = tmp_path / "pakmud.toml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError) as caught:
        load_settings({"PAKMUD_CONFIG": str(file)})
    assert caught.value.message_id == message_id
    assert "pakmud.toml" in message(message_id, "th", caught.value.params)


def test_several_workers_are_allowed_with_postgresql():
    environment = {"PAKMUD_WORKERS": "4", "PAKMUD_STORE": "postgresql://a@b/c"}
    assert load_settings(environment).workers == 4


def test_serving_processes_read_the_same_settings():
    settings = Settings(
        store="postgresql://a:b@c/d", workers=3, trusted_proxies=("10.0.0.0/8", "::1"),
        data_dir=Path("x/y"), statement_timeout_s=1.5, demo=True,
    )  # fmt: skip
    assert load_settings(settings_environment(settings)) == settings


def test_example_file_names_every_setting_with_its_default():
    text = (ROOT / "config" / "pakmud.example.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?([a-z_]+) = ", text, re.MULTILINE))
    assert named == {f.name for f in fields(Settings)}


def test_example_file_is_valid_with_everything_switched_on(tmp_path: Path):
    text = (ROOT / "config" / "pakmud.example.toml").read_text(encoding="utf-8")
    file = tmp_path / "pakmud.toml"
    file.write_text(re.sub(r"^# ([a-z_]+ = )", r"\1", text, flags=re.MULTILINE), encoding="utf-8")
    assert load_settings({"PAKMUD_CONFIG": str(file)}) == Settings()
