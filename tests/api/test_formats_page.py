# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command of docs/formats.md does what the page says."""

from __future__ import annotations

import re
import shlex

import httpx
import pytest

from geoapi.ogc.crs import SUPPORTED_URIS
from geoapi.ogc.download_files import FORMATS
from tests.api.conftest import Live, create, publish
from tests.conftest import ROOT

PAGE = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def run(client: httpx.Client, command: str) -> httpx.Response:
    """Do what curl would do."""
    name, *words = shlex.split(command)
    assert name == "curl"
    verb, headers, body, address = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            verb = words.pop(0)
        elif word == "-H":
            header, _, value = words.pop(0).partition(": ")
            headers[header] = value
        elif word == "-d":
            body = words.pop(0)
        elif word == "-o":
            words.pop(0)
        else:
            address = word.removeprefix("http://localhost:8018")
    return client.request(verb, address, headers=headers, content=body)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 9


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_commands_of_the_page_work(live: Live, client: httpx.Client, command: str) -> None:
    if "{id}" in command:
        made = create(live, client).json()["id"]
        publish(live, client, made)
        command = command.replace("{id}", made).replace("{token}", live.tokens["gis_officer_in"])
    answer = run(client, command)
    wanted = {"PATCH": 204}.get("PATCH" if "-X PATCH" in command else "", 200)
    assert answer.status_code == (302 if "timegate" in command else wanted), answer.text
    named = re.search(r"[?&]f=(\w+)", command)
    if named and named[1] in FORMATS:
        assert answer.headers["content-type"] == FORMATS[named[1]].media_type
        assert len(answer.content) > 100
    elif "bbox" in command:
        assert answer.json()["numberMatched"] > 0
    elif "crs=" in command:
        assert answer.headers["content-crs"] == f"<{SUPPORTED_URIS[3]}>"


def test_the_page_names_every_format_and_system() -> None:
    for name, kind in FORMATS.items():
        assert f"| `{name}` | `{kind.media_type.partition(';')[0]}` |" in PAGE
    for uri in SUPPORTED_URIS:
        assert f"| `{uri}`" in PAGE
