# SPDX-License-Identifier: GPL-2.0-or-later
"""Logs are one line an event, rotate, and hold no secrets or person data."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoapi.operation import logs
from geoapi.operation.logs import REQUEST_ID, configure_logging, redact, stop_logging
from geoapi.settings import Settings

LOG = logging.getLogger("geoapi.test")


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger().level
    path = tmp_path / "logs" / "pakmud.log"
    configure_logging(Settings(log_file=str(path)))
    yield path
    stop_logging()
    logging.getLogger().setLevel(level)


@pytest.mark.parametrize(
    "secret",
    [
        "1234567890123",
        "1-2345-67890-12-3",
        "๑๒๓๔๕๖๗๘๙๐๑๒๓",
        "Bearer pakmud_abcdefghijklmnopqrst",
        "Basic c29tY2hhaTpzZWNyZXQ=",
        "pakmud_abcdefghijklmnopqrst",
        "somchai@example.go.th",
        "password=hunter2",
    ],
)
def test_secret_is_blackened(secret: str):
    assert secret.rsplit(maxsplit=1)[-1] not in redact(f"login {secret} done")
    assert redact(f"login {secret} done").endswith(" done")


def test_password_of_an_address_is_blackened():
    text = redact("connect postgresql://pakmud:hunter2@db.example:5432/pakmud failed")
    assert "hunter2" not in text
    assert "postgresql://pakmud:***@" in text


@pytest.mark.parametrize(
    "text",
    [
        "request done method=GET route=/ogc/collections/{id} status=200 ms=1.2 bytes=1234567",
        "id=0199a1b2-1234-4567-8901-123456789012",
        "code=571008 phone=053150161",
    ],
)
def test_plain_text_stays(text: str):
    assert redact(text) == text


def test_line_holds_level_logger_and_request(log_file: Path):
    token = REQUEST_ID.set("abc123")
    LOG.info("import done rows=%d", 5)
    REQUEST_ID.reset(token)
    (line,) = log_file.read_text(encoding="utf-8").splitlines()
    assert line.endswith("level=INFO logger=geoapi.test request_id=abc123 import done rows=5")


def test_nobody_can_forge_a_line(log_file: Path):
    LOG.info("agent=%s", "x\nlevel=ERROR forged")
    assert len(log_file.read_text(encoding="utf-8").splitlines()) == 1


def test_traceback_shows_places_and_no_values(log_file: Path):
    try:
        raise ValueError("นายสมชาย ใจดี")
    except ValueError:
        LOG.exception("request failed")
    text = log_file.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert "สมชาย" not in text


def test_file_rotates_and_is_private(log_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "MAX_FILE_BYTES", 2000)
    configure_logging(Settings(log_file=str(log_file)))
    for number in range(200):
        LOG.info("event number=%d", number)
    files = sorted(p for p in log_file.parent.iterdir() if not p.name.endswith(".lock"))
    assert len(files) == 1 + logs.KEPT_FILES
    assert all(path.stat().st_size <= 2000 for path in files)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    assert "number=199" in log_file.read_text(encoding="utf-8")


def test_file_rotated_by_another_process_is_followed(log_file: Path):
    LOG.info("first")
    log_file.rename(log_file.with_name("pakmud.log.1"))
    LOG.info("second")
    assert "second" in log_file.read_text(encoding="utf-8")


def test_json_lines(log_file: Path):
    configure_logging(Settings(log_file=str(log_file), log_format="json"))
    LOG.warning("ปักหมุด n=%d", 1)
    entry = json.loads(log_file.read_text(encoding="utf-8"))
    assert (entry["level"], entry["event"]) == ("WARNING", "ปักหมุด n=1")
