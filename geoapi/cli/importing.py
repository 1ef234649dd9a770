# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud import``: areas, agencies, service points, holidays and assignments from files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from geoapi.errors import UsageError
from geoapi.importing.keyed_lists import KEYS, list_changes
from geoapi.importing.report import write_report
from geoapi.importing.run import ImportReport, ImportRequest, Kind, Progress, run_import
from geoapi.importing.service_merging import ServiceOutcome
from geoapi.messages import Language, message
from geoapi.site import Site
from geoapi.store.schema import require_current_schema

_PROGRESS_INTERVAL_S = 0.5
_SHOWN_CHANGES = 20


@click.group("import")
def import_() -> None:
    """Import data from files; a dry run shows what would change."""


def _common[F: Callable[..., Any]](command: F) -> F:
    """Add the options that all kinds have."""
    path = click.Path(exists=False, dir_okay=False, path_type=Path)
    for option in (
        click.option("--report", type=path, help="CSV of refused rows and warnings."),
        click.option("--dry-run", is_flag=True, help="Show what would change, change nothing."),
        click.option("--encoding", help="Of the text; found by content when not given."),
        click.option("--layer", help="Layer of a GeoPackage, or sheet of a workbook."),
        click.argument("path", type=path),
    ):
        command = option(command)
    return command


@import_.command("areas")
@_common
@click.option("--crs", help="EPSG code of the coordinates when the file does not say.")
@click.pass_context
def import_areas(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import provinces, districts and subdistricts with their polygons."""
    _run(context, "areas", options)


@import_.command("agencies")
@_common
@click.pass_context
def import_agencies(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import the tree of agencies."""
    _run(context, "agencies", options)


@import_.command("holidays")
@_common
@click.pass_context
def import_holidays(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import the days on which offices are closed."""
    _run(context, "holidays", options)


@import_.command("assignments")
@_common
@click.pass_context
def import_assignments(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import which places have to be put on the map, by whom and until when."""
    _run(context, "assignments", options)


@import_.command("service-points")
@_common
@click.option("--crs", help="EPSG code of the coordinates when the file does not say.")
@click.option("--map", "column_map", multiple=True, help="column=property, for other headers.")
@click.option("--allow-unpinned", is_flag=True, help="Keep rows without coordinates, unplaced.")
@click.option(
    "--as",
    "target_state",
    type=click.Choice(["draft", "submitted", "verified"]),
    default="submitted",
    help="State of new points; verified is public at once.",
)
@click.pass_context
def import_service_points(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import service points; CITIZENinfo's published header is read as it is."""
    pairs = options.pop("column_map")
    if any("=" not in pair for pair in pairs):
        raise UsageError("import.map_option")
    options["column_map"] = dict(pair.split("=", 1) for pair in pairs) or None
    _run(context, "service-points", options)


@import_.command("services")
@_common
@click.option(
    "--mapping",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON file that says which member or column of the guide holds what.",
)
@click.pass_context
def import_services(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401
    """Import services of a citizen guide, JSON or CSV; corrections made here stay."""
    if options.pop("layer") is not None:
        raise UsageError("services.import.no_layers")
    _run(context, "services", options)


def _run(context: click.Context, kind: Kind, options: dict[str, Any]) -> None:
    site = context.find_object(Site)
    if site is None:
        raise UsageError("store.closed")
    require_current_schema(site.store)
    report_path: Path | None = options.pop("report")
    request = ImportRequest(kind=kind, **options)
    report = run_import(site, request, _progress())
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    _show(report, request, language)
    if report.refused or report.warnings or report.outcome.conflicts:
        path = report_path or request.path.with_name(f"{request.path.stem}.import-report.csv")
        write_report(report, path)
        click.echo(message("import.report_written", language, {"path": str(path)}))


def _progress() -> Progress:
    """Return a function that shows the count now and then, on a terminal only."""
    shown_at = 0.0

    def show(done: int, total: int | None) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if sys.stderr.isatty() and now - shown_at > _PROGRESS_INTERVAL_S:
            shown_at = now
            click.echo(f"\r{done:,}" + (f" / {total:,}" if total else ""), err=True, nl=False)

    return show


def _show(report: ImportReport, request: ImportRequest, language: Language) -> None:
    refused = len({problem.row for problem in report.refused})
    counts = {"rows": report.rows, "refused": refused, "warnings": len(report.warnings)}
    counts |= {"conflicts": 0} | report.counts
    if isinstance(report.outcome, ServiceOutcome):
        click.echo(message("services.import.done", language, report.outcome.counts()))
    title = "import.done_dry" if request.dry_run else "import.done"
    click.echo(message(title, language, counts))
    if not request.dry_run:
        return
    for number, name in report.outcome.created[:_SHOWN_CHANGES]:
        click.echo(f"  + {number}: {name}")
    for number, item_id, members in report.outcome.changed[:_SHOWN_CHANGES]:
        for name, (before, after) in members.items():
            for line in _lines(name, before, after):
                click.echo(f"  ~ {number}: {item_id} {line}")
    if isinstance(report.outcome, ServiceOutcome):
        for _, name in report.outcome.gone[:_SHOWN_CHANGES]:
            click.echo(f"  ? {message('services.import.gone', language, {'name': name})}")


def _lines(name: str, before: Any, after: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Say what differs in a member, entry by entry where it is a list of named entries."""
    if name in KEYS:
        return [f"{name} {line}" for line in list_changes(name, before or [], after or [])]
    return [f"{name}: {before} -> {after}"]
