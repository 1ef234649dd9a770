# SPDX-License-Identifier: GPL-2.0-or-later
"""Look over a site and its machine: each check is a function that says what to do about it."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from geoapi.errors import ServicePointError
from geoapi.keys import FILE_NAME as KEYS_FILE
from geoapi.operation.backup import last_backup_age_s
from geoapi.operation.health import MIN_FREE_BYTES, free_bytes, is_worked_on, store_folder
from geoapi.photos.sweep import missing_files, orphan_files
from geoapi.settings import Settings
from geoapi.store import Store, job_work, open_store
from geoapi.store.diagnosis import log_bytes, missing_sqlite_features, postgres_facts
from geoapi.store.schema import newest_revision, schema_state

Level = Literal["ok", "warning", "error"]
_MIN_PYTHON = (3, 12)
_MIN_SQLITE = (3, 34, 0)  # the first with the trigram tokenizer
_MAX_LOG_BYTES = 200_000_000
# Nobody's clock is right before the program was written.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        check: its name, also the label ``operation.doctor.<check>``.
        level: ok, warning or error.
        fact: what is there, such as a version.
        remedy: message id of what to do, '' when all is well.
        params: values of the remedy.
    """

    check: str
    level: Level
    fact: str = ""
    remedy: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def _judge(
    check: str,
    *,
    is_good: bool,
    fact: str,
    level: Level = "error",
    **params: Any,  # noqa: ANN401 - placeholders take any printable value
) -> Finding:
    """Make a finding whose remedy is ``operation.remedy.<check>``."""
    if is_good:
        return Finding(check, "ok", fact)
    return Finding(check, level, fact, f"operation.remedy.{check}", params)


def check_python(_settings: Settings) -> Finding:
    """Python is new enough."""
    fact = ".".join(str(part) for part in sys.version_info[:3])
    return _judge("python", is_good=sys.version_info >= _MIN_PYTHON, fact=fact)


def check_sqlite(_settings: Settings) -> Finding:
    """SQLite is new enough and has R-tree and the trigram tokenizer."""
    missing = missing_sqlite_features()
    is_good = sqlite3.sqlite_version_info >= _MIN_SQLITE and not missing
    names = ", ".join(missing) or "-"
    return _judge("sqlite", is_good=is_good, fact=sqlite3.sqlite_version, missing=names)


def check_time(_settings: Settings) -> Finding:
    """The clock is plausible and time zones are known."""
    now = datetime.now(UTC)
    has_zone = "Asia/Bangkok" in zoneinfo.available_timezones()
    return _judge("time", is_good=has_zone and now > _EARLIEST, fact=now.isoformat("T", "seconds"))


def _open(settings: Settings) -> Store | None:
    if "://" not in settings.store and not Path(settings.store).exists():
        return None
    return open_store(settings.store, timeout_s=settings.statement_timeout_s)


def check_schema(settings: Settings) -> Finding:
    """The store answers and its schema is the program's."""
    try:
        store = _open(settings)
        if store is None:
            return _judge("schema", is_good=False, fact="-", needed=newest_revision())
        with closing(store):
            state, found = schema_state(store)
    except ServicePointError as error:
        return Finding("schema", "error", "-", error.message_id, error.params)
    fact = f"{found or '-'} ({state})"
    return _judge("schema", is_good=state == "current", fact=fact, needed=newest_revision())


def check_postgres(settings: Settings) -> Finding:
    """PostgreSQL is UTF-8, knows Thai letters, and has PostGIS and pg_trgm."""
    if "://" not in settings.store:
        return Finding("postgres", "ok", "GeoPackage")
    try:
        with closing(open_store(settings.store)) as store:
            facts = postgres_facts(store)
    except ServicePointError as error:
        return Finding("postgres", "error", "-", error.message_id, error.params)
    is_good = (
        facts["server_encoding"] == "UTF8"
        and "extension_postgis" in facts
        and facts.get("thai_trigrams", "0") != "0"
    )
    fact = f"PostgreSQL {facts['server_version']}, PostGIS {facts.get('extension_postgis', '-')}"
    return _judge("postgres", is_good=is_good, fact=fact)


def check_disk(settings: Settings) -> Finding:
    """The disk has room."""
    room = free_bytes(store_folder(settings))
    return _judge("disk", is_good=room >= MIN_FREE_BYTES, fact=f"{room / 1e9:.1f} GB")


