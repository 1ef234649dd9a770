# SPDX-License-Identifier: GPL-2.0-or-later
"""Logs of one line an event, with the id of the request and without person data.

A line is ``time level=.. logger=.. request_id=.. event key=value``; or one JSON object.  The
filter that blackens numbers, tokens and addresses is a second net: callers don't log them.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from geoapi.errors import DataUnavailableError
from geoapi.settings import Settings

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
MAX_FILE_BYTES = 10_000_000
KEPT_FILES = 5
_HANDLER_NAME = "pakmud"

_BLACKENED = "***"
# \d also matches Thai digits.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {_BLACKENED}"),
    (re.compile(r"\bpakmud_[A-Za-z0-9_-]{16,}"), f"pakmud_{_BLACKENED}"),
    (re.compile(r"(://[^\s:/@]+):[^\s/@]+@"), rf"\1:{_BLACKENED}@"),
    (re.compile(r"(?i)\b(password|passwd|pwd|secret|token)=\S+"), rf"\1={_BLACKENED}"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), _BLACKENED),
    # a citizen's number, as 1234567890123 or 1-2345-67890-12-3
    (re.compile(r"(?<![\w-])\d[- ]?\d{4}[- ]?\d{5}[- ]?\d{2}[- ]?\d(?![\w-])"), _BLACKENED),
)


def redact(text: str) -> str:
    """Blacken what must never stand in a log.

    >>> redact("login x=1-2345-67890-12-3 Authorization: Bearer abcdef123456")
    'login x=*** Authorization: Bearer ***'
    """
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def stack_of(error: BaseException) -> str:
    """Describe where an error arose by types and places alone: values could be person data."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        places = " > ".join(
            f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"
            f":{frame.name}"
            for frame in frames[-12:]
        )
        parts.append(f"{type(current).__module__}.{type(current).__qualname__} at {places}")
        current = current.__cause__ or current.__context__
    return " <- ".join(parts)


class LineFormatter(logging.Formatter):
    """Format a record as one line: key=value, or JSON.

    Args:
        as_json: one JSON object a line.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; line breaks inside are escaped, so that nobody can forge a line."""
        event = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            event += f" stack={stack_of(record.exc_info[1])!r}"
        event = redact(event)
        members = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": REQUEST_ID.get(),
        }
        if self.as_json:
            return json.dumps(members | {"event": event}, ensure_ascii=False)
        event = event.replace("\r", "\\r").replace("\n", "\\n")
        request = f" request_id={members['request_id']}" if members["request_id"] else ""
        return (
            f"{members['time']} level={members['level']} logger={members['logger']}"
            f"{request} {event}"
        )


class SharedRotatingFile(RotatingFileHandler):
    """A rotating log that several serving processes may write.

    Each line is written under a lock of the file system; a process whose file another one has
    rotated opens the new one first.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
        self._lock_path = path.with_name(path.name + ".lock")

    def _open(self) -> TextIOWrapper:
        """Open the file for appending, mode 0600."""
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, rotating when the file is full."""
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._follow_rotation()
            super().emit(record)
        finally:
            os.close(descriptor)

    def _follow_rotation(self) -> None:
        path = Path(self.baseFilename)
        if self.stream is None:
            return
        same = path.exists() and os.path.samestat(path.stat(), os.fstat(self.stream.fileno()))
        if not same:
            self.stream.close()
            self.stream = self._open()


def configure_logging(settings: Settings) -> None:
    """Send all logs, uvicorn's among them, to the file of the settings or to standard error.

    Calling it again replaces what the last call set up.

    Raises:
        DataUnavailableError: the log file can't be written.
    """
    handler: logging.Handler
    if settings.log_file:
        path = Path(settings.log_file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = SharedRotatingFile(path)
        except OSError as error:
            raise DataUnavailableError("operation.log_file", path=str(path)) from error
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_HANDLER_NAME)
    handler.setFormatter(LineFormatter(as_json=settings.log_format == "json"))
    root = logging.getLogger()
    stop_logging()
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # our own line says it without the query
    # alembic and pygeoapi tell their every step; ours is one line a request
    for name in ("alembic", "pygeoapi", "sqlalchemy"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def stop_logging() -> None:
    """Take away what :func:`configure_logging` set up, and close its file."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if h.get_name() == _HANDLER_NAME]:
        root.removeHandler(handler)
        handler.close()
