# SPDX-License-Identifier: GPL-2.0-or-later
"""Where runs put their files: ``data_dir/jobs``, for the owner alone; and how they are swept."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

JOBS_FOLDER = "jobs"
_AT_ONCE = "at-once"
# A run that answers at once is over long before, or was killed.
_AT_ONCE_KEPT_S = 3600.0


def jobs_folder(data_dir: Path) -> Path:
    """Return the folder of all runs, made with mode 0700 when it is missing."""
    folder = data_dir / JOBS_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def attempt_folder(data_dir: Path, job_id: str, attempt: int) -> Path:
    """Return the folder of one attempt of a job; nothing is made."""
    return data_dir / JOBS_FOLDER / job_id / str(attempt)


def new_call_folder(data_dir: Path) -> Path:
    """Return the name of a folder for a run that answers at once; nothing is made."""
    return data_dir / JOBS_FOLDER / _AT_ONCE / uuid.uuid4().hex


def make_empty(folder: Path) -> None:
    """Make a folder of mode 0700, without what an earlier run of the same name left."""
    shutil.rmtree(folder, ignore_errors=True)
    # mode= counts for the last folder alone
    for each in (folder.parent.parent, folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring all files of a folder to the disk for good."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove(folder: Path) -> None:
    """Delete a folder; what can't be deleted now is swept later."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_job(data_dir: Path, job_id: str) -> None:
    """Delete the files of a job."""
    remove(data_dir / JOBS_FOLDER / job_id)


def found_jobs(data_dir: Path) -> list[str]:
    """Return the ids of the jobs that have a folder."""
    folder = data_dir / JOBS_FOLDER
    if not folder.is_dir():
        return []
    return [path.name for path in folder.iterdir() if path.is_dir() and path.name != _AT_ONCE]


def sweep(data_dir: Path, found: list[str], attempts: Mapping[str, int]) -> int:
    """Delete what belongs to no job, to an older attempt, or to a call that is long over.

    Args:
        data_dir: of the site.
        found: :func:`found_jobs`, listed *before* ``attempts`` was read: a folder is made after
            its job, so what has no job then is nobody's.
        attempts: {job: number of its present attempt} of those that exist.

    Returns:
        How many folders were deleted.
    """
    doomed = []
    for job_id in found:
        folder = data_dir / JOBS_FOLDER / job_id
        if job_id not in attempts:
            doomed.append(folder)
            continue
        doomed += [
            path
            for path in (folder.iterdir() if folder.is_dir() else ())
            if path.name.isdecimal() and int(path.name) < attempts[job_id]
        ]
    calls = data_dir / JOBS_FOLDER / _AT_ONCE
    too_old = time.time() - _AT_ONCE_KEPT_S
    if calls.is_dir():
        doomed += [path for path in calls.iterdir() if path.stat().st_mtime < too_old]
    for folder in doomed:
        remove(folder)
    return len(doomed)
