#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sum up the JUnit reports of a test run: what was skipped and why, what failed, the counts.

Usage: summarise_tests.py FOLDER [NAME OF A FAILED STEP ...]. Exits 1 when anything failed or
nothing ran.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# The reports are our own, written a moment before.
from xml.etree import ElementTree


@dataclass
class Tally:
    """Counts over all reports.

    Attributes:
        passed: tests that passed.
        failed: ``suite: test`` of each test that failed or broke.
        skipped: number of skipped tests by ``suite: reason``.
    """

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def add_report(tally: Tally, report: Path) -> None:
    """Add one JUnit file to the tally."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own file
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed.append(f"{report.stem}: {case.get('classname')}::{case.get('name')}")
        elif (skip := case.find("skipped")) is not None:
            tally.skipped[f"{report.stem}: {skip.get('message', 'no reason given')}"] += 1
        else:
            tally.passed += 1


def main(arguments: list[str]) -> int:
    """Print the summary and return the exit code."""
    folder, failed_steps = Path(arguments[0]), arguments[1:]
    tally = Tally()
    for report in sorted(folder.glob("*.xml")):
        add_report(tally, report)
    not_run = folder / "not_run.txt"
    if not_run.exists():
        print("not run:", not_run.read_text(encoding="utf-8").strip())
    for reason, count in sorted(tally.skipped.items()):
        print(f"skipped {count}: {reason}")
    for name in tally.failed:
        print(f"failed: {name}")
    if failed_steps:
        print("failed steps:", ", ".join(failed_steps))
    skipped = sum(tally.skipped.values())
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {skipped} skipped")
    return int(bool(failed_steps or tally.failed or not tally.passed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
