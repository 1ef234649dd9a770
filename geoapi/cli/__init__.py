# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud``: the command line; errors end in one clear sentence in the reader's language."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from geoapi import __version__
from geoapi.cli import operation
from geoapi.cli.assigning import assign
from geoapi.cli.demo import demo
from geoapi.cli.exporting import export
from geoapi.cli.importing import import_
from geoapi.cli.user import user
from geoapi.cli.worker import worker
from geoapi.errors import DataUnavailableError, ServicePointError
from geoapi.messages import Language
from geoapi.problems import explain
from geoapi.settings import load_settings
from geoapi.site import open_site
from geoapi.store.schema import require_current_schema

_USAGE_EXIT = 2
_UNAVAILABLE_EXIT = 3
# Groups whose commands work on an open site.
_WITH_SITE = frozenset({"user", "import", "export", "assign"})


def terminal_language(environment: dict[str, str]) -> Language:
    """Choose the language of a terminal: Thai where its locale is Thai, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "th" if environment[name].lower().startswith("th") else "en"
    return "en"


class _Commands(click.Group):
    """The group of all commands; it turns our errors into sentences and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - signature of click
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ServicePointError as error:
            language: Language = "th" if ctx.params.get("lang") == "th" else "en"
            click.echo(f"pakmud: {explain(error, language)}", err=True)
            is_down = isinstance(error, DataUnavailableError)
            ctx.exit(_UNAVAILABLE_EXIT if is_down else _USAGE_EXIT)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="pakmud")
@click.option(
    "--lang",
    type=click.Choice(["th", "en"]),
    default=lambda: terminal_language(dict(os.environ)),
    help="Language of messages (ภาษาของข้อความ).",
)
@click.option("--store", help="Instead of the setting store.")
@click.option("--data-dir", help="Instead of the setting data_dir.")
@click.pass_context
def main(context: click.Context, /, lang: str, store: str | None, data_dir: str | None) -> None:
    """Pakmud (ปักหมุด): government service points, their map and their API."""
    del lang  # found by its name among the root's parameters
    context.meta["overrides"] = {"store": store, "data_dir": data_dir}
    if context.invoked_subcommand in _WITH_SITE and "--help" not in sys.argv:
        settings = load_settings(os.environ, store=store, data_dir=data_dir)
        operation.open_existing(settings.store).close()
        site = open_site(settings)
        context.call_on_close(site.store.close)
        require_current_schema(site.store)
        context.obj = site


for _command in operation.COMMANDS:
    main.add_command(_command)
main.add_command(user)
main.add_command(import_)
main.add_command(assign)
main.add_command(demo)
main.add_command(export)
main.add_command(worker)
