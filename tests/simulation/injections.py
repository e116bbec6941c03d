"""What can strike at a point: crashes, stores that fail, people who edit, operators, deploys, other workers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.domain.errors import OperatorRefusedError
from core.domain.operating import Operator
from core.domain.switches import Switch
from tests.simulation.process import Process
from tests.simulation.proof import Violation
from tests.simulation.scenario import KEY, TENANT, intent
from tests.simulation.stage import Crash, Message
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.world import Injection

OPERATOR = Operator("op", "because")


def crash(world: World) -> None:
    """The worker dies."""
    raise Crash


def throttle(world: World) -> None:
    """The store refuses this verb; nothing is done."""
    world.fault = "throttle"


def lose(world: World) -> None:
    """The store does this verb, and its reply is lost."""
    world.fault = "lose"


def stop(world: World) -> None:
    """An operator stops the tenant; time passes before the worker goes on."""
    world.stop()
    world.pass_time(300)


def stop_and_wait(world: World) -> None:
    """An operator stops everything, and the worker goes on when no reading can be young any more."""
    world.stop(Switch())
    world.pass_time(1_500)


def stop_type(world: World) -> None:
    """An operator stops the action type, for ten minutes."""
    world.stop(Switch(TENANT, "ACT"))
    world.later(world.now + 600_000, world.resume)
    world.pass_time(1_001)


def _asked(verb: Callable[[Process], object]) -> "Injection":
    def act(world: World) -> None:
        try:
            world.elsewhere(verb, "operator")
        except OperatorRefusedError:
            world.labels.append("409")

    act.__doc__ = "An operator asks."
    return act


def cancel(world: World) -> None:
    """An operator cancels; when that is confirmed, no call may follow."""

    def verb(process: Process) -> None:
        process.cancel(KEY, OPERATOR)
        world.watch.cancelled = True

    _asked(verb)(world)


def retry(world: World) -> None:
    """An operator retries."""

    def verb(process: Process) -> None:
        process.retry(KEY, OPERATOR)
        world.watch.cancelled = False

    _asked(verb)(world)


resolve_yes = _asked(lambda it: it.resolve(KEY, OPERATOR, happened=True, evidence="seen"))
resolve_no = _asked(lambda it: it.resolve(KEY, OPERATOR, happened=False, evidence="not seen"))
undo = _asked(lambda it: it.undo(KEY, OPERATOR))


def undo_while_stopped(world: World) -> None:
    """An operator undoes past a closed switch."""
    world.stop()
    world.pass_time(2_000)
    world.watch.past_stop = True
    _asked(lambda it: it.undo(KEY, OPERATOR, while_stopped=True))(world)


def undo_into_stop(world: World) -> None:
    """An operator undoes, and somebody stops before it is sent."""
    undo(world)
    world.stop()
    world.pass_time(2_000)


def undo_when_stopped(world: World) -> None:
    """An operator undoes while a switch is closed, and must be refused."""
    world.stop()
    before = world.store.executions.get(KEY)
    undo(world)
    if world.store.executions.get(KEY) != before:
        raise Violation("an undo was accepted past a closed switch")


def dark(world: World) -> None:
    """An operator stops, and no switch can be read any more."""
    world.stop()
    world.dark = True
    world.pass_time(1_500)
    world.later(world.now + 9_000, lambda: setattr(world, "dark", False))


def pause(world: World) -> None:
    """The worker hangs for longer than a prepared call may wait."""
    world.others_go_on(3_200)


def doze(world: World) -> None:
    """The worker hangs for almost as long as a prepared call may wait."""
    world.others_go_on(1_900)


def late_truth(world: World) -> None:
    """The worker hangs so long that an operator settles without it."""
    world.others_go_on(15_000)
    resolve_no(world)


def late_truth_accepted(world: World) -> None:
    """The worker hangs so long that an operator declares it done without it."""
    world.others_go_on(15_000)
    resolve_yes(world)


def accepted_and_undone(world: World) -> None:
    """The worker hangs; without it an operator declares it done, and undoes it."""
    world.others_go_on(40_000)
    resolve_yes(world)
    undo(world)


def late_truth_twice(world: World) -> None:
    """While the worker hangs, an operator settles and retries; that run is settled too, when the truth is out."""
    late_truth_retried(world)
    world.others_go_on(20_000)
    world.later(world.now + 60_000, lambda: resolve_no(world))


def saga(world: World) -> None:
    """An operator resolves, retries, undoes and retries again, with time for workers in between."""
    for ask in (resolve_no, retry, undo, retry, undo):
        ask(world)
        world.others_go_on(12_500)


def mid_stall(world: World) -> None:
    """The worker hangs until a sweeper has taken over and sent, but not settled."""
    world.others_go_on(14_500)


def resolve_and_retry(world: World) -> None:
    """An operator says that it did not happen, and retries."""
    resolve_no(world)
    retry(world)


def late_truth_retried(world: World) -> None:
    """The worker hangs so long that an operator settles, and retries, without it."""
    late_truth(world)
    retry(world)


def edit(world: World) -> None:
    """Somebody edits the object by hand."""
    world.provider.edit()


def delete(world: World) -> None:
    """Somebody deletes the object by hand."""
    world.provider.delete()


def deploy(world: World) -> None:
    """A new version that maps differently is rolled out, and the old worker dies."""
    world.deploy += 1
    raise Crash


def duplicate(world: World) -> None:
    """The same event reaches another worker, here and now."""
    message = Message(world.now, next(world.numbers), intent=intent())
    world.elsewhere(lambda process: world.handle(process, message))


def duplicate_later(world: World) -> None:
    """The same event comes again in a moment."""
    world.send(Message(world.now + 50, next(world.numbers), intent=world.scenario.events[0][1]))


def conflict(world: World) -> None:
    """The same id comes with another payload, to another worker."""
    message = Message(world.now, next(world.numbers), intent=intent(title="another"))
    before = world.watch.conflicts
    embedded, world.embed_all = world.embed_all, True
    world.elsewhere(lambda process: world.handle(process, message))
    world.embed_all = embedded
    if world.watch.conflicts == before and world.store.executions:
        world.labels.append("unnoticed")


def sweep(world: World) -> None:
    """Two other sweepers come by."""
    for _ in range(2):
        world.elsewhere(lambda process: process.sweep(process.name), "sweeper")


def reconcile(world: World) -> None:
    """The rule for executions that ended reconciles."""
    world.elsewhere(lambda process: process.settle_rest(), "reconciler")


def stall(world: World) -> None:
    """The worker hangs for a minute while others go on."""
    world.others_go_on(60_000)


def short_stall(world: World) -> None:
    """The worker hangs for as long as a call and a lease, while others go on."""
    world.others_go_on(9_500)


def jump_ahead(world: World) -> None:
    """The worker's clock jumps to the bound."""
    world.worker.clock.skew_ms = 1_000


