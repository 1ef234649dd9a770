# SPDX-License-Identifier: GPL-2.0-or-later
"""Prepared data, kept between measurements, and a Pakmud of any checkout that serves them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.live import LiveSite
from tests.services import Cluster
from tools.bench import database, loading
from tools.bench.geopackage import load_geopackage
from tools.bench.points import load_places
from tools.bench.servers import Server

OFFICER, MANAGER = "bench-officer", "bench-manager"
OFFICER_AREA = "57"
_COMMAND_TIMEOUT_S = 3_600
# Those that a checkout knows are set: a measurement asks more than a client may, and needs
# processes that differ.
_SETTINGS = {
    "log_level": "WARNING",
    "process_packages": "geoapi.processes,tests.sample_processes",
}


def data_folder() -> Path:
    """Return where prepared data are kept; ``PAKMUD_BENCH_DATA`` names another folder."""
    named = os.environ.get("PAKMUD_BENCH_DATA")
    return Path(named) if named else Path(tempfile.gettempdir()) / "pakmud-bench"


@dataclass(frozen=True)
class Prepared:
    """A site with points, ready to be served.

    Attributes:
        backend: ``postgis`` or ``geopackage``.
        folder: all that belongs to it.
        store: address of the database or path of the file.
        cluster: the running PostgreSQL, None for a GeoPackage.
        tree: checkout whose server is measured.
    """

    backend: str
    folder: Path
    store: str
    cluster: Cluster | None
    tree: Path

    @property
    def database_pid(self) -> int | None:
        """Return the process id of PostgreSQL."""
        return self.cluster.process.pid if self.cluster and self.cluster.process else None

    def token(self, user: str) -> str:
        """Return the access token of one of the users made beside the data."""
        return (self.folder / f"{user}.token").read_text().strip()

    def environment(self, port: int = 0) -> dict[str, str]:
        """Return the environment of the site's processes."""
        text = (self.tree / "geoapi/settings.py").read_text(encoding="utf-8")
        settings = {name: value for name, value in _SETTINGS.items() if f"    {name}: " in text}
        return LiveSite(self.store, self.folder / "var", settings, port).environment()

    def run(self, *arguments: str) -> str:
        """Run one ``pakmud`` command of the checkout.

        Raises:
            RuntimeError: it ended with an error.
        """
        done = subprocess.run(
            [_python(self.tree), "-m", "geoapi", "--lang", "en", *arguments],
            cwd=self.tree, env=self.environment(), capture_output=True, text=True,
            timeout=_COMMAND_TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"pakmud {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def server(self) -> Server:
        """Return the site's server, not yet started."""
        server = Server(
            self.backend, [_python(self.tree), "-m", "geoapi", "serve"], self.tree, {},
            "/healthz", self.folder / "serve.log", self.database_pid,
        )  # fmt: skip
        server.environment = self.environment(server.port)
        return server


def _python(tree: Path) -> str:
    own = tree / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


@contextlib.contextmanager
def prepared(
    backend: str, count: int, tree: Path, source: Prepared | None = None, *, anew: bool = False
) -> Iterator[Prepared]:
    """Open prepared data, making them first where they are not there; migrate them to the tree.

    Args:
        backend: ``postgis`` or ``geopackage``.
        count: how many points.
        tree: checkout whose server will be measured.
        source: open PostGIS data of as many points, from which a GeoPackage is made.
        anew: throw away what is there.
    """
    kind = "" if load_places().are_real else "-made-up"
    folder = data_folder() / f"{backend}-{count}{kind}"
    ready = folder / "ready"
    if anew or not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        site = _open(backend, folder, tree, stack)
        if ready.exists():
            site.run("migrate")
        else:
            if backend == "geopackage" and source is None:
                source = stack.enter_context(prepared("postgis", count, tree))
            _fill(site, count, source)
            ready.touch()
        yield site


def _open(backend: str, folder: Path, tree: Path, stack: contextlib.ExitStack) -> Prepared:
    if backend == "geopackage":
        folder.mkdir(parents=True, exist_ok=True)
        return Prepared(backend, folder, str(folder / "pakmud.gpkg"), None, tree)
    if not folder.exists():
        database.make_cluster(folder)
    cluster = stack.enter_context(database.running(folder))
    return Prepared(backend, folder, cluster.dsn_of("pakmud"), cluster, tree)


def _fill(site: Prepared, count: int, source: Prepared | None) -> None:
    """Make the site, its users and its points."""
    started = time.monotonic()
    print(f"making {count:,} points for {site.backend} in {site.folder}", flush=True)
    if site.cluster is not None:
        site.cluster.create_database("pakmud")
    site.run("init")
    _add_user(site, OFFICER, "officer", OFFICER_AREA)
    _add_user(site, MANAGER, "gis_officer", "")
    if site.cluster is not None:
        loading.load_postgis(site.store, count)
        loading.make_peer_table(site.store)
    elif source is not None:
        load_geopackage(site.store, source.store)
    if (site.tree / "geoapi/cli/tiles.py").exists():
        site.run("tiles", "rebuild")  # what was copied in, no write of the product has ranked
    print(f"made in {time.monotonic() - started:.0f} s", flush=True)


def _add_user(site: Prepared, name: str, role: str, area: str) -> None:
    where = ("--area", area) if area else ()
    site.run("user", "add", name, "--name", name, "--role", role, *where)
    token = site.folder / f"{name}.token"
    token.touch(mode=0o600)
    token.write_text(site.run("user", "token", name, "--label", "bench"))
