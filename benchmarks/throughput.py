"""Actions per second of the embedded mode next to floors and a peer; rounds are interleaved: a busy disk hits all."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.assembly import Embedded
from benchmarks.bare import Bare
from benchmarks.machine import ROOT
from benchmarks.part import Goal, Part, at_least, paired

GROUP = "embedded"
UNIT = "actions/s"
FLOOR = "bare sqlite3 loop"
GROUPED = "bare sqlite3 loop, commits of 32"
GROUP_SIZE = 32
WORKERS = (1, 8, 32)
WARM_UP = 50
LEAST_OF_FLOOR = at_least(0.5)
LEAST_GAIN = at_least(1.8)
PEER_WORKERS = (1, 8)
JOURNALS: Mapping[str, Goal] = {"default": at_least(10), "wal": at_least(6)}
PEER_STEPS = 5
PEER_MISSING = "DBOS is not installed. Run: make peers"
PEERS_PYTHON = Path(os.environ.get("ACTONCE_PEERS_PYTHON", ROOT / ".venv" / "peers" / "bin" / "python"))

Rates = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Length:
    """How much a round of each contender carries out."""

    rounds: int
    actions: int
    peer_actions: int


def measure(length: Length) -> list[Part]:
    """Run every contender once per round, each on a fresh file of the same disk."""
    contenders: dict[str, Callable[[], float]] = {
        FLOOR: lambda: _floor(length.actions, 1),
        GROUPED: lambda: _floor(length.actions, GROUP_SIZE),
        **{_ours(count): lambda count=count: _embedded(length.actions, count) for count in WORKERS},  # type: ignore[misc]
    }
    if PEERS_PYTHON.exists():
        for journal in JOURNALS:
            for count in PEER_WORKERS:
                contenders[_peer(journal, count)] = lambda journal=journal, count=count: _dbos(  # type: ignore[misc]
                    length.peer_actions, journal, count
                )
    rates: Rates = {name: [] for name in contenders}
    for _ in range(length.rounds):
        for name, run in contenders.items():
            rates[name].append(run())
    return parts(rates)


def parts(rates: Mapping[str, Sequence[float]]) -> list[Part]:
    """Return what was measured; each ratio is of the same round."""
    found = [_part(FLOOR, rates), _part(GROUPED, rates, of=FLOOR)]
    found.append(_part(_ours(1), rates, of=FLOOR, goal=LEAST_OF_FLOOR))
    found.append(_part(_ours(8), rates, of=_ours(1)))
    found.append(_part(_ours(32), rates, of=_ours(1), goal=LEAST_GAIN))
    found.append(_part(_ours(32), rates, of=GROUPED))
    for journal, goal in JOURNALS.items():
        for count in PEER_WORKERS:
            peer = _peer(journal, count)
            if peer in rates:
                found += [_part(peer, rates), _part(_ours(count), rates, of=peer, goal=goal)]
            else:
                found.append(Part(group=GROUP, name=peer, unit=UNIT, missing=PEER_MISSING))
    return found


def _part(name: str, rates: Mapping[str, Sequence[float]], of: str = "", goal: Goal | None = None) -> Part:
    ratios = paired(rates[name], rates[of]) if of else ()
    return Part(group=GROUP, name=name, unit=UNIT, values=rates[name], ratios=ratios, of=of, goal=goal)


def _ours(workers: int) -> str:
    return f"actonce, {workers} worker{'s' if workers > 1 else ''}"


def _peer(journal: str, workers: int) -> str:
    return f"DBOS, {'WAL' if journal == 'wal' else journal}, {workers} worker{'s' if workers > 1 else ''}"


def _floor(actions: int, group: int) -> float:
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        bare = Bare(Path(folder))
        bare.work(WARM_UP, group)
        begun = perf_counter()
        bare.work(actions, group)
        taken = perf_counter() - begun
        bare.close()
    return actions / taken


def _embedded(actions: int, workers: int) -> float:
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        embedded = Embedded(Path(folder))
        embedded.fill(WARM_UP)
        embedded.work(1)
        embedded.fill(actions)
        begun = perf_counter()
        embedded.work(workers)
        taken = perf_counter() - begun
        embedded.close()
        if embedded.connector.written != WARM_UP + actions:
            raise LookupError("the tool was not called once per action")
    return actions / taken


def _dbos(actions: int, journal: str, workers: int) -> float:
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        asked = (str(Path(folder).resolve()), journal, str(workers), str(actions))
        done = subprocess.run(
            [str(PEERS_PYTHON), "-m", "benchmarks.dbos_steps", *asked],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    said = json.loads(done.stdout.splitlines()[-1])
    wanted = {"actions": actions, "steps": actions * PEER_STEPS, "journal": "wal" if journal == "wal" else "delete"}
    if {name: said[name] for name in wanted} != wanted:
        raise LookupError(f"DBOS did not do the work: {said}")
    return float(said["rate"])


def disk() -> Path:
    """Return a folder on the disk; a temporary one may lie in memory, where a synced write costs nothing."""
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    return folder
