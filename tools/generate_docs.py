# SPDX-License-Identifier: GPL-2.0-or-later
"""Write docs/settings.md and config/pakmud.example.toml from the settings' own manual.

``python tools/generate_docs.py`` writes; ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from geoapi.settings import Settings  # noqa: E402 - the checkout goes on the path first

_WIDTH = 96


def default_text(setting: Field[Any]) -> str:
    """Return a default as TOML."""
    value = setting.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{part}"' for part in value) + "]"
    return f'"{value}"'


def wrapped(text: str) -> list[str]:
    """Break a text into comment lines."""
    lines, line = [], "#"
    for word in text.split():
        if len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def example_file() -> str:
    """Return the example of a settings file: every setting, switched off, with its default."""
    parts = [
        "# Settings of Pakmud. Copy this file, take the # from what you change, and name the copy:",
        "#   PAKMUD_CONFIG=/etc/pakmud/pakmud.toml",
        "# A variable PAKMUD_<NAME> of the environment counts first: keep passwords there.",
        "",
    ]
    for setting in fields(Settings):
        text = wrapped(setting.metadata["help"])
        parts += [*text, f"# {setting.name} = {default_text(setting)}", ""]
    return "\n".join(parts)


def settings_page() -> str:
    """Return the page of all settings."""
    parts = [
        "# Settings",
        "",
        "Made by `python tools/generate_docs.py` from `geoapi/settings.py`.",
        "",
        "A setting is looked for in the environment (`PAKMUD_` and its name in capitals), then in "
        "the TOML file that `PAKMUD_CONFIG` names, then its default counts. Unknown names are "
        "refused at the start. `pakmud doctor` looks at what the settings lead to.",
        "",
        "| setting | variable | default | what it does |",
        "|---|---|---|---|",
    ]
    for setting in fields(Settings):
        name = setting.name
        help_text = setting.metadata["help"].replace("|", "\\|")
        default = f"`{default_text(setting)}`"
        parts.append(f"| `{name}` | `PAKMUD_{name.upper()}` | {default} | {help_text} |")
    return "\n".join([*parts, ""])


PAGES = {"docs/settings.md": settings_page, "config/pakmud.example.toml": example_file}


def main() -> int:
    """Write the pages, or with ``--check`` name those that are out of date."""
    stale = 0
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            stale += 1
            print(f"{name} is out of date: python tools/generate_docs.py")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
