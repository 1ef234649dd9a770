# SPDX-License-Identifier: GPL-2.0-or-later
"""Services for the tests: a private PostgreSQL with PostGIS, Chromium, and their versions.

Also read by QGIS's own interpreter (Python 3.9 syntax), so drivers are imported where used.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

CHROMIUM_ARGS = (
    "--no-sandbox",  # tests run as root in CI
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""For every start: nothing is asked of the network behind the page's back."""

WEBGL_ARGS = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
"""WebGL 2 drawn by the processor, the same on every machine; MapLibre's maps come up."""

NO_WEBGL_ARGS = ("--disable-3d-apis",)
"""A browser without WebGL, for the drawn maps that stand in."""

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0


class ServiceMissingError(RuntimeError):
    """A program that a test needs is not on this machine; the message says what to install."""


@dataclass
class Cluster:
    """A PostgreSQL server for one run of the tests.

    Attributes:
        dsn: address of its maintenance database as a URI; may hold a password, never log it.
        directory: folder of a private cluster, ``None`` for an existing server.
        fsync: whether a private cluster waits for the disk, as kill tests need.
        process: the running ``postgres`` of a private cluster.
        created: databases made through this object, dropped from an existing server.
    """

    dsn: str
    directory: Path | None = None
    fsync: bool = False
    process: subprocess.Popen[bytes] | None = None
    created: list[str] = field(default_factory=list)

    def dsn_of(self, name: str) -> str:
        """Return the URI of the database ``name``."""
        return urlunsplit(urlsplit(self.dsn)._replace(path="/" + quote(name)))

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, as a copy of ``template`` when one is given.

        Nobody may be connected to the template meanwhile.

        Returns:
            The URI of the new database.
        """
        from psycopg import sql

        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is None:
            statement += sql.SQL(" TEMPLATE template0 ENCODING 'UTF8'")
        else:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self.execute(statement)
        self.created.append(name)
        return self.dsn_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and whatever is still connected to it."""
        from psycopg import sql

        self.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        if name in self.created:
            self.created.remove(name)

    def execute(self, statement) -> None:
        """Run one statement in the maintenance database, outside any transaction."""
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start a private cluster's server, the first time or after a kill, and wait for it."""
        import psycopg

        if self.directory is None:
            return
        command = [*as_postgres(), *dies_with_us(), str(bin_directory() / "postgres")]
        with (self.directory / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "-D", str(self.directory / "data")],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.dsn).close()
                return
            except psycopg.OperationalError as err:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    text = (self.directory / "server.log").read_text(errors="replace")
                    raise ServiceMissingError(f"PostgreSQL did not start: {text[-800:]}") from err
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill a private cluster's server the hard way, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Stop a private cluster and remove it; on an existing server drop what was made."""
        if self.directory is None:
            for name in list(self.created):
                self.drop_database(name)
            return
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast: sessions are ended, not waited for
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
        shutil.rmtree(self.directory, ignore_errors=True)


def bin_directory() -> Path:
    """Find the newest PostgreSQL whose PostGIS is installed.

    Raises:
        ServiceMissingError: there is none.
    """
    found = []
    for control in Path("/usr/share/postgresql").glob("*/extension/postgis.control"):
        version = control.parts[-3]
        folder = Path("/usr/lib/postgresql") / version / "bin"
        if version.isdigit() and (folder / "initdb").exists():
            found.append((int(version), folder))
    if found:
        return max(found)[1]
    initdb = shutil.which("initdb")
    if initdb:
        return Path(initdb).resolve().parent
    raise ServiceMissingError("PostgreSQL with PostGIS: apt-get install postgresql-15-postgis-3")


