# SPDX-License-Identifier: GPL-2.0-or-later
"""A process of one thread that has loaded the program and forks a fresh child when asked.

Loading takes more than a second of a processor, a fork some milliseconds.  A serving process has
threads and must never fork; this one has none, no open store, and nothing but loaded modules.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from geoapi.operation.serving import settings_environment
from geoapi.settings import Settings

# A machine that is very busy loads for long.
_ANSWER_S = 60.0
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class Nursery:
    """The side of the starter.

    Attributes:
        settings: of the site; its processes are loaded.
    """

    settings: Settings
    _process: subprocess.Popen[bytes] | None = None
    _socket: socket.socket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        """Begin to load, without waiting for it.

        Raises:
            OSError: no process could be started.
        """
        with self._lock:
            self._opened()

    def _opened(self) -> socket.socket:
        if self._process is not None and self._socket is not None and self._process.poll() is None:
            return self._socket
        self._close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "geoapi.jobs.child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=_environment(self.settings),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.settimeout(_ANSWER_S)
        self._socket = ours
        return ours

    def fork(self, read_from: int, write_to: int) -> int:
        """Let a child be forked with these two ends of pipes, and return its process id.

        Raises:
            OSError: it could not be.
        """
        with self._lock:
            for is_last in (False, True):
                connection = self._opened()
                try:
                    socket.send_fds(connection, [b"f"], [read_from, write_to])
                    answer = connection.recv(16)
                    if answer:
                        return int(answer)
                except OSError:
                    if is_last:
                        self._close()
                        raise
                self._close()  # it was killed: one that is new is asked once
        raise OSError("no child")

    def close(self) -> None:
        """End it; children live on until their pipes end."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket = self._process = None


def _environment(settings: Settings) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if k != "PAKMUD_CONFIG"}
    environment |= settings_environment(settings)
    # the same modules as here, and nothing from the working folder
    environment["PYTHONPATH"] = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
    for name in _ONE_THREAD:  # their threads would not survive a fork
        environment[name] = "1"
    return environment


def serve_forks(descriptor: int, child_main: Callable[[], None]) -> None:
    """Fork a child for each pair of pipe ends that comes; return when the other side is gone.

    Args:
        descriptor: of the socket to the starter.
        child_main: what a child does, with the pipes as standard input and output.
    """
    # children are not waited for: the starter sees their end by their pipes
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as connection:
        while True:
            try:
                asked, ends, _, _ = socket.recv_fds(connection, 1, 2)
            except OSError:
                return
            if not asked:
                return
            pid = os.fork()
            if pid == 0:
                connection.close()
                _be_child(ends, child_main)
            for end in ends:
                os.close(end)
            with contextlib.suppress(OSError):
                connection.sendall(str(pid).encode().ljust(16))


def _be_child(ends: list[int], child_main: Callable[[], None]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        os.setsid()
        for number, end in enumerate(ends):
            os.dup2(end, number)
            os.close(end)
        child_main()
        code = 0
    finally:
        os._exit(code)
