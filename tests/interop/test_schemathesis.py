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
from tests.live_samples import filled_site

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance",
)  # fmt: skip
AMOUNTS = [
    pytest.param(3, "coverage,fuzzing", id="few"),
    pytest.param(200, "examples,coverage,fuzzing,stateful", id="many", marks=pytest.mark.soak),
]


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site of its own that generated requests may write to."""
    site = filled_site(tmp_path_factory.mktemp("writable"))
    token = site.add_user("officer", "officer")
    site.start()
    yield Served(site, token)
    assert site.stop()
    assert "Traceback" not in site.log()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("examples", "phases"), AMOUNTS)
@pytest.mark.parametrize("who", ["anonymous", "officer"])
def test_generated_requests_get_what_the_openapi_promises(
    writable: Served, who: str, examples: int, phases: str, tmp_path: Path
) -> None:
    shown = ["-H", f"Authorization: Bearer {writable.officer_token}"] if who == "officer" else []
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [str(program), "run", f"{writable.site.ogc}/openapi", "--phases", phases,
         "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", "1",
         "--generation-deterministic", "--generation-database", "none", "--no-color",
         "--warnings", "off", *shown],
        cwd=tmp_path, capture_output=True, text=True, timeout=3500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert re.search(r"\b[1-9]\d* passed\b", done.stdout), done.stdout[-2000:]
