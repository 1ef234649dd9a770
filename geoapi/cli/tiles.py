# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud tiles``: rank the points on the map anew."""

from __future__ import annotations

import click

from geoapi.messages import Language, message
from geoapi.site import Site
from geoapi.store import tile_marks, tile_ranks
from geoapi.store.database import Transaction


@click.group()
def tiles() -> None:
    """Vector tiles (ไทล์เวกเตอร์)."""


@tiles.command()
@click.pass_context
def rebuild(context: click.Context, /) -> None:
    """Rank all published points anew and let go of all finished tiles.

    Never needed in the ordinary run; for a database that was restored or changed by other programs.
    """
    site: Site = context.obj

    def write(transaction: Transaction) -> int:
        done = tile_ranks.rebuild(transaction.connection)
        tile_marks.renew(transaction.connection)
        return sum(done.values())

    points = site.store.write(write)
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    click.echo(message("tiles.ranked", language, {"points": points}))
