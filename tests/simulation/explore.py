"""Which schedules there are, how one is named, and how a name is played again."""

import contextlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.domain.intent import Intent
from core.domain.registry import CompensationMode
from tests.simulation.injections import FAULTS, INJECTIONS
from tests.simulation.proof import Violation
from tests.simulation.provider import Fault
from tests.simulation.scenario import KEYED_UNDO, TERMS, Scenario, entry, intent, scenario
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.world import Injection

F = Fault
PLANS: tuple[tuple[Fault, ...], ...] = (
    (),
    (F.DROP,),
    (F.LOST,),
    (F.LATE,),
    (F.REFUSE,),
    (F.BUSY,),
    (F.THROTTLE,),
    (F.PARTIAL,),
    (F.LOST, F.REFUSE),
    (F.LATE, F.REFUSE),
    (F.LATE, F.BUSY, F.DROP),
    (F.LOST, F.LOST, F.LOST),
    (F.LOST, F.LATE),
)
CERTAIN = frozenset({"read_only", "provider_key", "natural_key", "client_id", "proved_absent"})
"""Contracts whose doubt can always be settled while the store and the provider come back."""


@dataclass(frozen=True)
class Case:
    """A schedule by name: a scenario, and injections as ``(point, name)``."""

    scenario: str
    strikes: tuple[tuple[int, str], ...] = ()

    def __str__(self) -> str:
        """Return the seed that plays it again."""
        return "#".join([self.scenario, *(f"{name}@{point}" for point, name in self.strikes)])

    @staticmethod
    def parse(seed: str) -> "Case":
        """Read a seed."""
        name, *strikes = seed.split("#")
        pairs = (strike.split("@") for strike in strikes)
        return Case(name, tuple((int(point), what) for what, point in pairs))


def scenarios() -> dict[str, Scenario]:
    """Return every scenario by name."""
    made = [scenario(terms, *plan) for terms in TERMS for plan in PLANS]
    made += [_expecting(it) for it in made if not it.faults or it.faults == (F.DROP,)]
    for terms in TERMS:
        made += _special(terms)
    made += _timed()
    return {it.name: it for it in made}


def _expecting(base: Scenario) -> Scenario:
    is_certain = base.name.split(":")[0] in CERTAIN
    expect = ("SUCCEEDED",) if is_certain or not base.faults else ("SUCCEEDED", "IN_DOUBT")
    return replace(base, name=f"sure-{base.name}", expect=expect)


def _special(terms: str) -> list[Scenario]:
    plain = scenario(terms)
    other = intent(title="another")
    brief = intent(expires_s=8)
    return [
        replace(plain, name=f"embedded-{plain.name}", embedded=True, stored=()),
        replace(plain, name=f"conflict-{plain.name}", embedded=True, stored=(), events=((0, intent()), (40, other))),
        replace(
            plain, name=f"expiring-{terms}", faults=(F.LOST, F.LOST, F.LOST), events=((0, brief),), stored=(brief,)
        ),
        replace(plain, name=f"brief-{terms}", events=((0, intent(expires_s=1)),), stored=(intent(expires_s=1),)),
        replace(plain, name=f"expired-{terms}", events=((9_000, brief),), stored=(brief,)),
        replace(plain, name=f"unwoken-{terms}", faults=(F.LATE, F.BUSY), lost_wake_ups=True),
        replace(plain, name=f"skewed-{terms}", faults=(F.LATE, F.LOST), skews=(1_000, -1_000)),
        replace(plain, name=f"slow-{terms}", faults=(F.LATE,), latency_ms=400),
        replace(plain, name=f"flawed-{terms}", faults=(F.LATE, F.PARTIAL), undo_faults=(F.DROP, F.LOST)),
        replace(plain, name=f"flaw-stays-{terms}", faults=(F.PARTIAL,), undo_faults=(F.REFUSE,)),
        replace(plain, name=f"ruled-{terms}", rule=True),
        replace(plain, name=f"ruled-late-{terms}", rule=True, faults=(F.LATE,)),
        replace(plain, name=f"again-{terms}", faults=(F.OK, F.LOST)),
        replace(plain, name=f"reset-undo-{terms}", faults=(F.PARTIAL,), undo_faults=(F.RESET,)),
        replace(plain, name=f"repeated-refusal-{terms}", faults=(F.LOST, F.NEVER, F.DROP)),
        replace(plain, name=f"doubled-{terms}", entry=entry(terms, CompensationMode.MANUAL), faults=(F.OK, F.PARTIAL)),
        replace(plain, name=f"manual-{terms}", entry=entry(terms, CompensationMode.MANUAL), faults=(F.LATE, F.PARTIAL)),
        replace(plain, name=f"keyed-undo-{terms}", entry=entry(terms, undo=KEYED_UNDO), undo_faults=(F.DROP,)),
        replace(plain, name=f"forgotten-{terms}", forgotten=True),
        replace(plain, name=f"edited-{terms}", faults=(F.DROP,), acts=((3_010, _edit),)),
        replace(plain, name=f"drumming-{terms}", skews=(1_000, -1_000), events=tuple(_drum())),
        replace(plain, name=f"twice-{terms}", events=((0, intent()), (2, intent()), (5_000, intent()))),
    ]


def _edit(world: World) -> None:
    world.provider.edit()


def _drum() -> Iterator[tuple[int, Intent]]:
    return ((at_ms, intent()) for at_ms in range(0, 20_000, 700))


