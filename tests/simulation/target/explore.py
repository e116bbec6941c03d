"""Which schedules there are around a target, how one is named, and how a name is played again."""

import contextlib
import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from tests.simulation.explore import Case
from tests.simulation.proof import Violation
from tests.simulation.stage import Crash
from tests.simulation.target.scene import SCENES, Scene
from tests.simulation.target.world import TargetWorld

if TYPE_CHECKING:
    from tests.simulation.target.lane import Lane
    from tests.simulation.target.world import Strike

TARGET = "target:"
"""Before a scene's name, where seeds of every kind are taken."""

DICE = "dice"
MOST_STRIKES = 6


def crash(world: TargetWorld, lane: "Lane") -> None:
    """The process dies."""
    raise Crash


def throttle(world: TargetWorld, lane: "Lane") -> None:
    """The store refuses this verb; nothing is done."""
    world.fault = "throttle"


def lose(world: TargetWorld, lane: "Lane") -> None:
    """The store does this verb, and its reply is lost."""
    world.fault = "lose"


def mute(world: TargetWorld, lane: "Lane") -> None:
    """What this invocation will say is lost on the way."""
    lane.is_heard = False


def cut(world: TargetWorld, lane: "Lane") -> None:
    """The gateway tells the executor of a failure, and the invocation goes on."""
    world.hear(None)


def repeat(world: TargetWorld, lane: "Lane") -> None:
    """The gateway invokes once more for the same call."""
    world.invoke(lane.asked)


def repeat_first(world: TargetWorld, lane: "Lane") -> None:
    """The gateway invokes once more for the same call, and that invocation overtakes this one."""
    world.invoke(lane.asked)
    _hang(world, lane, 40)


def _hang(world: TargetWorld, lane: "Lane", for_ms: int) -> None:
    lane.ready_at = world.now + for_ms


def hang_briefly(world: TargetWorld, lane: "Lane") -> None:
    """The process hangs for less than an executor waits before it asks again."""
    _hang(world, lane, 400)


def hang(world: TargetWorld, lane: "Lane") -> None:
    """The process hangs, longer than a provider's wait."""
    _hang(world, lane, 1_500)


def hang_over(world: TargetWorld, lane: "Lane") -> None:
    """The process hangs until its executor has asked again."""
    _hang(world, lane, 12_000)


def hang_long(world: TargetWorld, lane: "Lane") -> None:
    """The process hangs until others have settled it all."""
    _hang(world, lane, 70_000)


def cut_and_hang(world: TargetWorld, lane: "Lane") -> None:
    """The gateway gives the call up, and its process hangs while the executor asks again."""
    world.hear(None)
    _hang(world, lane, 1_500)


def repeat_and_die(world: TargetWorld, lane: "Lane") -> None:
    """The process dies, and the gateway tries the same call once more."""
    world.invoke(lane.asked)
    raise Crash


STRIKES: dict[str, "Strike"] = {
    it.__name__: it
    for it in (
        crash,
        throttle,
        lose,
        mute,
        cut,
        repeat,
        repeat_first,
        hang_briefly,
        hang,
        hang_over,
        hang_long,
        cut_and_hang,
        repeat_and_die,
    )
}


class DiceWorld(TargetWorld):
    """Who goes on, and what strikes, is thrown at every point; a seed plays it again."""

    def __init__(self, scene: Scene, seed: int) -> None:
        """Throw by this seed."""
        super().__init__(scene)
        self._dice = random.Random(seed)
        self._risk = self._dice.choice((0.03, 0.08, 0.2))
        self._strikes_left = MOST_STRIKES

    def chosen(self, ready: list["Lane"]) -> "Lane":
        """Throw who goes on."""
        return self._dice.choice(ready)

    def struck(self, lane: "Lane") -> "Strike | None":
        """Throw what strikes."""
        if not self._strikes_left or self._dice.random() >= self._risk:
            return None
        self._strikes_left -= 1
        name = self._dice.choice(list(STRIKES))
        self.labels.append(name)
        return STRIKES[name]


def target_world_of(case: Case) -> TargetWorld:
    """Set the stage of a schedule."""
    name = case.scenario.removeprefix(TARGET)
    if name.startswith(DICE):
        seed = int(name.removeprefix(DICE))
        return DiceWorld(random.Random(seed).choice(list(SCENES.values())), seed)
    return TargetWorld(SCENES[name], {point: STRIKES[what] for point, what in case.strikes})


def target_verdict(case: Case) -> tuple[bytes, str | None]:
    """Play, and return the trace's name and what went wrong, None for nothing."""
    world = target_world_of(case)
    try:
        world.run()
    except Violation as violation:
        return world.trace(), f"{violation}; replay: python -m tests.simulation --replay '{case}'"
    return world.trace(), None


def calm(names: Iterable[str]) -> Iterator[Case]:
    """Every scene, undisturbed."""
    return (Case(f"{TARGET}{name}") for name in names)


def strikes_once(names: Iterable[str], kinds: Iterable[str] = tuple(STRIKES)) -> Iterator[Case]:
    """Every kind of strike, at every point of every scene."""
    kinds = list(kinds)
    for case in calm(names):
        for point in range(1, _length(case) + 1):
            yield from (Case(case.scenario, ((point, kind),)) for kind in kinds)


def strikes_twice(names: Iterable[str], first: str, second: str, apart: int = 1) -> Iterator[Case]:
    """One strike at every point, or one of ``apart`` of them, and another at every later one of what follows."""
    for once in islice(strikes_once(names, [first]), 0, None, apart):
        ((early, _),) = once.strikes
        for late in range(early + 1, _length(once) + 1):
            yield Case(once.scenario, (*once.strikes, (late, second)))


def thrown(seed: int) -> Case:
    """Return a schedule by dice."""
    return Case(f"{TARGET}{DICE}{seed}")


def _length(case: Case) -> int:
    world = target_world_of(case)
    with contextlib.suppress(Violation):
        world.run()
    return world.points
