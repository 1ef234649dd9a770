# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the code is in the documentation: tables, columns, commands of the README."""

import re
from pathlib import Path

from geoapi.store.tables import METADATA

ROOT = Path(__file__).resolve().parents[2]


def test_data_model_names_every_table_and_column():
    page = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`([a-z0-9_]+)`", page))
    missing = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if table.name not in words or column.name not in words
    }
    assert missing == set()


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_make_targets_of_the_readme_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)", readme)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
