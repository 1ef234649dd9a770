# SPDX-License-Identifier: GPL-2.0-or-later
"""A handle on a process that runs process functions: start it, call it, read it, kill it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from geoapi.jobs.nursery import Nursery
from geoapi.types import JsonObject

_CHUNK = 65_536
_DEATH_S = 5.0


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
        pid: its number, and that of its process group.
        calls: how many it was given.
        broken: whether its pipe has ended.
    """

    pid: int
    calls: int = 0
    broken: bool = False
    _handle: int = -1
    _to: int = -1
    _from: int = -1
    _rest: bytes = field(default=b"", repr=False)
    _read: list[JsonObject] = field(default_factory=list, repr=False)

    @property
    def is_alive(self) -> bool:
        """Say whether it can be called."""
        # a process handle becomes readable at the end of its process
        return (
            not self.broken
            and self._handle >= 0
            and not select.select([self._handle], [], [], 0)[0]
        )

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
        text = orjson.dumps(line) + b"\n"
        try:
            while text:
                text = text[os.write(self._to, text) :]
        except OSError:
            self.broken = True
        return self.calls

    def answers(self, wait_s: float = 0.0) -> list[JsonObject]:
        """Return the answers that are there, after waiting for the first so long."""
        if self._read:
            found, self._read = self._read, []
            return found
        if self.broken or not select.select([self._from], [], [], max(0.0, wait_s))[0]:
            return []
        while True:
            try:
                chunk = os.read(self._from, _CHUNK)
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
        if self._handle >= 0:
            # while the handle says that it lives, its number is nobody else's
            if not select.select([self._handle], [], [], 0)[0]:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
                select.select([self._handle], [], [], _DEATH_S)
            for descriptor in (self._handle, self._to, self._from):
                os.close(descriptor)
        self._handle = self._to = self._from = -1
        self.broken = True


def start_child(nursery: Nursery) -> Child:
    """Start a child; it says ``ready`` when it can be called.

    Raises:
        OSError: there is no room for another process.
    """
    read_from, to = os.pipe()
    answers, write_to = os.pipe()
    try:
        pid = nursery.fork(read_from, write_to)
        handle = os.pidfd_open(pid)
    except BaseException:
        os.close(to)
        os.close(answers)
        raise
    finally:
        os.close(read_from)
        os.close(write_to)
    os.set_blocking(answers, False)
    return Child(pid, _handle=handle, _to=to, _from=answers)


def wait_until_ready(child: Child, wait_s: float) -> bool:
    """Wait for a new child; say whether it can be called."""
    deadline = time.monotonic() + wait_s
    while child.is_alive:
        if any("ready" in answer for answer in child.answers(deadline - time.monotonic())):
            return True
        if time.monotonic() >= deadline:
            break
    return False
