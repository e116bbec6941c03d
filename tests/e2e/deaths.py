"""Who died where, read from the barrier record as it grows; whoever is to die from outside is killed here."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from tests.e2e.barriers import PREPARED, SETTLED, WRITING
from tests.e2e.doomed import FROM_OUTSIDE, Plans
from tests.e2e.yard import open_windows

POLL_S = 0.003
LONGEST_S = 0.03
"""About as long as a call takes from the first of its commits to the last."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Death:
    """A process that was killed, and the windows that intents stood in then."""

    of: str
    inside: frozenset[tuple[str, str]]


@dataclass
class Deaths:
    """``record`` is written by many processes; its lines are in the order of what happened.

    ``_killed`` holds how many rows there were when a process was killed, ``_doomed`` when one is to be.
    """

    record: Path
    plans: Plans
    chance: random.Random
    rows: list[Row] = field(default_factory=list, init=False)
    _read_to: int = field(default=0, init=False)
    _killed: dict[int, int] = field(default_factory=dict, init=False)
    _doomed: dict[int, float] = field(default_factory=dict, init=False)
    _told: SimpleQueue[Row] = field(default_factory=SimpleQueue, init=False)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Read and kill meanwhile, in a thread: a call is over in the time that a look at the emulator takes."""
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(POLL_S):
                self._look()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()
        self._look()

    def told(self) -> Iterator[Row]:
        """Yield what was said by processes that ended themselves since they were asked for."""
        with contextlib.suppress(Empty):
            while True:
                yield self._told.get_nowait()

    def ended_themselves(self, *of: str) -> list[Row]:
        """What these functions said last."""
        return [row for row in self.rows if row["what"] == "kill" and row["of"] in of]

    def all(self) -> list[Death]:
        """Everybody who died, with what they left open.

        A signal that was published before is not, and a commit that opened a window is over.
        """
        return [self._death(pid, at) for pid, at in self._killed.items()]

    def moved_by(self, of: str, what: str, window: str) -> set[str]:
        """Which intents a function moved so."""
        return {row["intent"] for row in self.rows if (row["of"], row["what"], row["window"]) == (of, what, window)}

    def _look(self) -> None:
        for row in self._new():
            self.rows.append(row)
            if row["what"] == "kill":
                self._killed[row["pid"]] = len(self.rows)
                self._told.put(row)
            elif (row["what"], row["window"]) == ("enter", WRITING) and self._is_doomed(row):
                self._doomed[row["pid"]] = time.monotonic() + self.chance.uniform(0, LONGEST_S)
        for pid in [pid for pid, at in self._doomed.items() if time.monotonic() >= at]:
            del self._doomed[pid]
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._killed[pid] = len(self.rows)

    def _is_doomed(self, row: Row) -> bool:
        return row["of"] == "invoke" and self.plans.takes(row["intent"], FROM_OUTSIDE)

    def _new(self) -> list[Row]:
        if not self.record.exists():
            return []
        with self.record.open("rb") as file:
            file.seek(self._read_to)
            whole = file.read().rpartition(b"\n")[0]
        self._read_to += len(whole) + 1 if whole else 0
        return [json.loads(line) for line in whole.splitlines()]

    def _death(self, pid: int, at: int) -> Death:
        own = [row for row in self.rows if row["pid"] == pid]
        inside = open_windows(own)
        committed = {(WRITING, intent) for window, intent in inside if window in {PREPARED, SETTLED}}
        published = {(SETTLED, intent) for window, intent in inside if window == SETTLED and self._is_told(intent, at)}
        return Death(own[0]["of"], frozenset(inside - committed - published))

    def _is_told(self, intent: str, at: int) -> bool:
        """Tell whether the last thing written about an intent before a moment was published before it as well."""
        moves = [row for row in self.rows[:at] if row["intent"] == intent]
        written = max(n for n, row in enumerate(moves) if (row["what"], row["window"]) == ("enter", WRITING))
        return any((row["what"], row["window"]) == ("leave", SETTLED) for row in moves[written:])