def jump_back(world: World) -> None:
    """The worker's clock jumps back to the bound."""
    world.worker.clock.skew_ms = -1_000


FAULTS: dict[str, "Injection"] = {
    "crash": crash,
    "throttle": throttle,
    "lose": lose,
    "deploy": deploy,
    "duplicate": duplicate,
    "duplicate_later": duplicate_later,
    "sweep": sweep,
    "short_stall": short_stall,
    "jump_ahead": jump_ahead,
    "jump_back": jump_back,
}
"""Misfortunes after which a write that can be settled must end as succeeded."""

OTHERS: dict[str, "Injection"] = {
    "stall": stall,
    "conflict": conflict,
    "reconcile": reconcile,
    "stop": stop,
    "stop_and_wait": stop_and_wait,
    "stop_type": stop_type,
    "cancel": cancel,
    "retry": retry,
    "resolve_yes": resolve_yes,
    "resolve_no": resolve_no,
    "undo": undo,
    "undo_while_stopped": undo_while_stopped,
    "undo_into_stop": undo_into_stop,
    "undo_when_stopped": undo_when_stopped,
    "dark": dark,
    "pause": pause,
    "doze": doze,
    "late_truth": late_truth,
    "mid_stall": mid_stall,
    "late_truth_accepted": late_truth_accepted,
    "accepted_and_undone": accepted_and_undone,
    "saga": saga,
    "late_truth_twice": late_truth_twice,
    "resolve_and_retry": resolve_and_retry,
    "late_truth_retried": late_truth_retried,
    "edit": edit,
    "delete": delete,
}
INJECTIONS = FAULTS | OTHERS
