# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs in both stores: claims, fencing, fairness, take-over, limits, lists, life time, copies."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from geoapi.errors import DataUnavailableError, NotFoundError, TooManyRequestsError
from geoapi.jobs import folders, submission
from geoapi.jobs.nursery import Nursery
from geoapi.jobs.submission import NewJob
from geoapi.jobs.worker import MAX_FAILURES, Worker
from geoapi.process_registry import load_processes
from geoapi.rights import PUBLIC, Viewer
from geoapi.site import Site
from geoapi.store import Store, job_work, open_store
from geoapi.store.copy import copy_store
from geoapi.store.job_tables import job, job_worker
from geoapi.store.job_work import Claim, Outcome
from geoapi.store.jobs import JobFilter, JobRow
from geoapi.store.read_only import open_read_only
from geoapi.store.schema import migrate

PROCESSES = load_processes(["tests.sample_processes"])
ANNA, BORIS = Viewer("anna"), Viewer("boris")
DONE = Outcome("successful", {"id": "jobs.done"}, {"text": {"value": "x"}}, timedelta(hours=1))


def ask(site: Site, viewer: Viewer = ANNA, process: str = "echo", **inputs) -> JobRow:
    key = submission.owner_key(site, viewer, "192.0.2.7")
    new = NewJob(PROCESSES[process], inputs or {"text": "x", "times": 1}, key)
    return submission.submit(site, viewer, new)


def claim(site: Site, worker_id: str = "w1") -> JobRow | None:
    return site.store.write(lambda t: job_work.claim_next(t, worker_id))


def new_worker(site: Site) -> Worker:
    return Worker(site, PROCESSES, Nursery(site.settings))


def held(row: JobRow) -> Claim:
    return Claim(row.id, row.attempt, row.worker_id)


def look(site: Site, row: JobRow, viewer: Viewer = ANNA) -> JobRow:
    return submission.get_job(site, viewer, row.id)


def test_a_claimed_job_is_claimed_once(site: Site):
    asked = ask(site)
    first = claim(site)
    assert first is not None
    assert (first.id, first.state, first.attempt, first.worker_id) == (asked.id, "running", 1, "w1")
    assert claim(site, "w2") is None


