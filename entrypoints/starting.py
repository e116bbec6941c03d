"""The start of a function, which the first event of every new process waits for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from entrypoints.late import found

if TYPE_CHECKING:
    from entrypoints.settings.loading import Settings

LOAD = "entrypoints.settings.loading.load"


@contextmanager
def starting() -> Iterator[None]:
    """Collect nothing while a function is built, and never look again at what it is built of.

    What a start makes stays, and each collection would look through all of it for nothing.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        # Not what a start left that failed: it is tried again with every event, and would never be let go of.
        gc.freeze()
    finally:
        if was_collecting:
            gc.enable()


def settings() -> Settings:
    """Return what the environment tells; what reads it is imported by then, while nothing is collected.

    Raises:
        ConfigurationError: something in it is wrong.
    """
    told: Settings = found(LOAD)()
    return told
