# SPDX-License-Identifier: GPL-2.0-or-later
"""Run an import: read, map, stage in short batches, merge once, report every refused row."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from geoapi import assignment_import, reference_data
from geoapi.codes import code_list
from geoapi.errors import UsageError
from geoapi.importing import agencies, areas, assignments, holidays, merging, service_points
from geoapi.importing.crs import CRS84
from geoapi.importing.guide_files import read_guide
from geoapi.importing.guide_mapping import default_mapping, load_mapping
from geoapi.importing.merging import Outcome
from geoapi.importing.readers import read_rows, with_declared_crs
from geoapi.importing.register import load_register
from geoapi.importing.rows import RowProblem
from geoapi.importing.service_guides import GuideContext, map_services
from geoapi.importing.service_merging import merge_services
from geoapi.managers import BANGKOK
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Viewer
from geoapi.site import Site
from geoapi.store import Transaction, features, imports
from geoapi.store.imports import StagedRow
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject

Kind = Literal["areas", "agencies", "service-points", "holidays", "services", "assignments"]
# Rows of one staging transaction: short, so that other writers hardly wait.
_BATCH_ROWS = 500
_HASH_BLOCK_BYTES = 1 << 20

type Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class ImportRequest:
    """What to import and how.

    Attributes:
        kind: which of them.
        path: the file.
        viewer: whose name the history carries.
        layer: of a GeoPackage, or sheet of a workbook.
        encoding: of the text; found by content when None.
        crs: of the coordinates, when the file does not say or says wrong.
        column_map: {column: property} for unknown headers.
        allow_unpinned: rows without coordinates become unplaced points.
        target_state: state of new points: draft, submitted or verified.
        dry_run: show what would happen and do nothing.
        mapping: file that says how a guide of services is to be understood; None for the usual.
    """

    kind: Kind
    path: Path
    viewer: Viewer = SYSTEM
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    column_map: Mapping[str, str] | None = None
    allow_unpinned: bool = False
    target_state: str = "submitted"
    dry_run: bool = False
    mapping: Path | None = None


@dataclass
class ImportReport:
    """What came of an import."""

    rows: int = 0
    refused: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    counts: dict[str, int] = field(default_factory=dict)


class _DryRunEnd(Exception):  # noqa: N818 - undoes the transaction, is no error
    """Ends a dry run: the transaction is undone."""


def run_import(site: Site, request: ImportRequest, progress: Progress) -> ImportReport:
    """Import a file; all rows that are not refused, or none at all.

    Args:
        site: into which store.
        request: what and how.
        progress: called with (rows read, rows in all or None).

    Raises:
        UsageError: the file can't be read; nothing is stored.
        DataUnavailableError: the store can't be written; nothing is stored.
    """
    report = ImportReport()
    run_id = str(uuid.uuid4())
    digest = _sha256(request.path)
    site.store.write(lambda t: imports.begin_run(t, run_id, request.kind, digest))
    counts: dict[str, int] | None = None
    try:
        _stage(site, run_id, _mapped(site, request, report, progress))
        counts = _merge(site, request, run_id, report)
    finally:
        site.store.write(lambda t: imports.end_run(t, run_id, counts))
    return report


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise UsageError("import.no_such_file", path=str(path))
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _stage(site: Site, run_id: str, rows: Iterable[StagedRow]) -> None:
    for batch in batched(rows, _BATCH_ROWS):
        _stage_batch(site, run_id, batch)


def _stage_batch(site: Site, run_id: str, batch: tuple[StagedRow, ...]) -> None:
    site.store.write(lambda transaction: imports.stage(transaction, run_id, batch))


def _merge(
    site: Site, request: ImportRequest, run_id: str, report: ImportReport
) -> dict[str, int] | None:
    def merge(transaction: Transaction) -> None:
        rows = imports.staged(transaction.connection, run_id)
        if request.kind == "service-points":
            report.outcome = merging.merge_service_points(
                transaction, _context(request), list(rows), request.target_state
            )
            report.counts = report.outcome.counts()
        elif request.kind == "services":
            report.outcome = merge_services(transaction, _context(request), rows)
            report.counts = report.outcome.counts()
        else:
            documents = [row.document for row in rows]
            report.counts = _MERGES[request.kind](transaction, _context(request), documents)
        if request.dry_run:
            raise _DryRunEnd

    try:
        site.store.write(merge)
    except _DryRunEnd:
        return None
    return report.counts


def _context(request: ImportRequest) -> WriteContext:
    return WriteContext(
        viewer=request.viewer, client="pakmud import", reason=f"import {request.path.name}"
    )


def _put_holidays(
    transaction: Transaction, _context: WriteContext, documents: list[JsonObject]
) -> dict[str, int]:
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    known = imports.holidays(transaction.connection)
    for document in documents:
        values = {**document, "date": date.fromisoformat(document["date"])}
        before = known.get(values["date"])
        if before == values:
            counts["unchanged"] += 1
            continue
        imports.put_holiday(transaction, values)
        counts["created" if before is None else "changed"] += 1
    return counts


_MERGES: Mapping[str, Callable[[Transaction, WriteContext, list[JsonObject]], dict[str, int]]] = {
    "areas": reference_data.put_areas,
    "agencies": reference_data.put_agencies,
    "holidays": _put_holidays,
    "assignments": assignment_import.put_assignments,
}


def _mapped(
    site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    """Read and map the file; good rows are yielded, the rest goes into the report."""
    yield from _MAPPINGS[request.kind](site, request, report, progress)
    progress(report.rows, report.rows)


def _note(report: ImportReport, progress: Progress, total: int | None, mapped: Any) -> None:  # noqa: ANN401 - one of five row types
    report.rows += 1
    report.refused += mapped.refused
    report.warnings += getattr(mapped, "warnings", ())
    progress(report.rows, total)


def _map_points(
    _site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    source = with_declared_crs(
        read_rows(request.path, layer=request.layer, encoding=request.encoding), request.crs
    )
    context = service_points.make_context(
        source,
        load_register(),
        column_map=request.column_map,
        categories=frozenset(code_list("category").codes),
        allow_unpinned=request.allow_unpinned,
    )
    for mapped in service_points.map_service_points(source, context):
        _note(report, progress, source.total, mapped)
        if mapped.feature is not None:
            yield StagedRow(mapped.number, mapped.key, mapped.feature)


def _map_areas(
    _site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    source = with_declared_crs(
        read_rows(request.path, layer=request.layer, encoding=request.encoding), request.crs
    )
    for mapped in areas.map_areas(source, load_register(), source.crs or CRS84):
        _note(report, progress, source.total, mapped)
        if mapped.area is not None:
            area = mapped.area
            yield StagedRow(mapped.number, area.code, area_document(area))


def area_document(area: areas.AreaDraft) -> JsonObject:
    """Return an area as a GeoJSON Feature; its id is the DOPA code."""
    return {
        "type": "Feature",
        "id": area.code,
        "geometry": area.geometry.__geo_interface__,
        "properties": {
            "code": area.code,
            "level": area.level,
            "name_th": area.name_th,
            "name_en": area.name_en,
            "parent_code": area.parent_code,
            "postal_codes": list(area.postal_codes),
        },
    }


def _map_agencies(
    _site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    source = read_rows(request.path, layer=request.layer, encoding=request.encoding)
    known_types = frozenset(code_list("agency_type").codes)
    for mapped in agencies.map_agencies(source, known_types):
        _note(report, progress, source.total, mapped)
        if mapped.agency is not None:
            agency = mapped.agency
            yield StagedRow(mapped.number, agency.code, agency_document(agency))


def agency_document(agency: agencies.AgencyDraft) -> JsonObject:
    """Return an agency as a GeoJSON Feature; its id follows from its code."""
    parent = agency.parent_code
    return {
        "type": "Feature",
        "id": reference_data.agency_id_of_code(agency.code),
        "geometry": None,
        "properties": {
            "code": agency.code,
            "name_th": agency.name_th,
            "name_en": agency.name_en,
            "agency_type": agency.type,
            "parent_id": reference_data.agency_id_of_code(parent) if parent else None,
        },
    }


def _map_holidays(
    _site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    for mapped in holidays.map_holidays(holidays.read_holidays(request.path)):
        _note(report, progress, None, mapped)
        if mapped.holiday is not None:
            day = mapped.holiday
            document = {
                "date": day.date.isoformat(),
                "name_th": day.name_th,
                "name_en": day.name_en or "",
                "kind": day.kind,
            }
            yield StagedRow(mapped.number, document["date"], document)


def _map_services(
    site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    path = request.path
    mapping = default_mapping(path) if request.mapping is None else load_mapping(request.mapping)

    def agency_ids(connection: Connection) -> dict[str, str]:
        named = features.ids_by_column(connection, "agency", "name_th", PUBLISHED)
        return named | features.ids_by_column(connection, "agency", "code", PUBLISHED)

    raw = read_guide(path, mapping, request.encoding)
    today = site.clock().astimezone(BANGKOK).date()
    context = GuideContext(mapping, site.store.read(agency_ids), today)
    for mapped in map_services(raw, context):
        _note(report, progress, len(raw), mapped)
        if mapped.feature is not None:
            yield StagedRow(mapped.number, mapped.key, mapped.feature)


def _map_assignments(
    site: Site, request: ImportRequest, report: ImportReport, progress: Progress
) -> Iterator[StagedRow]:
    found = assignments.map_assignments(
        site, request.viewer, request.path, request.layer, request.encoding
    )
    for mapped in found:
        _note(report, progress, None, mapped)
        if mapped.properties is not None:
            yield StagedRow(mapped.number, mapped.key, mapped.properties)


type _Mapping = Callable[[Site, ImportRequest, ImportReport, Progress], Iterator[StagedRow]]
_MAPPINGS: Mapping[str, _Mapping] = {
    "service-points": _map_points,
    "areas": _map_areas,
    "agencies": _map_agencies,
    "holidays": _map_holidays,
    "services": _map_services,
    "assignments": _map_assignments,
}
