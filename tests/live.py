# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole site in a process of its own, for tests that kill it or look at it from outside.

Also read by QGIS's own interpreter (Python 3.9 syntax), so it needs the standard library alone.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.services import dies_with_us, free_port

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
COMMAND_TIMEOUT_S = 300.0
_SEVERAL = """
import json, sys
from geoapi.cli import main
for arguments in json.loads(sys.stdin.readline()):
    if main.main(arguments, standalone_mode=False):
        sys.exit(1)
    print(end="\\0")
"""


@dataclass
class Answer:
    """What the server said.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: decoded bytes.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        """Return the body's JSON."""
        return json.loads(self.body)


@dataclass
class LiveSite:
    """A site on disk or in a database, and the process that serves it.

    Attributes:
        store: path of a GeoPackage or address of a database.
        data_dir: folder of keys and logs.
        settings: further settings by name, such as ``workers``.
        port: on loopback.
        process: that serves now, ``None`` when none does.
    """

    store: str
    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Choose a port, which stays the same over restarts."""
        self.port = self.port or free_port()

    @property
    def url(self) -> str:
        """Return the address without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ogc(self) -> str:
        """Return the address of the OGC API."""
        return f"{self.url}/ogc"

    def environment(self) -> dict[str, str]:
        """Return the environment of the site's processes; nothing of ours leaks in."""
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith("PAKMUD_")
            and k not in {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH"}
        }
        own = {"store": self.store, "data_dir": str(self.data_dir), "port": str(self.port)}
        return {
            **kept,
            # a server starts in a second instead of five when its bytecode is kept
            "PYTHONPYCACHEPREFIX": str(ROOT / "build/pycache"),
            "LANG": "C.UTF-8",
            **{f"PAKMUD_{name.upper()}": value for name, value in {**own, **self.settings}.items()},
        }

    def run(self, *arguments: str, check: bool = True, text: str = "") -> str:
        """Run one ``pakmud`` command and return what it printed.

        Raises:
            RuntimeError: it ended with an error.
        """
        done = subprocess.run(
            [server_python(), "-m", "geoapi", *arguments],
            cwd=ROOT, env=self.environment(), input=text, capture_output=True, text=True,
            timeout=COMMAND_TIMEOUT_S, check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"pakmud {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def run_all(self, *commands: tuple[str, ...]) -> list[str]:
        """Run ``pakmud`` commands in one process, which saves seconds, and return their words.

        Raises:
            RuntimeError: one ended with an error.
        """
        done = subprocess.run(
            [server_python(), "-c", _SEVERAL],
            cwd=ROOT, env=self.environment(), input=json.dumps(commands), capture_output=True,
            text=True, timeout=COMMAND_TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"pakmud, one of {commands}: {done.stderr[-2000:]}")
        return done.stdout.split("\0")[:-1]

    def start(self) -> None:
        """Serve, and come back when the server answers.

        Raises:
            RuntimeError: it ended or said nothing in time.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*dies_with_us(), server_python(), "-m", "geoapi", "serve"],
                cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def is_up(self) -> bool:
        """Say whether the server answers."""
        try:
            return self.request("GET", "/healthz", timeout=2.0).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def kill(self) -> None:
        """Kill the server and its serving processes at once, as a power cut would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> bool:
        """Ask the server to stop, wait, and say whether it ended as it was asked to.

        uvicorn passes the signal on to itself at the very end, so its code names the signal.
        """
        if self.process is None:
            return True
        self.process.terminate()
        try:
            code = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self.process = None
        return code in (0, -signal.SIGTERM)

    def log(self) -> str:
        """Return what the server has written."""
        return (self.data_dir / "serve.log").read_text(encoding="utf-8", errors="replace")

    def request(
        self, method: str, path: str, body=None, timeout: float = 60.0, **headers: str
    ) -> Answer:
        """Send one request on a connection of its own; names of headers have ``_`` for ``-``."""
        with contextlib.closing(self.connection(timeout)) as connection:
            return send(connection, method, path, body, **headers)

    def connection(self, timeout: float = 60.0) -> http.client.HTTPConnection:
        """Return an unopened connection to the server."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path: str, token: str = "") -> Answer:
        """Get a path under ``/ogc``, signed in when a token is given."""
        return self.request("GET", f"/ogc{path}", **bearer(token))

    def add_user(self, name: str, role: str, area: str = "") -> str:
        """Make a user with a role and return a personal access token."""
        where = ("--area", area) if area else ()
        said = self.run_all(
            ("user", "add", name, "--name", f"ผู้ใช้ {name}", "--role", role, *where),
            ("user", "token", name, "--label", "test"),
        )
        return said[-1].strip()


def server_python() -> str:
    """Return the interpreter of the server, also where QGIS's own runs the tests."""
    own = ROOT / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"authorization": f"Bearer {token}"} if token else {}


def basic(name: str, token: str) -> str:
    """Return the value of an Authorization header with a token as the password."""
    return "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()


def send(
    connection: http.client.HTTPConnection, method: str, path: str, body=None, **headers: str
) -> Answer:
    """Send one request on an open connection; a dict goes as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, dict):
        named.setdefault("content-type", "application/json")
        body = json.dumps(body, ensure_ascii=False).encode()
    connection.request(method, quote(path, safe="/?&=%,:+-_.~"), body, named)
    response = connection.getresponse()
    return Answer(
        response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    )


def created_id(answer: Answer) -> str:
    """Return the id of an item that was created; the item itself is shown only when preferred."""
    return answer.headers["location"].rpartition("/")[2]


def path_of(address: str) -> str:
    """Return path and query of an address that the server gave."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def feature(name: str, lon: float, lat: float, **properties) -> dict:
    """Return a service point to send."""
    own = {"name_th": name, "category": "health_promoting_hospital", **properties}
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": geometry, "properties": own}
