# SPDX-License-Identifier: GPL-2.0-or-later
"""A handle on a process that runs process functions: start it, call it, read it, kill it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from geoapi.operation.serving import settings_environment
from geoapi.settings import Settings
from geoapi.types import JsonObject

_CHUNK = 65_536


@dataclass(frozen=True)
class Call:
    """One run of a process function.

    Attributes:
        process_id: which.
        inputs: checked.
        user_id: for whom, '' for nobody in particular.
        folder: where its files go; it is made by the child.
        seconds: how long it may take.
        request_id: for logs.
        is_kept: whether its files are kept, and so brought to the disk for good.
    """

    process_id: str
    inputs: JsonObject
    user_id: str
    folder: Path
    seconds: float
    request_id: str = ""
    is_kept: bool = False


@dataclass
class Child:
    """A running child.

    Attributes:
        process: in a process group of its own.
        calls: how many it was given.
        broken: whether its pipe has ended.
    """

    process: subprocess.Popen[bytes]
    calls: int = 0
    broken: bool = False
    _rest: bytes = field(default=b"", repr=False)
    _read: list[JsonObject] = field(default_factory=list, repr=False)

    @property
    def is_alive(self) -> bool:
        """Say whether it can be called."""
        return not self.broken and self.process.poll() is None

    def call(self, call: Call) -> int:
        """Give it a call and return the call's number, by which its answers are known."""
        self.calls += 1
        line = {
            "number": self.calls,
            "process": call.process_id,
            "inputs": call.inputs,
            "user_id": call.user_id,
            "folder": str(call.folder),
            "seconds": call.seconds,
            "request_id": call.request_id,
            "is_kept": call.is_kept,
        }
        try:
            _stream(self.process.stdin).write(orjson.dumps(line) + b"\n")
            _stream(self.process.stdin).flush()
        except OSError:
            self.broken = True
        return self.calls

    def answers(self, wait_s: float = 0.0) -> list[JsonObject]:
        """Return the answers that are there, after waiting for the first so long."""
        if self._read:
            found, self._read = self._read, []
            return found
        if self.broken:
            return []
        descriptor = _stream(self.process.stdout).fileno()
        if not select.select([descriptor], [], [], max(0.0, wait_s))[0]:
            return []
        while True:
            try:
                chunk = os.read(descriptor, _CHUNK)
            except BlockingIOError:
                break
            if not chunk:
                self.broken = True
                break
            self._rest += chunk
        *lines, self._rest = self._rest.split(b"\n")
        return [orjson.loads(line) for line in lines]

    def first_answer(self, wait_s: float) -> JsonObject | None:
        """Return one answer and keep those behind it, None when none came in time."""
        found = self.answers(wait_s)
        self._read = found[1:]
        return found[0] if found else None

    def kill(self) -> None:
        """End it and whatever it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.broken = True
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                _stream(stream).close()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe that was asked for when the child was started."""
    if stream is None:
        raise TypeError("no pipe")
    return stream


def start_child(settings: Settings) -> Child:
    """Start a child; it says ``ready`` when it has loaded everything."""
    environment = {k: v for k, v in os.environ.items() if k != "PAKMUD_CONFIG"}
    environment |= settings_environment(settings)
    # the same modules as here, and nothing from the working folder
    environment["PYTHONPATH"] = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "geoapi.jobs.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    os.set_blocking(_stream(process.stdout).fileno(), False)
    return Child(process)


def wait_until_ready(child: Child, wait_s: float) -> bool:
    """Wait for a new child; say whether it can be called."""
    deadline = time.monotonic() + wait_s
    while child.is_alive:
        if any("ready" in answer for answer in child.answers(deadline - time.monotonic())):
            return True
        if time.monotonic() >= deadline:
            break
    return False
