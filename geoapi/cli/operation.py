# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that keep a site running: init, serve, migrate, doctor, backup, restore, store, keys."""

from __future__ import annotations

import os
import time
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from geoapi import keys as secret_keys
from geoapi import legal_instruments
from geoapi.cli.user import create_first_admin
from geoapi.errors import ConflictError, UsageError
from geoapi.messages import Language, message
from geoapi.operation import backup as backups
from geoapi.operation import doctor as examination
from geoapi.operation.serving import serve as serve_site
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.settings import Settings, load_settings
from geoapi.site import open_site
from geoapi.store import Store, open_store
from geoapi.store.copy import copy_store
from geoapi.store.diagnosis import require_ours_or_empty
from geoapi.store.schema import migrate as migrate_schema
from geoapi.store.schema import schema_state
from geoapi.web.assets import vendor_folder

_INIT = WriteContext(viewer=SYSTEM, client="pakmud init", reason="legal_instruments.json")
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}


def _settings(context: click.Context, **overrides: Any) -> Settings:  # noqa: ANN401
    given = {k: v for k, v in overrides.items() if v is not None}
    return load_settings(os.environ, **(context.find_root().meta["overrides"] | given))


def _say(context: click.Context, message_id: str, **params: Any) -> None:  # noqa: ANN401
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    click.echo(message(message_id, language, params))


def open_existing(address: str) -> Store:
    """Open a store that must be there already: a mistyped path must not become a new file.

    Raises:
        UsageError: there is no such file.
    """
    if "://" not in address and not Path(address).exists():
        raise UsageError("store.schema_empty", location=address)
    return open_store(address)


@click.command()
@click.option("--admin", default="admin", show_default=True, help="Username of the first admin.")
@click.option("--name", default="ผู้ดูแลระบบ", show_default=True, help="Display name.")
@click.pass_context
def init(context: click.Context, /, admin: str, name: str) -> None:
    """Make a new site: folder, keys, store, first administrator (สร้างระบบใหม่)."""
    settings = _settings(context)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with backups.sole_user(settings), closing(open_store(settings.store)) as store:
        require_ours_or_empty(store)
        if schema_state(store)[0] != "empty":
            raise ConflictError("operation.already_made", location=store.location)
        migrate_schema(store)
    site = open_site(settings)
    with closing(site.store):
        path = create_first_admin(site, admin, name)
        site.store.write(lambda t: legal_instruments.load_seed(t, _INIT))
    _say(context, "operation.made", location=site.store.location, data_dir=settings.data_dir)
    _say(context, "operation.first_admin", username=admin, link=settings.base_url + path)


@click.command()
@click.option("--host", help="Instead of the setting host.")
@click.option("--port", type=int, help="Instead of the setting port.")
@click.option("--workers", type=int, help="Instead of the setting workers.")
@click.pass_context
def serve(context: click.Context, /, **overrides: Any) -> None:  # noqa: ANN401
    """Serve the site until it is told to stop (ให้บริการ)."""
    settings = _settings(context, **overrides)
    serve_site(settings, lambda: _say(context, "operation.serving", url=settings.base_url))


@click.command()
@click.pass_context
def migrate(context: click.Context, /) -> None:
    """Back up the store, then bring its schema up to date (ปรับปรุงโครงสร้างข้อมูล)."""
    settings = _settings(context)
    with backups.sole_user(settings), closing(open_existing(settings.store)) as store:
        before, after, saved = backups.migrate_with_backup(store, settings)
    if saved is not None:
        _say(context, "operation.saved_before", path=saved)
    done = "operation.migrated" if before != after else "operation.nothing_to_migrate"
    _say(context, done, before=before or "-", after=after)


def _columns(text: str) -> int:
    """Return how many columns a terminal needs: Thai vowels and tone marks above take none."""
    return sum(unicodedata.category(letter) != "Mn" for letter in text)


@click.command()
@click.pass_context
def doctor(context: click.Context, /) -> None:
    """Look over the site and its machine (ตรวจสุขภาพระบบ)."""
    settings = _settings(context)
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    manifest = vendor_folder() / "manifest.json"
    findings = [*examination.examine(settings), examination.check_assets(manifest)]
    labels = [message(f"operation.doctor.{f.check}", language) for f in findings]
    width = max(_columns(label) for label in labels)
    for finding, label in zip(findings, labels, strict=True):
        mark, colour = _MARKS[finding.level]
        click.secho(f"{mark} ", fg=colour, nl=False)
        click.echo(f"{label}{' ' * (width - _columns(label))}  {finding.fact}")
        if finding.remedy:
            click.echo(f"    {message(finding.remedy, language, finding.params)}")
    context.exit(1 if any(f.level == "error" for f in findings) else 0)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--keep", type=int, default=0, help="Delete the oldest so that so many stay; 0: all.")
@click.option(
    "--verify", "archive", type=click.Path(dir_okay=False, path_type=Path),
    help="Check a backup instead of making one.",
)  # fmt: skip
@click.pass_context
def backup(context: click.Context, /, folder: Path | None, keep: int, archive: Path | None) -> None:
    """Write the whole site into one file of FOLDER, while it serves (สำรองข้อมูล)."""
    if archive is not None:
        manifest = backups.verify(archive)
        _say(
            context, "operation.verified", path=archive, rows=manifest.rows,
            at=manifest.created_at, schema=manifest.schema,
        )  # fmt: skip
        return
    settings = _settings(context)
    target = folder or settings.data_dir / backups.BACKUPS_FOLDER
    started = time.monotonic()
    with closing(open_existing(settings.store)) as store:
        path = backups.backup(store, settings, target)
    manifest = backups.verify(path)
    seconds = f"{time.monotonic() - started:.1f}"
    _say(context, "operation.backed_up", path=path, rows=manifest.rows, seconds=seconds)
    for old in backups.prune(target, keep):
        _say(context, "operation.pruned", path=old)


@click.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Delete what is there, after a backup of it.")
@click.pass_context
def restore(context: click.Context, /, archive: Path, replace: bool) -> None:
    """Restore the backup ARCHIVE into the store of the settings (กู้คืนข้อมูล)."""
    settings = _settings(context)
    manifest = backups.restore(archive, settings, replace=replace)
    _say(context, "operation.restored", rows=manifest.rows, at=manifest.created_at)


@click.group()
def store() -> None:
    """Work on stores as a whole (ฐานข้อมูล)."""


@store.command("copy")
@click.argument("source")
@click.argument("target")
@click.pass_context
def store_copy(context: click.Context, /, source: str, target: str) -> None:
    """Copy the store SOURCE into the empty TARGET, of either kind, and compare both."""
    with closing(open_existing(source)) as origin, closing(open_store(target)) as copy:
        require_ours_or_empty(copy)
        if schema_state(copy)[0] == "empty":
            migrate_schema(copy)
        done = copy_store(origin, copy, lambda table, rows: click.echo(f"  {table:<20}{rows:>12,}"))
    _say(context, "operation.copied", rows=sum(rows for rows, _ in done.values()))


@click.group()
def keys() -> None:
    """Work on the site's secret keys (กุญแจลับ)."""


@keys.command()
@click.pass_context
def rotate(context: click.Context, /) -> None:
    """Make a new key; the previous one still checks what it signed."""
    made = secret_keys.rotate(_settings(context).data_dir)
    _say(context, "operation.keys_rotated", key_id=made.keys[0].id)


COMMANDS: tuple[click.Command, ...] = (
    init, serve, migrate, doctor, backup, restore, store, keys,
)  # fmt: skip
