# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud demo``: a whole site with synthetic data of Chiang Rai, on loopback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from geoapi.demo import load as demo_data
from geoapi.messages import message
from geoapi.operation.serving import serve
from geoapi.settings import Settings
from geoapi.site import open_site
from geoapi.store.schema import migrate, require_current_schema, schema_state

DEMO_FOLDER = Path("var/demo")


@click.command("demo")
@click.option("--port", type=int, default=None, help="Port on loopback; 8018 when not given.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEMO_FOLDER,
    help="Where the demonstration lives.",
)
@click.option("--store", default=None, help="A PostgreSQL address instead of the GeoPackage.")
@click.option("--prepare", is_flag=True, help="Make the data and stop.")
def demo(port: int | None, folder: Path, store: str | None, *, prepare: bool) -> None:
    """Show Pakmud with synthetic data; everything stays on this machine."""
    settings = demo_settings(folder, port, store)
    prepare_demo(settings)
    if not prepare:
        click.echo(message("demo.ready", "th", {"url": settings.base_url}))
        click.echo(message("demo.ready", "en", {"url": settings.base_url}))
        serve(settings)


def demo_settings(folder: Path, port: int | None = None, store: str | None = None) -> Settings:
    """Return the settings of a demonstration in a folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = Settings(
        store=store or str(folder / "pakmud.gpkg"), data_dir=folder, demo=True,
        log_level="WARNING", serve_jobs=True,
    )  # fmt: skip
    return settings if port is None else replace(settings, port=port)


def prepare_demo(settings: Settings) -> None:
    """Create store and data where they are not there yet."""
    site = open_site(settings)
    try:
        if schema_state(site.store)[0] == "empty":
            migrate(site.store)
        require_current_schema(site.store)
        if not demo_data.is_loaded(site):
            click.echo(message("demo.loading", "th"))
            demo_data.load(site)
    finally:
        site.store.close()
