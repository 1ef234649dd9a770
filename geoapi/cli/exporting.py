# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud export``: the public items of a collection as a file to hand on."""

from __future__ import annotations

from pathlib import Path

import click

from geoapi.collections import COLLECTIONS, collection_by_id
from geoapi.errors import UsageError
from geoapi.exporting import export_collection
from geoapi.messages import Language, message
from geoapi.site import Site


@click.command("export")
@click.argument("collection", type=click.Choice(list(COLLECTIONS)))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, collection: str, path: Path) -> None:
    """Write the public items of COLLECTION to PATH (.geojson, .gpkg or .fgb)."""
    site = context.find_object(Site)
    if site is None:
        raise UsageError("store.closed")
    count = export_collection(site, collection_by_id(collection), path)
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    click.echo(message("export.done", language, {"count": count, "path": str(path)}))
