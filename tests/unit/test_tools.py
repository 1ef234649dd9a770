# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up's own tools: web assets, the summary of a test run, the search for Python."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from tools import summarise_tests, web_assets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def node_modules(tmp_path):
    """A folder as npm leaves it, with a few bytes for each file that is copied."""
    for library in web_assets.LIBRARIES:
        folder = tmp_path / "node_modules" / library.package
        for name in library.files + library.licences:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"{library.package} {name}")
        (folder / "package.json").write_text('{"version": "1.2.3"}')
    return tmp_path / "node_modules"


def test_web_assets_are_copied_with_a_manifest_that_matches(node_modules, tmp_path):
    target = tmp_path / "build" / "web_assets"
    (target / "old").mkdir(parents=True)
    web_assets.build(node_modules, target)
    manifest = json.loads((target / "manifest.json").read_text())
    entry = manifest["maplibre-gl/maplibre-gl.css"]
    content = (target / "maplibre-gl" / "maplibre-gl.css").read_bytes()
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert entry["integrity"].startswith("sha384-")
    assert (entry["version"], entry["bytes"]) == ("1.2.3", len(content))
    assert any("LICENSE" in name for name in manifest)
    assert not (target / "old").exists()


def test_a_changed_package_is_an_error_and_keeps_the_last_good_assets(node_modules, tmp_path):
    target = tmp_path / "web_assets"
    web_assets.build(node_modules, target)
    (node_modules / "maplibre-gl" / "dist" / "maplibre-gl.css").unlink()
    with pytest.raises(web_assets.MissingAssetError, match=r"no file dist/maplibre-gl\.css"):
        web_assets.build(node_modules, target)
    assert (target / "maplibre-gl" / "maplibre-gl.css").exists()


CASES = {
    "passed": ("<testcase classname='a' name='b'/>", 0, "1 passed, 0 failed, 0 skipped"),
    "failed": ("<testcase classname='a' name='b'><failure/></testcase>", 1, "failed: s: a::b"),
    "skipped": (
        "<testcase name='b'/><testcase name='c'><skipped message='no QGIS'/></testcase>",
        0,
        "skipped 1: s: no QGIS",
    ),
    "nothing": ("", 1, "0 passed, 0 failed, 0 skipped"),
}


@pytest.mark.parametrize("case", CASES)
def test_summary_says_what_failed_and_why_tests_were_skipped(case, tmp_path, capsys):
    xml, code, line = CASES[case]
    (tmp_path / "s.xml").write_text(f"<testsuites><testsuite>{xml}</testsuite></testsuites>")
    assert summarise_tests.main([str(tmp_path)]) == code
    assert line in capsys.readouterr().out.splitlines()


def test_a_failed_step_fails_the_summary(tmp_path, capsys):
    (tmp_path / "s.xml").write_text("<testsuites><testcase name='b'/></testsuites>")
    assert summarise_tests.main([str(tmp_path), "lint"]) == 1
    assert "failed steps: lint" in capsys.readouterr().out


def find_python(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the search where only the programs of ``path`` and the shell's own are found."""
    return subprocess.run(
        ["/bin/bash", str(ROOT / "tools" / "find_python.sh")],
        env={"PATH": f"{path}{os.pathsep}/bin", "HOME": str(path), "PYTHON": "python-of-test"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_of_the_right_version_is_found(tmp_path):
    program = tmp_path / "python-of-test"
    program.write_text('#!/bin/bash\ncase "$2" in *exit*) ;; *) echo /found/here ;; esac\n')
    program.chmod(0o755)
    assert find_python(tmp_path).stdout.strip() == "/found/here"
