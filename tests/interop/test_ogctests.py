# SPDX-License-Identifier: GPL-2.0-or-later
"""The conformance suite of OGC API - Features, Part 1 Core, from its own environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import ROOT, missing
from tests.interop.conftest import Served

VENV = ROOT / "build/venv-ogctests"
LOCK = ROOT / "requirements/ogctests.txt"


@pytest.fixture(scope="session")
def suite() -> Path:
    """The interpreter of an environment that holds the suite and its old packages."""
    python, stamp = VENV / "bin/python", VENV / "stamp"
    if stamp.exists() and stamp.stat().st_mtime >= LOCK.stat().st_mtime:
        return python
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, check=False
    )
    if made.returncode == 0:
        made = subprocess.run(
            [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install",
             "--no-compile", "--require-hashes", "-r", str(LOCK)],
            capture_output=True, check=False,
        )  # fmt: skip
    if made.returncode != 0:
        reason = made.stderr.decode(errors="replace").strip().splitlines()[-1:]
        missing(f"the conformance suite's environment could not be made: {reason}")
    stamp.touch()
    return python


def with_null_geometries(copy: Path) -> Path:
    """Copy the suite and let features have no place, as RFC 7946, 3.2 does and its schema not."""
    shutil.copytree(next(VENV.glob("lib/python3*/site-packages/ogctests")), copy)
    schema = copy / "features/schemas/featureGeoJSON.yaml"
    place = '    $ref: "urn:geometryGeoJSON"\n'
    text = schema.read_text()
    assert place in text
    either = '    oneOf:\n      - type: "null"\n      - $ref: "urn:geometryGeoJSON"\n'
    schema.write_text(text.replace(place, either))
    return copy


@pytest.mark.timeout(400)
def test_conformance_suite_of_core_passes(served: Served, suite: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    package = with_null_geometries(tmp_path / "ogctests")
    # settings of its own: pytest would else find this project's
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    done = subprocess.run(
        [str(suite), "-m", "pytest", "-c", str(settings), str(package / "features/core"),
         "-p", "no:cacheprovider", "-q", "--junitxml", str(report), "--rootdir", str(package)],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "INSTANCE_URL": served.site.ogc + "/"},
    )  # fmt: skip
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = {
        str(case.get("name"))
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }
    assert failed == set(), done.stdout[-6000:]
    assert len(cases) >= 25
