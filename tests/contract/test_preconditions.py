# SPDX-License-Identifier: GPL-2.0-or-later
"""If-Match and If-Unmodified-Since: a slower writer never overwrites a faster one."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoapi import service_points
from geoapi.errors import (
    ConflictError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ServicePointError,
)
from geoapi.revisions import Item, WriteContext
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.copy import checksum
from tests.contract.point_samples import (
    COLLEAGUE,
    OFFICER,
    Clock,
    by,
    change,
    create,
    emptied,
    point,
    published,
    site_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock(step_ms=0)


@pytest.fixture
def site(kept: Store, tmp_path: Path, clock: Clock) -> Site:
    return site_of(emptied(kept), tmp_path, clock)


def patch(site: Site, item: Item, name: str = "ชื่อใหม่", **conditions: object) -> Item:
    context = by(OFFICER, **{"if_match": None, **conditions})
    return service_points.update(site, context, item.id, {"properties": {"name_th": name}})


def second(instant: datetime) -> datetime:
    """Return what Last-Modified says of an instant."""
    return instant.replace(microsecond=0)


def test_every_kind_of_write_asks_for_a_condition(site: Site):
    item = create(site)
    context = WriteContext(OFFICER)
    before = checksum(site.store)
    for write in (
        lambda: service_points.update(site, context, item.id, {}),
        lambda: service_points.replace(site, context, item.id, point()),
        lambda: service_points.take_action(site, context, item.id, "submit"),
        lambda: service_points.delete(site, context, item.id),
    ):
        with pytest.raises(PreconditionRequiredError):
            write()
    assert checksum(site.store) == before


def test_one_of_several_tags_or_the_star_is_enough(site: Site):
    item = create(site)
    item = patch(site, item, if_match=("other", item.etag))
    item = patch(site, item, if_match=("*",))
    with pytest.raises(PreconditionFailedError):
        patch(site, item, if_match=("other", item.etag[:-1], f"W/{item.etag}", item.etag.upper()))


def test_a_list_of_weak_tags_alone_never_matches(site: Site):
    item = create(site)
    with pytest.raises(PreconditionFailedError):
        patch(site, item, if_match=())


def test_a_failure_carries_what_is_there_now(site: Site):
    item = create(site)
    newer = change(site, item, COLLEAGUE, name_th="เร็วกว่า")
    with pytest.raises(PreconditionFailedError) as caught:
        patch(site, item, if_match=(item.etag,))
    assert caught.value.extra == {"current": newer.feature, "etag": f'"{newer.etag}"'}
    assert caught.value.params["revision"] == 2


def test_the_tag_of_the_published_revision_is_none_of_the_working_one(site: Site):
    item = published(site)
    shown = service_points.get(site, site_public(), item.id)
    assert shown.etag != item.etag
    with pytest.raises(PreconditionFailedError):
        patch(site, item, if_match=(shown.etag,))


def site_public() -> object:
    from geoapi.rights import PUBLIC

    return PUBLIC


def test_if_match_decides_alone_when_a_date_comes_with_it(site: Site):
    item = create(site)
    long_ago = item.updated_at - timedelta(days=1)
    patch(site, item, if_match=(item.etag,), if_unmodified_since=long_ago)


def test_a_date_before_the_revision_fails_and_one_at_or_after_it_holds(site: Site, clock: Clock):
    item = create(site)
    with pytest.raises(PreconditionFailedError):
        patch(site, item, if_unmodified_since=second(item.updated_at) - timedelta(seconds=1))
    clock.now += timedelta(seconds=5)
    item = patch(site, item, if_unmodified_since=second(item.updated_at))
    clock.now += timedelta(seconds=5)
    patch(site, item, if_unmodified_since=item.updated_at + timedelta(days=1))


def test_a_date_can_not_tell_two_revisions_of_one_second_apart(site: Site, clock: Clock):
    clock.now += timedelta(milliseconds=100)
    first = create(site)
    clock.now += timedelta(milliseconds=700)
    change(site, first, COLLEAGUE, name_th="ในวินาทีเดียวกัน")
    said = second(first.updated_at)  # the same for both revisions
    with pytest.raises(PreconditionFailedError):
        patch(site, first, if_unmodified_since=said)
    clock.now += timedelta(seconds=3)
    patch(site, first, if_unmodified_since=said + timedelta(seconds=1))


def test_a_date_holds_for_the_only_revision_of_its_second(site: Site, clock: Clock):
    item = create(site)
    clock.now += timedelta(milliseconds=1600)
    item = change(site, item, name_th="วินาทีถัดไป")
    patch(site, item, if_unmodified_since=second(item.updated_at))


def test_of_many_writers_with_one_tag_exactly_one_gets_through(site: Site):
    item = create(site)
    results: list[str] = []
    barrier = threading.Barrier(8)

    def attempt(number: int) -> None:
        barrier.wait()
        try:
            patch(site, item, f"ชื่อ {number}", if_match=(item.etag,))
            results.append("done")
        except PreconditionFailedError as error:
            results.append(error.extra["etag"])

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = service_points.get(site, OFFICER, item.id)
    assert now.revision == 2
    assert results.count("done") == 1
    assert results.count(f'"{now.etag}"') == 7


def test_a_deletion_and_an_edit_with_one_tag_never_both_succeed(site: Site):
    for _ in range(5):
        item = create(site)
        context = by(OFFICER, if_match=(item.etag,))
        results: list[str] = []

        def attempt(write: object, results=results) -> None:
            try:
                write()
                results.append("done")
            except ServicePointError:
                results.append("refused")

        threads = [
            threading.Thread(target=attempt, args=(write,))
            for write in (
                lambda i=item, c=context: service_points.delete(site, c, i.id),
                lambda i=item: patch(site, i, if_match=(i.etag,)),
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["done", "refused"]


def test_a_point_deleted_and_made_again_has_another_tag(site: Site):
    item = create(site, id="11111111-1111-4111-8111-111111111111")
    service_points.delete(site, by(OFFICER), item.id)
    again = create(site, id=item.id)
    assert again.etag != item.etag
    with pytest.raises(ConflictError):
        patch(site, item, if_match=(item.etag,))
