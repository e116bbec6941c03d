from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.system.one_core import CAN_PLACE, OneCore

pytestmark = pytest.mark.skipif(
    not CAN_PLACE or len(os.sched_getaffinity(0)) == 1, reason="needs Linux and a second core"
)

ANOTHER = """
import os, sys
from pathlib import Path
from adapters.system.one_core import OneCore
core = OneCore(Path(sys.argv[1]))
core()
print(*os.sched_getaffinity(0), flush=True)
sys.stdin.read()
"""
Made = TypeVar("Made")


def in_a_thread(job: Callable[[], Made]) -> Made:
    made: list[Made] = []
    thread = threading.Thread(target=lambda: made.append(job()))
    thread.start()
    thread.join()
    return made[0]


def cores_of(place: Callable[[], None]) -> set[int]:
    def placed() -> set[int]:
        place()
        return os.sched_getaffinity(0)

    return in_a_thread(placed)


def another(locks: Path) -> tuple[subprocess.Popen[str], set[int]]:
    command = [sys.executable, "-c", ANOTHER, str(locks)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, {int(it) for it in process.stdout.readline().split()}


def test_threads_that_ask_run_on_one_core_and_others_where_they_like(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    core = OneCore(tmp_path / "cores")
    (first,) = cores_of(core)
    assert cores_of(core) == {first}
    assert first in allowed
    assert cores_of(lambda: None) == os.sched_getaffinity(0) == allowed
    core.close()
    assert cores_of(core) == allowed


def test_each_process_has_a_core_of_its_own_until_none_is_left_and_a_killed_one_leaves_its(tmp_path: Path) -> None:
    allowed, locks = os.sched_getaffinity(0), tmp_path / "cores"
    others = [another(locks) for _ in allowed]
    try:
        assert [len(cores) for _, cores in others] == [1] * len(allowed)
        assert set.union(*(cores for _, cores in others)) == allowed
        assert cores_of(OneCore(locks)) == allowed
        others[0][0].kill()
        others[0][0].wait()
        assert cores_of(OneCore(locks)) == others[0][1]
    finally:
        for process, _ in others:
            process.kill()
            process.communicate()


def test_where_no_lock_can_be_had_or_one_core_is_all_there_is_nothing_is_placed(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    assert cores_of(OneCore(tmp_path / "no folder" / "cores")) == allowed

    def on_one() -> bool:
        os.sched_setaffinity(0, {min(allowed)})
        OneCore(tmp_path / "cores")
        return (tmp_path / "cores").exists()

    assert not in_a_thread(on_one)
