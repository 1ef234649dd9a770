# SPDX-License-Identifier: GPL-2.0-or-later
"""Generated requests of all kinds find no crash and nothing that the OpenAPI does not say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.conftest import Served
from tests.live import LiveSite
from tests.live_samples import filled_site

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance",
)  # fmt: skip
# Collections without writes are made alike: one of them stands for all where time is short.
ALIKE = ("--exclude-path-regex", "/(districts|subdistricts|agencies)/")
WRITABLE = ("--include-path-regex", "/service-points/")

# Generated requests would wait for changes that never come.
NO_WAIT = '[parameters]\n"query.wait" = 0\n'


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site of its own that generated requests may write to."""
    site = filled_site(tmp_path_factory.mktemp("writable"))
    token = site.add_user("officer", "officer")
    site.start()
    yield Served(site, token)
    assert site.stop()
    assert "Traceback" not in site.log()


def run_suite(site: LiveSite, folder: Path, *options: str, config: str = NO_WAIT) -> None:
    """Send generated requests to a site; whatever breaks the OpenAPI's promise is an error."""
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [str(program), "run", f"{site.ogc}/openapi", "--checks", ",".join(CHECKS),
         "--no-color", "--warnings", "off", *options],
        cwd=folder, capture_output=True, text=True, timeout=3500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert re.search(r"\b[1-9]\d* passed\b", done.stdout), done.stdout[-2000:]


def authorization(who: str, served: Served) -> list[str]:
    shown = f"Authorization: Bearer {served.officer_token}"
    return ["--header", shown] if who == "officer" else []


def on_one_item(item_id: str) -> str:
    """Return the settings that let writes reach an item which is there."""
    return f'{NO_WAIT}"path.itemId" = "{item_id}"\n"header.If-Match" = "*"\n'


def first_item(site: LiveSite) -> str:
    return str(site.get("/collections/service-points/items").json()["features"][0]["id"])


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("who", "phases", "paths"),
    [("anonymous", "fuzzing", ALIKE), ("officer", "coverage", WRITABLE)],
)
def test_generated_requests_get_what_the_openapi_promises(
    writable: Served, who: str, phases: str, paths: tuple[str, ...], tmp_path: Path
) -> None:
    run_suite(
        writable.site, tmp_path, "--phases", phases, "--max-examples", "3",
        "--generation-deterministic", *paths, *authorization(who, writable),
    )  # fmt: skip


@pytest.mark.timeout(400)
def test_generated_writes_of_an_item_get_what_the_openapi_promises(
    writable: Served, tmp_path: Path
) -> None:
    run_suite(
        writable.site, tmp_path, "--phases", "fuzzing", "--max-examples", "10",
        "--generation-deterministic", "--include-path-regex", "service-points/items",
        "--exclude-method", "DELETE", *authorization("officer", writable),
        config=on_one_item(first_item(writable.site)),
    )  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(4000)
@pytest.mark.parametrize("who", ["anonymous", "officer"])
def test_very_many_generated_requests_get_what_the_openapi_promises(
    writable: Served, who: str, tmp_path: Path
) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    shown = authorization(who, writable)
    run_suite(writable.site, tmp_path, "--phases", phases, "--max-examples", "200", *shown)
    run_suite(
        writable.site, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "500",
        "--include-path-regex", "service-points/items", "--exclude-method", "DELETE", *shown,
        config=on_one_item(first_item(writable.site)),
    )  # fmt: skip
