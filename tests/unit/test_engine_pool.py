# SPDX-License-Identifier: GPL-2.0-or-later
"""A call finds a living engine, however many have died while they were idle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geoapi.errors import DataUnavailableError
from geoapi.jobs.children import Call
from geoapi.jobs.engine import EnginePool
from geoapi.settings import Settings

CALL = Call(process_id="echo", inputs={}, user_id="u", folder=Path("/nowhere"), seconds=1.0)


class Engine:
    """An engine; a dying one looks alive until it is called."""

    def __init__(self, *, is_dying: bool) -> None:
        self.is_dying, self.calls, self.was_killed = is_dying, 0, False

    @property
    def is_alive(self) -> bool:
        return not (self.is_dying and self.calls)

    def call(self, _call: Call) -> int:
        self.calls += 1
        return self.calls

    def first_answer(self, _wait_s: float) -> dict[str, Any]:
        return {"number": self.calls, "began": self.calls}

    def answers(self, _wait_s: float) -> list[dict[str, Any]]:
        return [{"number": self.calls, "results": {"said": "b"}}]

    def kill(self) -> None:
        self.was_killed = True


def pool_with(monkeypatch: pytest.MonkeyPatch, idle: list[Engine], new: list[Engine]) -> EnginePool:
    pool = EnginePool(Settings(), None, idle=idle)
    monkeypatch.setattr(pool, "_started", new.pop)
    monkeypatch.setattr(pool, "warm_up", lambda: None)
    return pool


@pytest.mark.parametrize("dying", [0, 1, 2, 5])
def test_call_survives_any_number_of_engines_that_died_idle(
    monkeypatch: pytest.MonkeyPatch, dying: int
) -> None:
    idle = [Engine(is_dying=True) for _ in range(dying)]
    gone, fresh = list(idle), Engine(is_dying=False)
    pool = pool_with(monkeypatch, idle, [fresh])
    assert pool._run(CALL) == {"said": "b"}
    assert all(engine.was_killed for engine in gone)
    assert pool.idle == [fresh]


def test_engine_that_dies_at_its_start_is_an_answer_and_no_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = pool_with(monkeypatch, [Engine(is_dying=True)], [Engine(is_dying=True)])
    with pytest.raises(DataUnavailableError) as caught:
        pool._run(CALL)
    assert caught.value.message_id == "jobs.engine_lost"
    assert pool.restarts == 1
