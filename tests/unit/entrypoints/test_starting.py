from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from entrypoints.starting import starting


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_a_function_starts_and_what_it_made_is_set_apart() -> None:
    with starting():
        assert not gc.isenabled()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_start_that_fails_collects_again() -> None:
    with pytest.raises(LookupError), starting():
        raise LookupError

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_start_leaves_off_what_was_off_before() -> None:
    gc.disable()
    try:
        with starting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