def _mode(check: str, path: Path) -> Finding:
    if not path.exists():
        return Finding(check, "ok", "-")
    mode = stat.S_IMODE(path.stat().st_mode)
    return _judge(check, is_good=not mode & 0o077, fact=f"{mode:04o}", path=str(path))


def check_file_mode(settings: Settings) -> Finding:
    """The GeoPackage is for its owner alone."""
    if "://" in settings.store:
        return Finding("file_mode", "ok", "PostgreSQL")
    return _mode("file_mode", Path(settings.store))


def check_keys(settings: Settings) -> Finding:
    """The secret keys are for their owner alone."""
    return _mode("keys", settings.data_dir / KEYS_FILE)


def check_folder(settings: Settings) -> Finding:
    """The data folder can be written."""
    folder = settings.data_dir
    is_good = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    return _judge("folder", is_good=is_good, fact=str(folder), path=str(folder))


def check_backup(settings: Settings) -> Finding:
    """The last backup is not old."""
    age_s = last_backup_age_s(settings.data_dir, datetime.now(UTC))
    limit = settings.backup_max_age_hours
    fact = "-" if age_s is None else f"{age_s / 3600:.1f} h"
    is_good = age_s is not None and age_s <= limit * 3600
    return _judge("backup", is_good=is_good, fact=fact, level="warning", hours=limit)


def check_public_url(settings: Settings) -> Finding:
    """People reach the site by HTTPS, without which phones give no position."""
    host = urlsplit(settings.base_url).hostname or ""
    # browsers take these for safe without HTTPS
    is_local = host in {"localhost", "::1"} or host.startswith("127.")
    is_good = settings.is_secure or is_local
    return _judge("public_url", is_good=is_good, fact=settings.base_url, level="warning")


def check_proxies(settings: Settings) -> Finding:
    """A site behind HTTPS names the proxy that speaks it."""
    is_good = bool(settings.trusted_proxies) or not settings.is_secure
    fact = ", ".join(settings.trusted_proxies) or "-"
    return _judge("proxies", is_good=is_good, fact=fact, level="warning")


def check_log_size(settings: Settings) -> Finding:
    """The write-ahead log of a GeoPackage is folded in now and then."""
    if "://" in settings.store:
        return Finding("log_size", "ok", "PostgreSQL")
    size = log_bytes(Path(settings.store))
    return _judge(
        "log_size", is_good=size <= _MAX_LOG_BYTES, fact=f"{size / 1e6:.1f} MB", level="warning"
    )


def check_photos(settings: Settings) -> Finding:
    """Every photo has its files."""
    try:
        store = _open(settings)
        if store is None:
            return Finding("photos", "ok", "-")
        with closing(store):
            if schema_state(store)[0] != "current":
                return Finding("photos", "ok", "-")
            missing = missing_files(store, settings.data_dir)
            unused = orphan_files(store, settings.data_dir)
    except ServicePointError as error:
        return Finding("photos", "error", "-", error.message_id, error.params)
    fact = f"{len(missing)} / {len(unused)}"
    return _judge("photos", is_good=not missing, fact=fact, missing=len(missing))


def check_jobs(settings: Settings) -> Finding:
    """Somebody works on the jobs that wait."""
    try:
        store = _open(settings)
        if store is None:
            return Finding("jobs", "ok", "-")
        with closing(store):
            if schema_state(store)[0] != "current":
                return Finding("jobs", "ok", "-")
            found = store.read(job_work.figures)
            now = store.clock()
    except ServicePointError as error:
        return Finding("jobs", "error", "-", error.message_id, error.params)
    waiting = found.states["accepted"] + found.states["running"]
    is_good = not waiting or is_worked_on(found, now)
    fact = ", ".join(f"{state} {number}" for state, number in found.states.items() if number)
    return _judge("jobs", is_good=is_good, fact=fact or "0", level="warning", waiting=waiting)


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    check_python,
    check_sqlite,
    check_time,
    check_folder,
    check_schema,
    check_postgres,
    check_disk,
    check_file_mode,
    check_keys,
    check_backup,
    check_public_url,
    check_proxies,
    check_log_size,
    check_photos,
    check_jobs,
)


def check_assets(manifest: Path) -> Finding:
    """The browser libraries that Node's package manager brings are there.

    Args:
        manifest: the file that lists them.
    """
    return _judge("assets", is_good=manifest.exists(), fact=str(manifest.parent), level="warning")


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check; each stands on its own, so that one that fails hides no other."""
    for check in CHECKS:
        yield check(settings)
