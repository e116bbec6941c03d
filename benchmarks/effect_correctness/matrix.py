"""The plan of a run: which arms, how many trials of each cell, in which order."""

import random
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CELLS, CRASHES, Cell
from benchmarks.effect_correctness.trial import Trial

OURS = "ours"
DIRECT = "direct"
STEPS = "steps"
STEPS_ARMS = (STEPS, f"{STEPS}:stopped")
PEERS = ("dbos", "durable", "powertools", "langgraph")
SAMPLE = 1
"""So many trials of a cell in each mode on AWS, unless a run asks for others."""

SIGKILLS = 5
"""So many trials of a cell in which a process dies have it die by SIGKILL; in the others it leaves at once."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A contender in one way of being used, under the interpreter that has its packages.

    ``is_held``: to the goal of each cell.
    """

    contender: str
    python: Path
    trials: int
    contracts: Collection[Contract] = tuple(Contract)
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A run. ``abreast``: how many arms are led at once, each with ``width`` trials under way."""

    arms: tuple[Arm, ...]
    width: int
    abreast: int
    seed: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. Trials are those of a cell, ``direct`` and ``steps`` too (None: as usual)."""

    short: bool
    trials: int | None
    peer_trials: int | None
    direct: int | None
    steps: int | None
    only: Collection[str]
    seed: int


def planned(wish: Wish, peers_python: Path) -> Plan:
    """Return the plan. The short form takes two of ours, of the peers one for two contracts, and no mode on AWS."""
    python, sample = Path(sys.executable), 0 if wish.short else SAMPLE
    ours = [Arm(OURS, python, wish.trials or (2 if wish.short else 100), is_held=True)]
    if direct := sample if wish.direct is None else wish.direct:
        ours.append(Arm(DIRECT, python, direct, is_held=True))
    if steps := sample if wish.steps is None else wish.steps:
        ours += [Arm(arm, python, steps, is_held=True) for arm in STEPS_ARMS]
    contracts = (Contract.PROVIDER_KEY, Contract.OPAQUE) if wish.short else tuple(Contract)
    peers = [
        Arm(f"{peer}:{way}", peers_python, wish.peer_trials or (1 if wish.short else 10), contracts)
        for peer in PEERS
        for way in ("plain", "idempotent")
    ]
    wanted = [arm for arm in (*ours, *peers) if not wish.only or arm.contender.partition(":")[0] in wish.only]
    return Plan(tuple(wanted), width=8, abreast=2, seed=wish.seed)


def trials_of(arm: Arm, offered: Collection[Cell], seed: int) -> list[Trial]:
    """Return the trials of an arm, shuffled, so that those that wait stand beside those that work."""
    prefix = arm.contender.replace(":", "-")
    made = [
        Trial(
            f"{prefix}-{number}-{time}",
            cell,
            by_sigkill=cell.fault in CRASHES and time < min(SIGKILLS, arm.trials // 2),
        )
        for number, cell in enumerate(CELLS)
        for time in range(arm.trials)
        if cell in offered and cell.contract in arm.contracts
    ]
    random.Random(seed).shuffle(made)
    return made
