# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud assign`` as whoever runs a site types it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoapi.cli import main
from geoapi.store import open_store
from geoapi.store.schema import migrate
from tests.contract.point_samples import create, published, site_of


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A site with two points in the making and a finished one, named by the environment."""
    path = tmp_path / "site.gpkg"
    with closing(open_store(path)) as store:
        migrate(store)
        site = site_of(store, tmp_path)
        for name in ("ที่ทำการหนึ่ง", "ที่ทำการสอง"):
            create(site, name_th=name)
        published(site, name_th="ที่ทำการสาม")
    return {"PAKMUD_STORE": str(path), "PAKMUD_DATA_DIR": str(tmp_path / "keys"), "LANG": "en"}


def assign(environ: dict[str, str], *given: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", "assign", *given], env=environ)


def test_assigns_what_is_unfinished_once(environ: dict[str, str]):
    first = assign(environ, "--area", "57", "--due", "31 ธันวาคม 2569")
    assert (first.exit_code, "2" in first.output) == (0, True), first.output
    again = assign(environ, "--area", "57")
    assert (again.exit_code, "0" in again.output) == (0, True), again.output


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--area", "57", "--due", "32/13/2569"),
        ("--area", "57", "--officer", "nobody"),
        ("--area", "57", "--agency", "NOPE"),
    ],
)
def test_what_can_not_be_is_refused_with_one_clear_sentence(
    environ: dict[str, str], given: tuple[str, ...]
):
    answer = assign(environ, *given)
    assert answer.exit_code == 2
    assert answer.output.startswith("pakmud: ")
    assert "shutting down" not in answer.output
    assert "{" not in answer.output
