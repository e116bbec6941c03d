"""What is to befall a trial whose life goes through many processes, and what did: files in a folder of its own.

Each thing is taken by one process alone, once; it is on the record before it happens, for whoever dies tells no more.
"""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.effect_correctness.faults import REFUSALS, Life, Place
from benchmarks.effect_correctness.trial import DIED, Marks

DEATH, STOP, THROTTLE = "death", "stop", "throttle"
STOPPED = "stopped"
ABORTED = "aborted"
PLAN = "plan.json"

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Strike:
    """What is to befall a life. ``is_aborted``: its execution is stopped just before its function dies."""

    life: Life
    by_sigkill: bool = False
    is_aborted: bool = False


class Journal:
    """The record of one trial."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def plan(self, strike: Strike) -> None:
        """Write what is to befall the life that begins now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._put(json.dumps(asdict(strike)), PLAN, os.replace)

    def planned(self) -> Strike | None:
        """Return what is to befall it now."""
        path = self._folder / PLAN
        if not path.exists():
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
        places = {name: Place(it) for name, it in said["life"].items() if name.endswith("_at") and it is not None}
        return Strike(Life(**said["life"] | places), said["by_sigkill"], said["is_aborted"])

    def takes(self, name: str) -> bool:
        """Tell whether this process is the one that it is for; it bears the process's number from then on."""
        try:
            self._put(str(os.getpid()), name, os.link)
        except FileExistsError:
            return False
        return True

    def has(self, name: str) -> bool:
        return (self._folder / name).exists()

    def number_of(self, name: str) -> int | None:
        """Return the process that took it."""
        path = self._folder / name
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def _put(self, text: str, name: str, place: Callable[[Path, Path], None]) -> None:
        """Write beside, and bring it to its place whole."""
        own = self._folder / f".{name}.{os.getpid()}"
        own.write_text(text, encoding="utf-8")
        try:
            place(own, self._folder / name)
        finally:
            own.unlink(missing_ok=True)


class JournalMarks:
    """The marked places of a trial in the processes of its functions; ``Marks`` are those of a life in one process."""

    def __init__(self, journal: Journal, *, stop: Act, abort: Act) -> None:
        self._journal = journal
        self._stop = stop
        self._abort = abort

    def at(self, place: Place) -> None:
        strike = self._journal.planned()
        if strike is None:
            return
        if strike.life.throttled_at is place:
            self._journal.takes(THROTTLE)
        if strike.life.stops_at is place and self._journal.takes(STOP):
            self._stop()
            self._journal.takes(STOPPED)
        if strike.life.dies_at is place and self._journal.takes(DEATH):
            if strike.is_aborted:
                self._abort()
                self._journal.takes(ABORTED)
            if strike.by_sigkill:
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(DIED)

    def is_refused(self) -> bool:
        if not self._journal.has(THROTTLE):
            return False
        return any(self._journal.takes(_refusal(number)) for number in range(REFUSALS))


def passed_again(journal: Journal, life: Life, marks: Marks) -> None:
    """Let a life pass the places at which something befell its functions, so that its marks say what was met."""
    marks.stop = _nothing
    if life.stops_at is not None and journal.has(STOPPED):
        marks.at(life.stops_at)
    if life.throttled_at is not None and journal.has(THROTTLE):
        marks.at(life.throttled_at)
        for number in range(REFUSALS):
            if journal.has(_refusal(number)):
                marks.is_refused()


def has_died(journal: Journal) -> bool:
    """Tell whether the process that was to die is gone."""
    number = journal.number_of(DEATH)
    return number is not None and not _runs(number)


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Dead, and whoever started it has not looked yet.
    return state not in {"Z", "X"}


def _refusal(number: int) -> str:
    return f"refusal-{number}"


def _nothing() -> None:
    """The switch was thrown by the function."""
