import multiprocessing
import re
import threading
from multiprocessing.queues import SimpleQueue

import pytest

from adapters.system.clock import SystemIds

SEVERAL = 500


@pytest.mark.parametrize("ahead", [1, 2, 64])
def test_every_id_is_new_and_well_formed(ahead: int) -> None:
    ids = SystemIds(ahead)

    drawn = [ids.fresh() for _ in range(SEVERAL)]

    assert len(set(drawn)) == SEVERAL
    assert all(re.fullmatch("[0-9a-f]{32}", it) for it in drawn)


def test_no_two_threads_get_the_same() -> None:
    ids, drawn = SystemIds(64), list[str]()

    def draw() -> None:
        drawn.extend([ids.fresh() for _ in range(SEVERAL)])

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(drawn)) == 8 * SEVERAL


def test_a_forked_process_does_not_repeat_what_its_parent_drew_ahead() -> None:
    ids = SystemIds(64)
    ids.fresh()
    context = multiprocessing.get_context("fork")
    told: SimpleQueue[list[str]] = context.SimpleQueue()
    child = context.Process(target=lambda: told.put([ids.fresh() for _ in range(100)]))
    child.start()
    inherited = told.get()
    child.join()

    assert not set(inherited) & {ids.fresh() for _ in range(100)}
