"""One trial: the lives of its processes, each forked, and what was told at the end. Standard library only."""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.effect_correctness.faults import FIRST, ORACLE_FAULTS, REFUSALS, SECOND, WAVES, Cell, Life, Place
from benchmarks.effect_correctness.judge import Status, Told, Truth, last_word
from benchmarks.effect_correctness.tool import ask

LONGEST_LIFE_S = 60
"""A life that takes longer is ended, and has told nothing."""

STARTING_S = 0.05
DIED = 70


@dataclass(frozen=True, slots=True)
class Trial:
    """One intended write. ``by_sigkill``: its process dies by SIGKILL, not by leaving at once."""

    name: str
    cell: Cell
    by_sigkill: bool = False


class Marks:
    """The marked places of one life: where it dies, where the switch is thrown, from where its store is throttled."""

    def __init__(self, life: Life, *, by_sigkill: bool) -> None:
        self._life = life
        self._by_sigkill = by_sigkill
        self._refusals_left: int | None = None
        self._has_stopped = False
        self.stop: Callable[[], None] | None = None

    def at(self, place: Place) -> None:
        """Note that the life has come to a place."""
        if self._life.throttled_at is place and self._refusals_left is None:
            self._refusals_left = REFUSALS
        if self._life.stops_at is place:
            if self.stop is None:
                raise LookupError("this contender was asked to stop, and has no switch")
            if not self._has_stopped:
                self.stop()
            self._has_stopped = True
        if self._life.dies_at is place:
            if self._by_sigkill:
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(DIED)

    def is_refused(self) -> bool:
        """Tell the store of the contender whether it refuses what it is asked now."""
        if not self._refusals_left:
            return False
        self._refusals_left -= 1
        return True

    def are_met(self) -> bool:
        """Tell whether all that was to befall this life at its places did; a death is seen by whoever waits for it."""
        is_throttled = self._life.throttled_at is None or self._refusals_left == 0
        return is_throttled and (self._life.stops_at is None or self._has_stopped)


class Contender(Protocol):
    """One system under the matrix."""

    name: str

    def not_offered(self, cell: Cell) -> str | None:
        """Return why this cell cannot be asked of it, None where it can."""
        ...

    def lay_out(self, folder: Path, trial: Trial) -> None:
        """Make what an installation has before anything runs."""
        ...

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        """Live one life, in a process of its own, and return what its caller was told; ``marks`` may end it."""
        ...

    def close(self) -> None:
        """End what was started beside the trials."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a trial. ``is_met``: its fault befell it; a trial without its fault proves nothing."""

    trial: Trial
    truth: Truth
    told: Told
    is_met: bool


@dataclass(frozen=True, slots=True)
class _End:
    """How a life ended. ``said`` is None for one that died at its place."""

    said: Status | None
    is_met: bool


def run(contender: Contender, trial: Trial, folder: Path, port: int) -> Run:
    """Run one trial against the oracle on a port of this host."""
    folder.mkdir(parents=True)
    contender.lay_out(folder, trial)
    planned = ORACLE_FAULTS.get(trial.cell.fault)
    if planned is not None:
        ask(port, "POST", "/plan", document={"trial": trial.name, "fault": planned[0], "seconds": planned[1]})
    lives = [life for wave in WAVES[trial.cell.fault] for life in wave]
    ends = [end for wave in WAVES[trial.cell.fault] for end in _wave(contender, trial, folder, wave)]
    _, truth = ask(port, "GET", f"/truth/{trial.name}")
    return Run(
        trial,
        Truth(tuple(truth["writes"]), truth["calls"]),
        Told(_said(FIRST, lives, ends) or Status.NOTHING, _said(SECOND, lives, ends)),
        is_met=all(end.is_met for end in ends) and not truth["is_planned"],
    )


def _said(text: str, lives: Sequence[Life], ends: Sequence[_End]) -> Status | None:
    """Return what was told of one body, None where nobody lived to tell of it."""
    said = [end.said for life, end in zip(lives, ends, strict=True) if life.text == text and end.said is not None]
    return last_word(said) if said else None


def _wave(contender: Contender, trial: Trial, folder: Path, lives: Sequence[Life]) -> list[_End]:
    """Live at the same time; return how each ended."""
    begin_at = time.monotonic() + (STARTING_S if len(lives) > 1 else 0.0)
    born = [(life, *_fork(contender, trial, folder, life, begin_at)) for life in lives]
    return [_end(life, pid, pipe) for life, pid, pipe in born]


def _fork(contender: Contender, trial: Trial, folder: Path, life: Life, begin_at: float) -> tuple[int, int]:
    reads, writes = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writes)
        return pid, reads
    code = 1
    try:
        os.close(reads)
        # The signal's own default ends the process, whatever it is busy with.
        signal.alarm(LONGEST_LIFE_S)
        time.sleep(max(0.0, begin_at - time.monotonic()))
        marks = Marks(life, by_sigkill=trial.by_sigkill)
        status = contender.live(folder, trial, life, marks)
        os.write(writes, json.dumps([status.value, marks.are_met()]).encode())
        code = 0
    except BaseException:  # noqa: BLE001 - the last line of a process: told, and it has told nothing of its trial
        (folder / "trouble.txt").open("a", encoding="utf-8").write(traceback.format_exc())
    finally:
        sys.stdout.flush()
        # Neither the interpreter's farewell nor its threads: the parent's are not to be touched.
        os._exit(code)


def _end(life: Life, pid: int, pipe: int) -> _End:
    with os.fdopen(pipe, "rb") as file:
        told = file.read()
    _, code = os.waitpid(pid, 0)
    if life.dies_at is not None:
        return _End(None, is_met=os.waitstatus_to_exitcode(code) in {DIED, -signal.SIGKILL})
    said, is_met = json.loads(told) if told else (Status.NOTHING, False)
    return _End(Status(said), is_met)
