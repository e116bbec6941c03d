"""What can strike only where a state machine takes the steps: functions that outlive it, its end, second executions."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.functions import StepsProcess
from tests.simulation.injections import INJECTIONS, cancel, retry
from tests.simulation.machine import Invocation
from tests.simulation.process import Process
from tests.simulation.scenario import KEY
from tests.simulation.stage import Crash, Message
from tests.simulation.steps_world import StepsWorld
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.world import Injection

Act = Callable[[StepsWorld], None]


def _here(act: Act) -> "Injection":
    def injected(world: World) -> None:
        assert isinstance(world, StepsWorld)
        act(world)

    return injected


def _orphan(*naps_ms: int) -> Act:
    """The service gives up a function that goes on, and hangs before each of its next calls."""
    return lambda world: world.give_up(*naps_ms)


def _second(world: StepsWorld, invocation: Invocation) -> object:
    """The service calls the same function once more, in another process, with the same state."""
    answers: list[object] = []

    def call(process: Process) -> None:
        assert isinstance(process, StepsProcess)
        answers.append(invocation.answer_of(process))

    world.elsewhere(call)
    return answers[0] if answers else None


def twice(world: StepsWorld) -> None:
    """The service calls a function twice; the second is quicker, and nobody hears of its answer."""
    if world.invocation is not None:
        _second(world, world.invocation)


def twice_later(world: StepsWorld) -> None:
    """The same, and the second call comes when the state machine has gone on."""
    invocation = world.invocation
    if invocation is not None:
        world.later(world.now + 900, partial(_second, world, invocation))
        world.later(world.now + 11_500, partial(_second, world, invocation))


def twice_taken(world: StepsWorld) -> None:
    """The service calls a function twice and takes the second's answer; the first hangs, and goes on."""
    invocation = world.invocation
    if invocation is not None:
        answer = _second(world, invocation)
        assert isinstance(answer, dict | Exception)
        world.give_up(1_500, answer=answer)


def _abort(world: StepsWorld, status: str, *tidings_ms: int) -> None:
    running = world.running
    if running is not None:
        # Who claims nothing is known to nobody but the rule, which delivers at least once.
        world.tidings_ms = tidings_ms if world.store.executions else tidings_ms or (200,)
        world.end(running, status)


def abort(world: StepsWorld) -> None:
    """Somebody aborts the execution; the function goes on."""
    _abort(world, "ABORTED", 200)


def abort_twice_told(world: StepsWorld) -> None:
    """Somebody aborts the execution; what settles it comes while the function hangs, and again."""
    _abort(world, "ABORTED", 10, 7_000)
    world.others_go_on(2_600)


def abort_and_hang(world: StepsWorld) -> None:
    """Somebody aborts the execution; the function hangs until a sweeper may have taken over."""
    _abort(world, "ABORTED", 200, 11_000)
    world.others_go_on(14_500)


def abort_and_stutter(world: StepsWorld) -> None:
    """Somebody aborts the execution; the function goes on, and hangs before each call."""
    _abort(world, "ABORTED", 100, 1_000, 5_000)
    world.give_up(*[900] * 12)


def time_out(world: StepsWorld) -> None:
    """The execution takes too long, and nobody tells of it."""
    _abort(world, "TIMED_OUT")


def time_out_told_late(world: StepsWorld) -> None:
    """The execution takes too long, which is told when others have gone on."""
    _abort(world, "TIMED_OUT", 40_000)
    world.give_up(3_000)


def fail_and_retry(world: StepsWorld) -> None:
    """The execution fails, and as soon as the rest is settled an operator retries."""
    _abort(world, "FAILED", 10)
    world.others_go_on(2_500)
    retry(world)
    world.others_go_on(2_500)


def told_after_retry(world: StepsWorld) -> None:
    """The execution fails; an operator retries what it left, and only then its end is told."""
    running = world.running
    if running is not None:
        world.tidings_ms = ()
        world.end(running, "FAILED")
        retry(world)
        message = Message(world.now, next(world.numbers), ended=(running.orchestration, "FAILED"))
        world.elsewhere(partial(_handled, world, message))


def hang_and_die(world: StepsWorld) -> None:
    """The function hangs until the service ends it."""
    world.others_go_on(70_000)
    raise Crash


def _wake(world: StepsWorld) -> None:
    execution = world.store.executions.get(KEY)
    if execution is not None:
        message = Message(world.now, next(world.numbers), key=KEY, owner=execution.attempt.owner)
        world.elsewhere(partial(_handled, world, message))


def _handled(world: StepsWorld, message: Message, process: Process) -> None:
    world.handle(process, message)


def wake(world: StepsWorld) -> None:
    """Two wake-ups for whoever holds it now come at once."""
    _wake(world)
    _wake(world)


def wake_and_hang(world: StepsWorld) -> None:
    """A wake-up comes, and the execution that it starts goes on while this one hangs."""
    _wake(world)
    world.others_go_on(2_500)


def wake_and_hang_long(world: StepsWorld) -> None:
    """A wake-up comes, and the execution that it starts goes on while this one hangs past its lease."""
    _wake(world)
    world.others_go_on(12_500)
    _wake(world)
    world.others_go_on(2_500)


def wake_later(world: StepsWorld) -> None:
    """Wake-ups for whoever holds it now come late."""
    execution = world.store.executions.get(KEY)
    for after_ms in (700, 5_000, 13_000):
        if execution is not None:
            world.send(Message(world.now + after_ms, next(world.numbers), key=KEY, owner=execution.attempt.owner))


def sweeper_first(world: StepsWorld) -> None:
    """From now on the sweeper is there the moment that something is due."""
    world.is_sweeper_first = True


def cancel_and_hang(world: StepsWorld) -> None:
    """An operator cancels and the execution is stopped, while the function hangs."""
    cancel(world)
    world.others_go_on(2_500)


ACTS: dict[str, Act] = {
    "orphan": _orphan(20),
    "orphan_soon": _orphan(2_100),
    "orphan_late": _orphan(4_500),
    "orphan_latest": _orphan(12_500),
    "orphan_minute": _orphan(70_000),
    "orphan_slow": _orphan(*[700] * 20),
    "orphan_slower": _orphan(10, *[3_100] * 12),
    "twice": twice,
    "twice_later": twice_later,
    "twice_taken": twice_taken,
    "abort": abort,
    "abort_twice_told": abort_twice_told,
    "abort_and_hang": abort_and_hang,
    "abort_and_stutter": abort_and_stutter,
    "time_out": time_out,
    "time_out_told_late": time_out_told_late,
    "fail_and_retry": fail_and_retry,
    "told_after_retry": told_after_retry,
    "hang_and_die": hang_and_die,
    "wake": wake,
    "wake_and_hang": wake_and_hang,
    "wake_and_hang_long": wake_and_hang_long,
    "wake_later": wake_later,
    "sweeper_first": sweeper_first,
    "cancel_and_hang": cancel_and_hang,
}
STEPS_OWN: dict[str, "Injection"] = {name: _here(act) for name, act in ACTS.items()}
# Reconcile stands alone nowhere here: the rule's queue leads to Ended, which asks first whose execution it was.
STEPS_INJECTIONS = {name: it for name, it in (INJECTIONS | STEPS_OWN).items() if name != "reconcile"}
