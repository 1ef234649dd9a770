# SPDX-License-Identifier: GPL-2.0-or-later
"""Write what an import refused, doubted or could not merge, in Thai and English, as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from geoapi.importing.rows import RowProblem
from geoapi.importing.run import ImportReport
from geoapi.messages import message
from geoapi.spreadsheet_text import cell

COLUMNS = ("row", "outcome", "field", "value", "code", "reason_th", "reason_en")


def write_report(report: ImportReport, path: Path) -> None:
    """Write one line for each refused row, warning and conflict.

    The file begins with a byte order mark, so that spreadsheet programs read the Thai.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for line in report_lines(report):
            writer.writerow(map(cell, line))


def report_lines(report: ImportReport) -> Iterator[tuple[str | int, ...]]:
    """Yield the lines of the report in the order of ``COLUMNS``."""
    for outcome, problems in (("refused", report.refused), ("warning", report.warnings)):
        for problem in problems:
            yield _line(outcome, problem)
    for conflict in report.outcome.conflicts:
        ours, theirs = (json.dumps(v, ensure_ascii=False) for v in (conflict.ours, conflict.theirs))
        params = {"member": conflict.member, "ours": ours, "theirs": theirs}
        yield (
            conflict.row_number,
            "conflict",
            conflict.member,
            theirs,
            "import.conflict",
            message("import.conflict", "th", params),
            message("import.conflict", "en", params),
        )


def _line(outcome: str, problem: RowProblem) -> tuple[str | int, ...]:
    params = problem.placeholders()
    return (
        problem.row,
        outcome,
        problem.field,
        problem.value,
        problem.message_id,
        message(problem.message_id, "th", params),
        message(problem.message_id, "en", params),
    )
