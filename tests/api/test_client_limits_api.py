# SPDX-License-Identifier: GPL-2.0-or-later
"""Limits per client over HTTP: behind a proxy that is trusted, in both languages, by user."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from geoapi.store import utc_now
from tests.api.conftest import NO_TLS, Live, assert_problem, new_site, serving

PATH = "/ogc/conformance"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running site that believes this machine to be its proxy and gives little to each client."""
    folder = tmp_path_factory.mktemp("limited")
    with (
        new_site(
            str(folder / "site.gpkg"), folder / "var", utc_now, trusted_proxies=("127.0.0.1",),
            reads_per_minute=5, writes_per_minute=2, heavy_reads_per_minute=1,
        ) as site,
        serving(site, "geopackage") as running,
    ):  # fmt: skip
        yield running


def ask(live: Live, address: str, path: str = PATH, method: str = "GET") -> httpx.Response:
    headers = {"x-forwarded-for": address, "accept": "application/json"} if address else {}
    with httpx.Client(base_url=live.url, verify=NO_TLS) as client:
        return client.request(method, path, headers=headers)


def test_client_behind_the_proxy_has_its_share_and_is_told_when_to_come_again(
    limited: Live,
) -> None:
    answers = [ask(limited, "203.0.113.1") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    problem = assert_problem(answers[-1], 429)
    assert problem["code"] == "TooManyRequests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
    assert answers[-1].headers["retry-after"] in problem["detail_th"]
    assert "x-content-type-options" in answers[-1].headers
    assert ask(limited, "203.0.113.2").status_code == 200
    assert ask(limited, "203.0.113.1", "/healthz").status_code == 200
    # what a client writes itself counts for nothing
    assert ask(limited, "198.51.100.9, 203.0.113.1").status_code == 429


def test_writes_and_downloads_have_shares_of_their_own(limited: Live) -> None:
    address = "203.0.113.3"
    items = "/ogc/collections/provinces/items"
    assert ask(limited, address, f"{items}?f=csv").status_code == 200
    assert_problem(ask(limited, address, f"{items}?f=csv"), 429)
    assert [ask(limited, address, items, "POST").status_code for _ in range(3)][2] == 429
    assert ask(limited, address).status_code == 200


def test_this_machine_is_not_limited(limited: Live) -> None:
    assert {ask(limited, "").status_code for _ in range(12)} == {200}
