# SPDX-License-Identifier: GPL-2.0-or-later
"""A progress report as a JSON document for programs, and back: sent reports are kept as one.

Names are in both languages, so that a document can be shown in either at any later time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from geoapi.progress_report import Maker, Place, ProgressReport, ReportRow
from geoapi.progress_report_inputs import read_inputs
from geoapi.store.progress import Named
from geoapi.types import JsonObject
from processing.statistics.progress import MEASURES, Counts

# Goes up when a member changes its meaning; members may be added at any time.
VERSION = 1
_DERIVED = ("pinned", "pinned_percent", "verified_percent")
_TABLES = ("districts", "agencies", "rolled_up")


def report_document(report: ProgressReport) -> JsonObject:
    """Return the document of a report; docs/progress-report.md explains its members."""
    return {
        "type": "progress-report",
        "version": VERSION,
        "inputs": report.inputs.as_json(),
        "made_at": _instant(report.made_at),
        "as_of": _instant(report.as_of),
        "made_by": {"role": report.maker.role, **_place(report.maker.place)},
        "asked": _place(report.asked),
        "parts": [_place(part) for part in report.parts],
        "is_partial": report.is_partial,
        "total": _counts(report.total),
        **{name: _rows(getattr(report, name)) for name in _TABLES},
    }


def report_json(report: ProgressReport) -> bytes:
    """Return the document as UTF-8 text."""
    return orjson.dumps(report_document(report), option=orjson.OPT_INDENT_2)


def report_of(document: JsonObject) -> ProgressReport:
    """Return the report that a document of our own tells of.

    >>> from geoapi.progress_report_inputs import ReportInputs
    >>> now, place = datetime(2026, 11, 24, tzinfo=UTC), Place(Named(""), Named("57", "ก", "K"))
    >>> made = ProgressReport(
    ...     ReportInputs(), place, (place,), False, now, now, Maker("planner", place), Counts()
    ... )
    >>> report_of(report_document(made)) == made
    True
    """
    made_by = document["made_by"]
    return ProgressReport(
        inputs=read_inputs(document["inputs"]),
        asked=_place_of(document["asked"]),
        parts=tuple(_place_of(part) for part in document["parts"]),
        is_partial=document["is_partial"],
        made_at=datetime.fromisoformat(document["made_at"]),
        as_of=datetime.fromisoformat(document["as_of"]),
        maker=Maker(made_by["role"], _place_of(made_by)),
        total=_counts_of(document["total"]),
        **{name: _rows_of(document[name]) for name in _TABLES},
    )


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _place(place: Place) -> JsonObject:
    return {"agency": vars(place.agency).copy(), "area": vars(place.area).copy()}


def _place_of(document: JsonObject) -> Place:
    return Place(Named(**document["agency"]), Named(**document["area"]))


def _counts(counts: Counts) -> JsonObject:
    return {name: getattr(counts, name) for name in (*MEASURES, *_DERIVED)}


def _counts_of(document: JsonObject) -> Counts:
    return Counts(*(document[name] for name in MEASURES))


def _rows(rows: Iterable[ReportRow]) -> list[JsonObject]:
    return [{**vars(row.of), **_counts(row.counts)} for row in rows]


def _rows_of(documents: Iterable[JsonObject]) -> Any:  # noqa: ANN401 - of one member of a report
    return tuple(
        ReportRow(
            Named(document["code"], document["name_th"], document["name_en"]), _counts_of(document)
        )
        for document in documents
    )
