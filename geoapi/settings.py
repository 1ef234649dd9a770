# SPDX-License-Identifier: GPL-2.0-or-later
"""All settings in one frozen value, built once from a mapping and handed down.

Each setting is a field whose metadata is its manual: ``pakmud doctor`` checks it and
docs/settings.md is generated from it.  Names in the environment are ``PAKMUD_`` + upper case; a
TOML file given by ``PAKMUD_CONFIG`` comes before the defaults and after the environment.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geoapi.errors import Problem, UsageError

_PREFIX = "PAKMUD_"


def _setting(default: Any, help_text: str, read: Callable[[str], Any] = str) -> Any:  # noqa: ANN401
    """Declare a field with its manual and the function that reads it from text."""
    return field(default=default, metadata={"help": help_text, "read": read})


def _boolean(value: str) -> bool:
    if value.strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if value.strip().lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError(value)


def _comma_list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


@dataclass(frozen=True)
class Settings:
    """What a site can set; the values are checked when it is built."""

    store: str = _setting(
        "var/pakmud.gpkg",
        "Where the data is: path of a GeoPackage, or postgresql://user@host/database.",
    )
    data_dir: Path = _setting(  # noqa: RUF009 - gives dataclasses.field
        Path("var"), "Folder for secret keys, backups, logs and jobs; made with mode 0700.", Path
    )
    host: str = _setting("127.0.0.1", "Address to listen on. Loopback unless you say otherwise.")
    port: int = _setting(8018, "Port to listen on.", int)
    workers: int = _setting(1, "Serving processes; more than one only with PostgreSQL.", int)
    public_url: str = _setting(
        "",
        "Address that people see, such as https://pins.example.go.th; all links begin with it. "
        "Empty: http://host:port.",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        "Addresses or networks of the proxies whose X-Forwarded-For and -Proto count, "
        "comma separated.",
        _comma_list,
    )
    cors_origins: tuple[str, ...] = _setting(
        ("*",), "Web origins that may read the OGC API from a browser; * for all.", _comma_list
    )
    max_body_bytes: int = _setting(2_000_000, "Largest request body.", int)
    max_photo_form_bytes: int = _setting(
        100_000_000,
        "Largest form with several photos; one photo has at most 15 MB. A proxy before the site "
        "must let as much pass.",
        int,
    )
    max_transaction_bytes: int = _setting(
        20_000_000, "Largest body of a transaction of many writes.", int
    )
    max_transaction_actions: int = _setting(
        1_000, "Most items that one transaction may write.", int
    )
    transaction_timeout_s: float = _setting(
        30.0, "A transaction that writes for longer, in seconds, is given up whole.", float
    )
    max_items: int = _setting(10_000, "Largest limit= of a page of items.", int)
    max_download_items: int = _setting(
        200_000,
        "Most items in one downloaded file (CSV, GeoPackage, GeoParquet); 200,000 need about "
        "400 MB of disk for a minute.",
        int,
    )
    default_items: int = _setting(10, "limit= when none is asked for.", int)
    statement_timeout_s: float = _setting(5.0, "Time of one reading statement, seconds.", float)
    read_time_s: float = _setting(
        60.0, "A reading request begins its answer in so many seconds, or ends with 503.", float
    )
    reads_per_minute: int = _setting(
        6_000,
        "Reading requests of one user, or of one address without sign-in, a minute; 0: no limit. "
        "Each serving process counts for itself; what comes from this machine is not counted.",
        int,
    )
    writes_per_minute: int = _setting(1_200, "The same for writing requests; 0: no limit.", int)
    heavy_reads_per_minute: int = _setting(
        300, "The same for downloads and filter= expressions; 0: no limit.", int
    )
    heavy_reads_at_once: int = _setting(
        6,
        "Downloads and filter= expressions that run at once in a serving process, half of them of "
        "one client; the next wait 5 seconds for their turn; 0: no limit.",
        int,
    )
    connections_per_address: int = _setting(
        200,
        "Open connections of one address to a serving process, proxies and this machine apart; "
        "0: no limit.",
        int,
    )
    connections: int = _setting(
        800, "Open connections of a serving process; the next are refused; 0: no limit.", int
    )
    session_hours: float = _setting(10.0, "A browser's session ends after so many hours.", float)
    session_idle_minutes: float = _setting(
        60.0, "A browser's session ends after so many minutes without a request.", float
    )
    token_days: int = _setting(365, "Longest life of a personal access token, days.", int)
    login_attempts: int = _setting(
        8, "Failed logins of one name or address in 15 minutes before it has to wait.", int
    )
    basemaps: str = _setting(
        "",
        "Path of a JSON list of basemaps (XYZ or WMTS tiles) with credits; empty: our own areas "
        "only, no request to a third party.",
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")
    log_file: str = _setting("", "File for the log, rotated at 10 MB; empty: standard error.")
    log_format: str = _setting("text", "text: key=value lines; json: one JSON object a line.")
    metrics_networks: tuple[str, ...] = _setting(
        (),
        "Networks, besides loopback, that may read /metrics, comma separated.",
        _comma_list,
    )
    tile_cache_mb: int = _setting(
        512,
        "Largest size of finished map tiles kept below data_dir, megabytes; 0 keeps none. Several "
        "serving processes of one machine share them.",
        int,
    )
    license_url: str = _setting(
        "https://creativecommons.org/licenses/by/4.0/",
        "Licence of the site's public data, shown with every collection.",
    )
    backup_max_age_hours: float = _setting(
        26.0, "doctor and /readyz complain when the last backup is older.", float
    )
    process_packages: tuple[str, ...] = _setting(
        ("geoapi.processes",),
        "Python packages whose modules are processes, comma separated; add your own behind it.",
        _comma_list,
    )
    serve_jobs: bool = _setting(
        False,
        "With PostgreSQL: let the serving processes work on jobs too, so that no pakmud worker "
        "is needed. With a GeoPackage they always do.",
        _boolean,
    )
    job_slots: int = _setting(2, "Jobs that one worker runs at the same time.", int)
    job_seconds: float = _setting(3600.0, "Longest time of a job, seconds.", float)
    job_memory_mb: int = _setting(
        4096, "Address space of the process of a job or of the engine, MB; 0: no limit.", int
    )
    job_result_hours: float = _setting(
        168.0, "Finished jobs and their results are deleted after so many hours.", float
    )
    jobs_per_user: int = _setting(20, "Unfinished jobs of one user; more get 429.", int)
    jobs_per_stranger: int = _setting(
        3,
        "Unfinished jobs of one network without an account; their results are kept for a day at "
        "the most.",
        int,
    )
    jobs_waiting: int = _setting(1000, "Unfinished jobs of all together; more get 429.", int)
    engines: int = _setting(
        1, "Warm processes beside each serving process that answer analyses at once.", int
    )
    sync_seconds: float = _setting(
        10.0, "Longest time of an analysis that answers at once, seconds.", float
    )
    sync_per_client: int = _setting(
        8, "Analyses of one user or network that wait for an answer at once; more get 429.", int
    )
    demo: bool = _setting(
        False, "Show the demo's one-click logins; refused unless host is loopback.", _boolean
    )

    def __post_init__(self) -> None:
        """Check what can be checked without touching anything.

        Raises:
            UsageError: with one problem a setting.
        """
        problems = tuple(_problems(self))
        if problems:
            raise UsageError("settings.invalid", problems=problems)

    @property
    def base_url(self) -> str:
        """Return the address that links begin with, without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Say whether people reach the site by HTTPS: cookies are then marked Secure."""
        return self.base_url.startswith("https://")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_FROM_ONE = (
    "port", "workers", "max_body_bytes", "max_photo_form_bytes", "max_items", "default_items",
    "max_download_items", "token_days", "max_transaction_bytes", "max_transaction_actions",
    "transaction_timeout_s", "job_slots", "job_seconds", "job_result_hours", "jobs_per_user",
    "jobs_per_stranger", "jobs_waiting", "engines", "sync_seconds", "sync_per_client",
)  # fmt: skip
_FROM_ZERO = (
    "read_time_s", "reads_per_minute", "writes_per_minute", "heavy_reads_per_minute",
    "heavy_reads_at_once", "connections_per_address", "connections", "tile_cache_mb",
)  # fmt: skip


def _problems(settings: Settings) -> list[Problem]:
    found: list[Problem] = []

    def refuse(name: str, message_id: str, value: object) -> None:
        found.append(Problem(message_id, parameter=name, params={"name": name, "value": value}))

    for names, lowest, message_id in (
        (_FROM_ONE, 1, "settings.not_positive"), (_FROM_ZERO, 0, "settings.negative"),
    ):  # fmt: skip
        for name in names:
            if getattr(settings, name) < lowest:
                refuse(name, message_id, getattr(settings, name))
    if settings.port > 65535:  # noqa: PLR2004 - the largest port number
        refuse("port", "settings.port", settings.port)
    if settings.public_url and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        refuse("public_url", "settings.url", settings.public_url)
    if settings.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        refuse("log_level", "settings.log_level", settings.log_level)
    if settings.log_format not in {"text", "json"}:
        refuse("log_format", "settings.log_format", settings.log_format)
    for name in ("trusted_proxies", "metrics_networks"):
        for network in getattr(settings, name):
            try:
                ipaddress.ip_network(network)
            except ValueError:
                refuse(name, "settings.network", network)
    if settings.demo and not _is_loopback(settings.host):
        refuse("demo", "settings.demo_not_loopback", settings.host)
    if settings.workers > 1 and "://" not in settings.store:
        refuse("workers", "settings.workers_need_postgres", settings.workers)
    return found


def load_settings(environment: Mapping[str, str], **overrides: Any) -> Settings:  # noqa: ANN401
    """Build the settings from an environment, the TOML file it names, and overrides.

    Args:
        environment: usually ``os.environ``; tests hand in a dict.
        overrides: from the command line; None means not given.

    Raises:
        UsageError: an unknown or unreadable setting, each with its name.
    """
    values = _from_file(environment.get(f"{_PREFIX}CONFIG", ""))
    known = {f.name: f for f in fields(Settings)}
    values |= {
        key.removeprefix(_PREFIX).lower(): value
        for key, value in environment.items()
        if key.startswith(_PREFIX) and key not in {f"{_PREFIX}CONFIG", f"{_PREFIX}SHARED"}
    }
    values |= {key: value for key, value in overrides.items() if value is not None}
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            problems.append(Problem("settings.unknown", parameter=key, params={"name": key}))
            continue
        try:
            read[key] = known[key].metadata["read"](value) if isinstance(value, str) else value
        except ValueError:
            problems.append(
                Problem("settings.unreadable", parameter=key, params={"name": key, "value": value})
            )
    if problems:
        raise UsageError("settings.invalid", problems=tuple(problems))
    return Settings(**read)


def _from_file(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError("settings.file_missing", path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError("settings.file_broken", path=path, reason=str(error)) from error
    return {key: ",".join(v) if isinstance(v, list) else v for key, v in values.items()}
