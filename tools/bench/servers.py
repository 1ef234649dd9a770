# SPDX-License-Identifier: GPL-2.0-or-later
"""Start and stop the servers that are measured, and read what they and PostgreSQL use."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.services import dies_with_us, free_port

_START_TIMEOUT_S = 90.0
_STOP_TIMEOUT_S = 15.0


@dataclass
class Server:
    """A server on a loopback port of its own.

    Attributes:
        name: as in tables, such as ``tipg``.
        command: with ``{port}`` where the port goes.
        folder: it runs there, and its log lies there.
        environment: all of it.
        ready: path that answers when it is up.
        database_pid: of the PostgreSQL it reads, None when it needs none.
        port: on loopback.
        process: the running server.
    """

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    ready: str
    log: Path
    database_pid: int | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and come back when it answers.

        Raises:
            RuntimeError: it ended, or said nothing in time.
        """
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*dies_with_us(), *command], cwd=self.folder, env=dict(self.environment),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                text = self.log.read_text(errors="replace")
                raise RuntimeError(f"{self.name} did not start: {text[-1500:]}")
            time.sleep(0.1)

    def _is_up(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            try:
                connection.request("GET", self.ready)
                return connection.getresponse().status == http.client.OK
            except (OSError, http.client.HTTPException):
                return False

    def stop(self) -> None:
        """Stop it and whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def cpu_s(self) -> tuple[float, float]:
        """Return the CPU seconds used until now: the server's and its PostgreSQL's."""
        return cpu_s(self.process.pid if self.process else None), cpu_s(self.database_pid)


def cpu_s(pid: int | None) -> float:
    """Return the CPU seconds of a process, its living and its ended children."""
    if pid is None:
        return 0.0
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system
        # of sessions that have ended meanwhile
        times = process.cpu_times()
        total += times.children_user + times.children_system
    return total
