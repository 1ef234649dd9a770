# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies in the repository: no registry address, no machine's path, nothing huge.

The addresses of registries are asked from the machine's own clients, never written down here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_BYTES = 1_500_000
# Joined here, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.~})-])/(?:" + "|".join(["work", "root", "home", "Users"]) + r")/\w"
)
ADDRESS = re.compile(r"(?i)\b(?:https?|ftp|git\+\w+)://")
TEXT_SUFFIXES = {
    "", ".cfg", ".conf", ".css", ".csv", ".html", ".in", ".ini", ".js", ".json", ".mako", ".md",
    ".mjs", ".py", ".qml", ".service", ".sh", ".sql", ".svg", ".toml", ".ts", ".txt", ".ui", ".xml",
    ".yaml", ".yml",
}  # fmt: skip


@cache
def files() -> tuple[Path, ...]:
    """Return the files of the repository, those not yet added included, ignored ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def texts() -> list[tuple[str, str]]:
    """Return name and text of each text file."""
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace"))
        for path in files()
        if path.suffix in TEXT_SUFFIXES and "fixtures" not in path.parts
    ]


def answer_of(*command: str) -> str:
    """Return what a registry's client prints, nothing where it is not installed."""
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@cache
def registry_hosts() -> frozenset[str]:
    """Ask pip, npm and apt which hosts they fetch from."""
    default = (
        "from pip._internal.models.index import PyPI; print(PyPI.url, PyPI.file_storage_domain)"
    )
    said = [
        answer_of(sys.executable, "-c", default),
        answer_of(sys.executable, "-m", "pip", "config", "list"),
        answer_of("npm", "config", "get", "registry"),
    ]
    sources = Path("/etc/apt")
    for path in [*sources.glob("sources.list"), *sources.glob("sources.list.d/*")]:
        said.append(path.read_text(encoding="utf-8", errors="replace"))
    hosts = {urlsplit(url).hostname for url in re.findall(r"https?://[^\s'\",]+", " ".join(said))}
    hosts |= set(re.findall(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b", said[0]))
    return frozenset(host for host in hosts if host and host not in {"localhost", "127.0.0.1"})


def hosts_in(text: str, hosts: frozenset[str]) -> list[str]:
    """Return the hosts that a text names."""
    lower = text.lower()
    return [host for host in hosts if re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", lower)]


def requirement_faults(text: str) -> list[str]:
    """Return what a requirements file lacks: a hash, an exact version; or an address in it."""
    faults = [f"address: {line}" for line in text.splitlines() if ADDRESS.search(line)]
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        entry = line.split("#")[0].strip()
        if not entry:
            continue
        if entry.startswith("-"):
            faults.append(f"option: {entry}")
        elif "==" not in entry or "--hash=sha256:" not in entry:
            faults.append(f"not pinned with a hash: {entry[:60]}")
    return faults


def lock_faults(text: str) -> list[str]:
    """Return what is wrong with package-lock.json: download addresses, or nothing to check by."""
    faults = ["it records download addresses"] if '"resolved"' in text else []
    for name, package in json.loads(text)["packages"].items():
        if name and not package.get("link") and "integrity" not in package:
            faults.append(f"{name} has no integrity hash")
    return faults


def test_no_file_names_a_registry_host():
    found = {name: hosts for name, text in texts() if (hosts := hosts_in(text, registry_hosts()))}
    assert found == {}


def test_no_file_names_a_machine_path():
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_no_file_is_huge():
    assert [str(path) for path in files() if path.stat().st_size > MAX_BYTES] == []


def test_requirements_are_pinned_with_hashes_and_without_addresses():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert {path.stem for path in locks} >= {"server", "dev", "demo", "build", "qgis"}
    faults = {path.name: f for path in locks if (f := requirement_faults(path.read_text()))}
    assert faults == {}


def test_package_lock_records_hashes_and_no_addresses():
    assert lock_faults((ROOT / "package-lock.json").read_text()) == []


def test_requirements_name_what_the_project_declares():
    locked = {
        name.lower().replace("_", "-")
        for path in (ROOT / "requirements").glob("*.txt")
        for name in re.findall(r"^([\w.-]+)(?:\[[^]]*])?==", path.read_text(), re.MULTILINE)
    }
    declared = subprocess.run(
        [
            sys.executable,
            "-c",
            "import tomllib, json, sys; p = tomllib.load(open('pyproject.toml', 'rb'))['project'];"
            "o = p['optional-dependencies'];"
            "json.dump(p['dependencies'] + o['server'] + o['demo'] + o['test'], sys.stdout)",
        ],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names = {re.match(r"[\w.-]+", text)[0].lower() for text in json.loads(declared)}
    assert names - locked == set()


def test_ci_script_is_executable_and_calls_make_test():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text()


# ------------------------------------------------------------------- the checks can fail


def test_registry_hosts_are_known_and_seen():
    hosts = registry_hosts()
    assert len(hosts) >= 2
    assert all(hosts_in(f"see https://{host}/simple", frozenset({host})) for host in hosts)
    assert not hosts_in("nothing here", hosts)


def test_machine_paths_are_seen():
    assert MACHINE_PATH.search('open("/' + 'root/x")')
    assert not MACHINE_PATH.search("a/home/b and ~/home/x and https://example.org/home/page")


def test_faulty_locks_are_seen():
    assert requirement_faults("six==1.17.0\n")
    assert requirement_faults("six>=1 --hash=sha256:00\n")
    assert requirement_faults("--index-url https://example.org\n")
    assert not requirement_faults("six==1.17.0 \\\n    --hash=sha256:00\n    # via x\n")
    assert lock_faults('{"packages": {"node_modules/a": {"resolved": "x", "integrity": "y"}}}')
    assert lock_faults('{"packages": {"node_modules/a": {}}}')