def _timed() -> list[Scenario]:
    """Stops at many moments of a slow world, and writes that a parked look-up finds."""
    slow = scenario("provider_key", latency_ms=370)
    made = [replace(slow, name=f"stopped-after-{at_ms}", acts=((at_ms, World.stop),)) for at_ms in range(0, 4_000, 100)]
    found = replace(scenario("read_back", F.LATE), late_ms=6_000, expect=("SUCCEEDED",))
    made.append(replace(found, name="found-later"))
    patient = intent(retries=5)
    slow_plan = (F.DROP, F.DROP, F.DROP, F.THROTTLE)
    made.append(
        replace(scenario("forgetful_key", *slow_plan), name="patient", events=((0, patient),), stored=(patient,))
    )
    again = scenario("provider_key", F.PARTIAL, acts=((90_000, INJECTIONS["retry"]),), expect=("SUCCEEDED",))
    made.append(replace(again, name="undone-then-retried"))
    made.append(replace(found, name="found-while-stopped", acts=((3_200, World.stop),)))
    # Only where a provider replays by key does a repeated refusal speak of more than its own send.
    later = (F.BUSY, F.LATE, F.AGAIN, F.AGAIN, F.AGAIN)
    made += [replace(scenario(it, *later), name=f"refused-for-now-{it}") for it in ("provider_key", "forgetful_key")]
    return made


LASTING = ("orphan", "twice", "wake", "hang_and_die", "sweeper_first")
"""Misfortunes of steps, by how their names begin, that leave an execution of the state machine to go on."""

SCENARIOS = scenarios()
STEPS = "steps:"
"""Before a scenario's name: it is played where a state machine takes the steps."""


def world_of(case: Case) -> World:
    """Set the stage of a schedule."""
    by_steps = case.scenario.startswith(STEPS)
    kinds = kinds_of(by_steps=by_steps)
    strikes = {point: kinds[name] for point, name in case.strikes}
    return new_world(SCENARIOS[case.scenario.removeprefix(STEPS)], strikes, by_steps=by_steps)


def new_world(scenario: Scenario, strikes: "dict[int, Injection] | None" = None, *, by_steps: bool) -> World:
    """Return a world where one worker takes the steps, or a state machine does."""
    if not by_steps:
        return World(scenario, strikes)
    # Only here, for it needs far more than the core.
    from tests.simulation.steps_world import StepsWorld

    return StepsWorld(scenario, strikes)


def setting(name: str) -> Scenario:
    """Return the scenario of this name, in whichever world it is played."""
    return SCENARIOS[name.removeprefix(STEPS)]


def length(case: Case) -> int:
    """Return how many points a schedule has, whatever its verdict."""
    world = world_of(case)
    with contextlib.suppress(Violation):
        world.run()
    return world.points


def singles(names: Iterable[str], kinds: Iterable[str]) -> Iterator[Case]:
    """Every kind of injection, at every point of every scenario."""
    kinds = list(kinds)
    for name in names:
        for point in range(1, length(Case(name)) + 1):
            yield from (Case(name, ((point, kind),)) for kind in kinds if is_fit(name, kind))


def crash_pairs(names: Iterable[str]) -> Iterator[Case]:
    """Every pair of crashes: at every point, and at every later one of what follows from the first."""
    return pairs([it for it in names if not is_long(it) and not setting(it).expect], "crash", "crash")


def is_long(name: str) -> bool:
    """Tell whether a scenario is one of a large family, which is played with few injections."""
    return name.removeprefix(STEPS).startswith(("drumming", "stopped-after"))


def pairs(names: Iterable[str], first: str, second: str) -> Iterator[Case]:
    """One injection at every point, and another at every later one of what follows."""
    for name in names:
        for early in range(1, length(Case(name)) + 1):
            once = Case(name, ((early, first),))
            yield from (Case(name, (*once.strikes, (late, second))) for late in range(early + 1, length(once) + 1))


def is_fit(name: str, kind: str) -> bool:
    """Tell whether an injection leaves a scenario's expectation standing."""
    if is_long(name):
        return kind in {"crash", "pause", "jump_ahead", "jump_back"}
    return not setting(name).expect or ((kind in FAULTS or kind.startswith(LASTING)) and _is_certain(name, kind))


def _is_certain(name: str, kind: str) -> bool:
    # What cannot be looked up is rightly parked when the worker dies or hangs around the call.
    harmless = {"throttle", "lose", "duplicate_later", "jump_ahead", "jump_back"}
    return kind in harmless or name.removeprefix(STEPS).removeprefix("sure-").split(":")[0] in CERTAIN


def shuffled(seed: int, *, by_steps: bool = False) -> Case:
    """Return a random schedule of up to five injections."""
    dice = random.Random(seed)
    name = dice.choice([it for it in SCENARIOS if not SCENARIOS[it].expect and not it.startswith("drumming")])
    points = dice.sample(range(1, 90 if by_steps else 60), dice.randint(2, 5))
    kinds = list(kinds_of(by_steps=by_steps))
    strikes = tuple(sorted((point, dice.choice(kinds)) for point in points))
    return Case(f"{STEPS}{name}" if by_steps else name, strikes)


def kinds_of(*, by_steps: bool) -> "dict[str, Injection]":
    """Return what can strike, by name."""
    if not by_steps:
        return INJECTIONS
    # Only here, for it needs far more than the core.
    from tests.simulation.steps_injections import STEPS_INJECTIONS

    return STEPS_INJECTIONS


def verdict(case: Case) -> tuple[bytes, str | None]:
    """Play, and return the trace's name and what went wrong, None for nothing."""
    world = world_of(case)
    try:
        world.run()
    except Violation as violation:
        return world.trace(), f"{violation}; replay: python -m tests.simulation --replay '{case}'"
    return world.trace(), None
