"""Rehearse: say what an operator's act would come to, and write nothing."""

from core.domain.rehearsing import Asked, Rehearsal, rehearse
from core.domain.timing import Timing
from ports.clock import Clock


class Rehearse:
    """An operator's dry run: the very transition that the act would commit, on a draft that is thrown away."""

    def __init__(self, clock: Clock, timing: Timing) -> None:
        """Keep the clock."""
        self._clock = clock
        self._timing = timing

    def __call__(self, asked: Asked) -> Rehearsal:
        """Return what would come of it now."""
        return rehearse(asked, self._clock.now_ms(), self._timing)