def as_postgres() -> list[str]:
    """Return what to put before a command so that it doesn't run as root."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise ServiceMissingError("setpriv, to run PostgreSQL as its own user: util-linux")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def dies_with_us() -> list[str]:
    """Return what to put before a command so that it ends when this process does.

    Comes after a change of user, which would undo it.
    """
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []


def free_port() -> int:
    """Return a TCP port that is free on the loopback address now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_cluster(*, fsync: bool = False) -> Cluster:
    """Make and start a private PostgreSQL on a free loopback port and a socket of its own.

    Args:
        fsync: wait for the disk at each commit. Off is quicker and enough where nothing is
            killed.

    Raises:
        ServiceMissingError: PostgreSQL or PostGIS is missing, or it does not start.
    """
    programs = bin_directory()
    directory = Path(tempfile.mkdtemp(prefix="pakmud-pg-"))
    password, port = secrets.token_urlsafe(16), free_port()
    password_file = directory / "password"
    password_file.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
        shutil.chown(password_file, "postgres", "postgres")
    data = directory / "data"
    made = subprocess.run(
        # With ctype C, trigrams see no Thai at all.
        [*as_postgres(), str(programs / "initdb"), "-D", str(data), "-U", "pakmud", "-E", "UTF8",
         "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256",
         f"--pwfile={password_file}", *([] if fsync else ["--no-sync"])],
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        shutil.rmtree(directory, ignore_errors=True)
        raise ServiceMissingError(f"initdb failed: {made.stderr[-400:]}")
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": directory,
        "max_connections": 100, "timezone": "UTC", "log_min_messages": "warning",
        "shared_buffers": "128MB", "wal_level": "minimal", "max_wal_senders": 0,
        "fsync": "on" if fsync else "off", "full_page_writes": "on" if fsync else "off",
        "synchronous_commit": "on" if fsync else "off",
    }  # fmt: skip
    with (data / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    cluster = Cluster(
        f"postgresql://pakmud:{quote(password)}@127.0.0.1:{port}/postgres", directory, fsync
    )
    try:
        cluster.start()
    except ServiceMissingError:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return cluster


def find_chromium() -> str:
    """Return the path of Chromium; ``PAKMUD_CHROMIUM`` names another.

    Raises:
        ServiceMissingError: there is none.
    """
    named = os.environ.get("PAKMUD_CHROMIUM")
    for name in (named,) if named else CHROMIUM_NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise ServiceMissingError("Chromium: apt-get install chromium")


def find_gdal() -> str:
    """Return the path of ``ogrinfo``.

    Raises:
        ServiceMissingError: there is none.
    """
    path = shutil.which("ogrinfo")
    if path is None:
        raise ServiceMissingError("GDAL's tools: apt-get install gdal-bin")
    return path


def first_line(command: list[str]) -> str:
    """Return the first line that a command prints, or ``not found``."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "not found"
    return (done.stdout.strip().splitlines() or ["not found"])[0]


def postgis_version(programs: Path) -> str:
    """Return the version of PostGIS installed for the PostgreSQL in ``programs``."""
    control = Path("/usr/share/postgresql") / programs.parent.name / "extension" / "postgis.control"
    if not control.exists():
        return "not found"
    found = re.search(r"default_version = '([^']+)'", control.read_text())
    return found.group(1) if found else "unknown"


def qgis_version() -> str:
    """Return QGIS's version: of this interpreter, else of the system's."""
    try:
        from qgis.core import Qgis
    except ImportError:
        return first_line(
            ["/usr/bin/python3", "-c", "from qgis.core import Qgis; print(Qgis.QGIS_VERSION)"]
        )
    return str(Qgis.QGIS_VERSION)


def versions() -> dict[str, str]:
    """Return the version of each service by name, ``not found`` where it is missing."""
    try:
        programs = bin_directory()
        postgres = first_line([str(programs / "postgres"), "--version"]).split(") ")[-1]
        postgis = postgis_version(programs)
    except ServiceMissingError:
        postgres = postgis = "not found"
    try:
        chromium = first_line([find_chromium(), "--version"])
    except ServiceMissingError:
        chromium = "not found"
    return {
        "PostgreSQL": re.sub(r"^postgres \(PostgreSQL\) ", "", postgres),
        "PostGIS": postgis,
        "GDAL": first_line(["ogrinfo", "--version"]).split(",")[0].replace("GDAL ", ""),
        "QGIS": qgis_version(),
        "Chromium": chromium.split(" built")[0].replace("Chromium ", ""),
    }
