# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers we compare ourselves with, each in an environment of its own from the lock files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.live import ROOT
from tools.bench.loading import PEER_SCHEMA, PEER_TABLE
from tools.bench.servers import Server
from tools.bench.sites import Prepared

TIPG, PYGEOAPI = "tipg", "pygeoapi"
PEERS = (TIPG, PYGEOAPI)
TIPG_COLLECTION = f"{PEER_SCHEMA}.{PEER_TABLE}"
PYGEOAPI_COLLECTION = PEER_TABLE
_MAX_ITEMS = 10_000


class PeerMissingError(RuntimeError):
    """A peer can't be had on this machine; the message says why."""


def venv_python(peer: str) -> Path:
    """Return the interpreter of a peer's environment, making that first.

    Raises:
        PeerMissingError: the packages can't be fetched.
    """
    folder, lock = ROOT / f"build/venv-peers-{peer}", ROOT / f"requirements/peers_{peer}.txt"
    python, stamp = folder / "bin/python", folder / "stamp"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return python
    print(f"making the environment of {peer}", flush=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install",
         "--require-hashes", "-r", str(lock)],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise PeerMissingError(f"no {peer}: its packages can't be installed ({reason[0]})")
    stamp.write_text(lock.read_text())
    return python


def peer_versions(peer: str) -> str:
    """Return the version of a peer and of what serves it, as its lock file has them."""
    server = {"tipg": "uvicorn", "pygeoapi": "gunicorn"}[peer]
    lock = (ROOT / f"requirements/peers_{peer}.txt").read_text().splitlines()
    versions = dict(line.split(" ")[0].split("==") for line in lock if "==" in line[:40])
    return f"{peer} {versions[peer]} ({server} {versions[server]})"


def peer_server(peer: str, site: Prepared) -> Server:
    """Return a peer's server over the plain table in the site's PostgreSQL, not yet started.

    Raises:
        PeerMissingError: it can't be had.
    """
    make = {TIPG: _tipg, PYGEOAPI: _pygeoapi}[peer]
    return make(venv_python(peer), site)


def _environment(python: Path, **own: str) -> dict[str, str]:
    return {"PATH": f"{python.parent}:/usr/bin:/bin", "LANG": "C.UTF-8", **own}


def _tipg(python: Path, site: Prepared) -> Server:
    environment = _environment(
        python, DATABASE_URL=site.store, TIPG_DB_SCHEMAS=json.dumps([PEER_SCHEMA]),
        TIPG_MAX_FEATURES_PER_QUERY=str(_MAX_ITEMS),
    )  # fmt: skip
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--port", "{port}"]
    command += ["--no-access-log", "--log-level", "warning"]
    ready = f"/collections/{TIPG_COLLECTION}"
    return Server(
        TIPG, command, site.folder, environment, ready, site.folder / "tipg.log", site.database_pid
    )


def _pygeoapi(python: Path, site: Prepared) -> Server:
    config, openapi = site.folder / "pygeoapi.json", site.folder / "pygeoapi-openapi.json"
    # one worker with threads keeps connections open; its sync workers would close each
    command = [str(python.parent / "gunicorn"), "pygeoapi.flask_app:APP", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "6", "--bind", "127.0.0.1:{port}"]
    command += ["--keep-alive", "30", "--timeout", "300"]
    environment = _environment(python, PYGEOAPI_CONFIG=str(config), PYGEOAPI_OPENAPI=str(openapi))
    server = Server(
        PYGEOAPI, command, site.folder, environment, "/conformance",
        site.folder / "pygeoapi.log", site.database_pid,
    )  # fmt: skip
    config.touch(mode=0o600)
    config.write_text(json.dumps(_pygeoapi_config(site, server.port)))
    done = subprocess.run(
        [str(python.parent / "pygeoapi"), "openapi", "generate", str(config),
         "--output-file", str(openapi), "--format", "json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise PeerMissingError(f"no pygeoapi: {done.stderr[-400:]}")
    return server


def _pygeoapi_config(site: Prepared, port: int) -> dict:
    """Return a configuration as the one that it ships: one table, two processes, kept jobs."""
    jobs, url = site.folder / "pygeoapi-jobs", f"http://127.0.0.1:{port}"
    shutil.rmtree(jobs, ignore_errors=True)
    jobs.mkdir()
    words = {"title": "bench", "description": "bench", "keywords": ["bench"]}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "map": {"url": "", "attribution": ""},
            "limits": {"default_items": 10, "max_items": _MAX_ITEMS},
            "manager": {
                "name": "TinyDB",
                "connection": str(jobs / "jobs.db"),
                "output_dir": str(jobs),
            },
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": words
            | {"keywords_type": "theme", "terms_of_service": "none", "url": url},
            "license": {"name": "CC-BY 4.0", "url": url},
            "provider": {"name": "bench", "url": url},
            "contact": {"name": "bench"},
        },
        "resources": _pygeoapi_resources(site.store, words),
    }


def _pygeoapi_resources(dsn: str, words: dict) -> dict:
    parts = urlsplit(dsn)
    data = {
        "host": parts.hostname,
        "port": parts.port,
        "dbname": parts.path.lstrip("/"),
        "user": parts.username,
        "password": unquote(parts.password or ""),
        "search_path": [PEER_SCHEMA, "public"],
    }
    provider = {"type": "feature", "name": "PostgreSQL", "data": data}
    table = {"id_field": "id", "table": PEER_TABLE, "geom_field": "geom"}
    extent = {"bbox": [97, 5, 106, 21], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    return {
        PYGEOAPI_COLLECTION: words
        | {
            "type": "collection",
            "links": [],
            "extents": {"spatial": extent},
            "providers": [provider | table],
        },
        "hello-world": {"type": "process", "processor": {"name": "HelloWorld"}},
        "shapely-functions": {"type": "process", "processor": {"name": "ShapelyFunctions"}},
    }
