# SPDX-License-Identifier: GPL-2.0-or-later
"""A PostgreSQL whose data stay on disk between measurements; every system measured reads it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tests.services import Cluster, ServiceMissingError, as_postgres, bin_directory, free_port

_STOP_TIMEOUT_S = 60.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": 100,
    "timezone": "UTC",
    "log_min_messages": "warning",
    "shared_buffers": "1GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    # it costs more than it saves on short statements; Pakmud switches it off for itself
    "jit": "off",
    # one statement, one process: what a request costs is then easier to compare
    "max_parallel_workers_per_gather": 0,
}


def make_cluster(directory: Path) -> None:
    """Make an empty PostgreSQL in a folder.

    Raises:
        ServiceMissingError: PostgreSQL is missing or refuses.
    """
    directory.mkdir(parents=True)
    password = secrets.token_urlsafe(16)
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
        shutil.chown(secret, "postgres", "postgres")
    made = subprocess.run(
        [*as_postgres(), str(bin_directory() / "initdb"), "-D", str(directory / "data"),
         "-U", "pakmud", "-E", "UTF8", "--locale=C.UTF-8", "--auth-local=trust",
         "--auth-host=scram-sha-256", f"--pwfile={secret}"],
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise ServiceMissingError(f"initdb failed: {made.stderr[-400:]}")
    with (directory / "data/postgresql.conf").open("a") as conf:
        conf.write("include = 'bench.conf'\n")


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Cluster]:
    """Start the PostgreSQL of a folder on a free port; it stops afterwards and keeps its data."""
    port = free_port()
    settings = _SETTINGS | {"port": port, "unix_socket_directories": directory}
    conf = directory / "data/bench.conf"
    conf.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    password = (directory / "password").read_text()
    cluster = Cluster(
        f"postgresql://pakmud:{quote(password)}@127.0.0.1:{port}/postgres", directory, fsync=True
    )
    cluster.start()
    try:
        yield cluster
    finally:
        _stop(cluster)


def _stop(cluster: Cluster) -> None:
    if cluster.process is None:
        return
    cluster.process.send_signal(signal.SIGINT)  # fast: sessions are ended, not waited for
    try:
        cluster.process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        cluster.kill()