def test_many_workers_at_once_never_claim_the_same_job(site: Site):
    asked = {ask(site, Viewer(f"user{n}")).id for n in range(12)}
    claimed: list[str] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        while (row := claim(site, f"w{number}")) is not None:
            with lock:
                claimed.append(row.id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    while (row := claim(site)) is not None:  # SKIP LOCKED may pass by what was just being taken
        claimed.append(row.id)
    assert sorted(claimed) == sorted(asked)


def test_who_lost_a_claim_writes_nothing_any_more(site: Site):
    ask(site)
    old = claim(site, "old")
    assert old is not None
    assert site.store.write(lambda t: job_work.give_back(t, held(old), is_failure=True))
    new = claim(site, "new")
    assert new is not None
    assert (new.id, new.attempt, new.failures) == (old.id, 2, 1)
    assert not site.store.write(lambda t: job_work.finish(t, held(old), DONE))
    assert not site.store.write(lambda t: job_work.note_progress(t, held(old), 50, {}))
    assert not site.store.write(lambda t: job_work.give_back(t, held(old), is_failure=True))
    # the same worker with the number of an earlier attempt is as late
    stale = replace(held(new), attempt=1)
    assert not site.store.write(lambda t: job_work.finish(t, stale, DONE))
    assert look(site, new).state == "running"
    assert site.store.write(lambda t: job_work.finish(t, held(new), DONE))
    assert not site.store.write(lambda t: job_work.finish(t, held(new), DONE))


def test_whoever_was_served_longest_ago_comes_first(site: Site):
    first = [ask(site, ANNA).id for _ in range(4)]
    second = [ask(site, BORIS).id for _ in range(2)]
    order = []
    for _ in range(6):
        row = claim(site)
        assert row is not None
        order.append(row.id)
        time.sleep(0.002)  # both stores keep milliseconds
        site.store.write(lambda t, row=row: job_work.finish(t, held(row), DONE))
    assert order == [first[0], second[0], first[1], second[1], first[2], first[3]]


def test_who_has_fewer_running_comes_first(site: Site):
    for viewer in (ANNA, ANNA, ANNA, BORIS):
        ask(site, viewer)
    owners = [claim(site).user_id for _ in range(4)]
    assert owners == ["anna", "boris", "anna", "anna"]


def test_jobs_of_the_dead_are_queued_again_and_given_up_in_the_end(site: Site):
    asked = ask(site)
    for attempt in range(1, MAX_FAILURES + 1):
        row = claim(site, f"dead{attempt}")
        assert row is not None
        assert row.attempt == attempt
        new_worker(site).take_over()
    found = look(site, asked)
    assert found.state == "failed"
    assert found.message["id"] == "jobs.gave_up"
    assert found.expires_at is not None
    assert claim(site) is None


def test_jobs_of_the_living_are_left_alone(site: Site):
    ask(site)
    row = claim(site, "living")
    site.store.write(lambda t: job_work.beat(t, "living", 1))
    new_worker(site).take_over()
    # a GeoPackage has one worker: whoever else claimed something is dead
    is_one = site.store.backend == "geopackage"
    assert look(site, row).worker_id == ("" if is_one else "living")
    gone = site.clock() - timedelta(minutes=1)
    site.store.write(lambda t: t.connection.execute(update(job_worker).values(seen_at=gone)))
    new_worker(site).take_over()
    assert look(site, row).state == "accepted"


def test_a_claim_cut_off_before_the_work_began_is_given_back(site: Site):
    ask(site)
    worker = new_worker(site)
    row = claim(site, worker.id)
    worker.take_over()
    assert look(site, row).state == "accepted"


def test_the_queue_of_one_is_limited_and_does_not_stop_others(site: Site):
    site = replace(site, settings=replace(site.settings, jobs_per_user=2, jobs_waiting=4))
    ask(site)
    ask(site)
    with pytest.raises(TooManyRequestsError) as caught:
        ask(site)
    assert caught.value.message_id == "jobs.own_queue_full"
    assert caught.value.params["retry_after_s"] > 0
    ask(site, BORIS)
    ask(site, PUBLIC)
    with pytest.raises(TooManyRequestsError) as caught:
        ask(site, BORIS)
    assert caught.value.message_id == "jobs.queue_full"


def test_the_queue_of_one_stays_limited_when_many_ask_at_once(site: Site):
    site = replace(site, settings=replace(site.settings, jobs_per_user=3))
    refused: list[str] = []

    def work() -> None:
        try:
            ask(site)
        except TooManyRequestsError as error:
            refused.append(error.message_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 5
    assert len(submission.list_jobs(site, JobFilter("anna"))) == 3


def test_a_job_is_found_by_its_owner_alone(site: Site):
    own, public = ask(site, ANNA), ask(site, PUBLIC)
    assert look(site, own).id == own.id
    for stranger in (BORIS, PUBLIC):
        with pytest.raises(NotFoundError):
            look(site, own, stranger)
        with pytest.raises(NotFoundError):
            submission.dismiss(site, stranger, own.id)
    assert look(site, public, BORIS).id == public.id
    assert "192.0.2.7" not in public.owner_key
    assert submission.list_jobs(site, JobFilter("")) == []
    for wrong in ("", "x", "../../etc/passwd", str(uuid.uuid4()), own.id.upper() + "\0"):
        with pytest.raises(NotFoundError):
            submission.get_job(site, ANNA, wrong)


def test_lists_page_and_filter(site: Site):
    ids = []
    for _ in range(5):
        ids.append(ask(site).id)
        time.sleep(0.002)
    ask(site, BORIS)
    row = claim(site)
    site.store.write(lambda t: job_work.finish(t, held(row), DONE))
    seen, after = [], None
    while rows := submission.list_jobs(site, JobFilter("anna", after=after, limit=2)):
        seen += [one.id for one in rows]
        after = (rows[-1].created_at, rows[-1].id)
    assert seen == ids[::-1]

    def found(**wanted) -> list[str]:
        return [one.id for one in submission.list_jobs(site, JobFilter("anna", **wanted))]

    assert found(states=("successful",)) == ids[:1]
    assert found(process_ids=("square",)) == []
    assert found(until=look(site, row).created_at) == ids[:1]
    assert found(most_s=5) == ids[:1]
    assert found(least_s=5) == []


def test_dismissing_ends_what_runs_and_deletes_what_is_finished(site: Site):
    ask(site)
    row = claim(site)
    assert submission.dismiss(site, ANNA, row.id).state == "dismissed"
    assert not site.store.write(lambda t: job_work.finish(t, held(row), DONE))
    assert look(site, row).state == "dismissed"
    folder = folders.attempt_folder(site.settings.data_dir, row.id, row.attempt)
    folders.make_empty(folder)
    assert submission.dismiss(site, ANNA, row.id).state == "dismissed"
    assert not folder.parent.exists()
    with pytest.raises(NotFoundError):
        look(site, row)


def test_what_is_over_is_swept_and_nothing_else(site: Site):
    old, new = ask(site), ask(site, BORIS)
    for row in (claim(site), claim(site)):
        folders.make_empty(folders.attempt_folder(site.settings.data_dir, row.id, 0))
        folders.make_empty(folders.attempt_folder(site.settings.data_dir, row.id, row.attempt))
        site.store.write(lambda t, row=row: job_work.finish(t, held(row), DONE))
    past = site.clock() - timedelta(seconds=1)
    site.store.write(
        lambda t: t.connection.execute(
            update(job).where(job.c.id == old.id).values(expires_at=past)
        )
    )
    nobodys = folders.attempt_folder(site.settings.data_dir, str(uuid.uuid4()), 1)
    folders.make_empty(nobodys)
    new_worker(site).sweep()
    kept = site.settings.data_dir / "jobs"
    assert [path.name for path in kept.iterdir()] == [new.id]
    assert [path.name for path in (kept / new.id).iterdir()] == ["1"]
    assert kept.stat().st_mode & 0o077 == 0
    with pytest.raises(NotFoundError):
        look(site, old)


def test_a_copied_store_does_the_unfinished_jobs_again(
    site: Site, store_address: Callable[[str], str], tmp_path: Path
):
    waiting, running = ask(site), None
    running = claim(site)
    ask(site, BORIS)
    assert running.id == waiting.id
    with closing(open_store(store_address("geopackage"))) as other:
        migrate(other)
        copy_store(site.store, other, lambda _table, _rows: None)
        copied = replace(site, store=other)
        new_worker(copied).take_over()
        states = {look(copied, running).state, claim(copied).state}
        assert states == {"accepted", "running"}


def test_the_store_of_a_child_does_not_write(store: Store):
    with closing(open_read_only(_address(store), timeout_s=5)) as reading:
        assert reading.read(job_work.figures).states["accepted"] == 0
        with pytest.raises(DataUnavailableError):
            reading.write(bool)


def _address(store: Store) -> str:
    if store.backend == "geopackage":
        return store.location
    url = store.writing.url
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
