# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that let other programs read a served site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.live import LiveSite, bearer, created_id
from tests.live_samples import filled_site
from tests.photo_samples import jpeg, picture


@dataclass
class Served:
    """A served site, and the token of an officer who may edit all of it."""

    site: LiveSite
    officer_token: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site with 250 points, for reading."""
    site = filled_site(tmp_path_factory.mktemp("served"))
    token = site.add_user("officer", "officer")
    site.start()
    _add_records(site, token)
    yield Served(site, token)
    assert site.stop()
    assert "Traceback" not in site.log()


def _add_records(site: LiveSite, token: str) -> None:
    """Give one point a service, a copy and a photo, so that no collection is empty."""
    keeper, reviewer = site.add_user("keeper", "admin"), site.add_user("reviewer", "supervisor")
    service = _posted(site, keeper, "services", code="S-1", name_th="ขอมีบัตรประจำตัวประชาชน")
    point = site.get("/collections/service-points/items?limit=1").json()["features"][0]["id"]
    of_both = {"point_id": point, "service_id": service}
    _posted(site, token, "point-services", **of_both, is_offered=True)
    _posted(site, token, "copy-requirements", **of_both, document_type="id_card")
    answer = site.request(
        "POST", f"/ogc/collections/photos/items?point_id={point}&kind=sign",
        jpeg(picture()), content_type="image/jpeg", **bearer(token),
    )  # fmt: skip
    assert answer.status == 201, answer.body
    for action, who in (("submit", token), ("verify", reviewer)):
        steps = f"/ogc/collections/service-points/items/{point}/transitions"
        answer = site.request("POST", steps, {"action": action}, if_match="*", **bearer(who))
        assert answer.status == 200, answer.body


def _posted(site: LiveSite, token: str, collection: str, **properties: object) -> str:
    feature = {"type": "Feature", "geometry": None, "properties": properties}
    path = f"/ogc/collections/{collection}/items"
    answer = site.request("POST", path, feature, **bearer(token))
    assert answer.status == 201, answer.body
    return created_id(answer)
