# SPDX-License-Identifier: GPL-2.0-or-later
"""Every requirement of the programme that is built has a test of its name: test_r24_…, test_f5_…"""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# R16-R32: the manual of pinning; R45, R46: services and copies; F…: what users stumbled over.
BUILT = {
    *(f"r{number}" for number in range(16, 33)), "r45", "r46",
    "f1", "f2", "f4", "f5", "f6", "f8", "f9",
}  # fmt: skip
_NAME = re.compile(r"test_([rf]\d+)_\w+")


def requirement_names(source: str) -> set[str]:
    """Return the requirements for which a module has a test that asserts something."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (match := _NAME.fullmatch(node.name)):
            calls = [n for n in ast.walk(node) if isinstance(n, ast.Assert | ast.With)]
            if calls:
                found.add(match[1])
    return found


def test_every_built_requirement_has_a_test_of_its_name():
    found = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in requirement_names(path.read_text(encoding="utf-8"))
    }
    assert BUILT - found == set()


def test_a_test_without_an_assertion_does_not_count():
    assert requirement_names("def test_r24_x():\n    pass\n") == set()
    assert requirement_names("def test_r24_x():\n    assert 1\n") == {"r24"}
