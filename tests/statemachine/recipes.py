"""For every edge of the machine a recipe that makes the real handlers come to it and take it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from adapters.memory.store import MemoryIntents
from core.domain.answer import Hold, NotSent, Unknown
from core.domain.claiming import Order
from core.domain.contract import EffectContract, Terms
from core.domain.errors import StoreUnavailableError, SwitchUnreadableError
from core.domain.execution import StaleError
from core.domain.intent import ExecutionPolicy
from core.domain.switches import Switch
from core.usecases.cancel import Cancel
from tests.statemachine.bench import OPERATOR, Bench, Moment, Troubled
from tests.statemachine.interpreter import ALL, ANY_FAILURE, Edge, StepLostError
from tests.statemachine.scripted import Script, Word
from tests.unit.making import NOW_MS

START, CHECK, MAP, INVOKE = "StartExecution", "ValidatePreflight", "MapActionToTool", "InvokeTool"
UNDO, SETTLE, TELL = "CompensateAction", "Reconcile", "RecordOutcome"
WHAT, WAIT, LOST = "WhatNext", "WaitUntilDue", "NotRecorded"
TOKENS = {
    START: "start",
    CHECK: "validate",
    MAP: "map_tool",
    INVOKE: "invoke",
    UNDO: "compensate",
    SETTLE: "reconcile",
    TELL: "record",
}
THROTTLED = "Lambda.TooManyRequestsException"
RETRIES = 5
"""One more than an unforeseen fault is tried again."""
TEXT = "\N{GRINNING FACE}" * 2_000
"""Longer than what is told of any error, and as large as characters get."""
CAUSE = "x" * 4_096

Recipe = Callable[[Bench], object]


def says(*calls: object, **more: object) -> Recipe:
    script = Script(calls=calls, **more)  # type: ignore[arg-type]
    return lambda bench: bench.tool.follow(script)


def plain(bench: Bench) -> None:
    """Nothing goes wrong."""


throttled = says(NotSent(Hold.THROTTLED, "slow down", 700))
partial_write = says(Word.PARTIAL)
reply_lost = says(Word.DROP)

REACHING: dict[str, Recipe] = dict.fromkeys((START, CHECK, MAP, INVOKE, TELL), plain) | {
    SETTLE: reply_lost,
    UNDO: partial_write,
}
"""What makes an execution enter a state."""

PORTS: dict[str, tuple[Callable[[Bench], Troubled], str]] = {
    START: (lambda bench: bench.intents, "get"),
    CHECK: (lambda bench: bench.registry, "entry"),
    MAP: (lambda bench: bench.registry, "entry"),
    INVOKE: (lambda bench: bench.executions, "load"),
    UNDO: (lambda bench: bench.executions, "load"),
    SETTLE: (lambda bench: bench.executions, "load"),
    TELL: (lambda bench: bench.executions, "load"),
}
"""What a function asks first, and so what is in its way when it cannot be asked."""


class OddFault(Exception):
    """Of a kind that nobody foresaw, with a text that must not be told."""

    def __init__(self) -> None:
        super().__init__(TEXT)


def in_the_way(state: str, *errors: Exception) -> Recipe:
    """Let the store that a state's function asks first raise these."""

    def recipe(bench: Bench) -> None:
        REACHING[state](bench)
        port, verb = PORTS[state]
        bench.in_the_way(TOKENS[state], port(bench), verb, *errors)

    return recipe


def lost(state: str, name: str, moment: Moment, *, times: int = 1) -> Recipe:
    """Let the answer of a state's function be lost, under a name that Lambda or Step Functions gives to that."""

    def recipe(bench: Bench) -> None:
        REACHING[state](bench)
        if moment is Moment.DURING:
            is_undo = state == UNDO
            bench.tool.follow(Script([Word.PARTIAL], [Word.DIES]) if is_undo else Script([Word.DIES]))
        # What Lambda calls a process that was killed; there are more such names than anybody has listed.
        lost = "Runtime.ExitError" if name == ANY_FAILURE else name
        bench.lose(TOKENS[state], StepLostError(lost, CAUSE), moment, times=times)

    return recipe


def outrun(state: str, times: int = 8) -> Recipe:
    """Let somebody else be faster, as often as a use case tries."""

    def recipe(bench: Bench) -> None:
        REACHING[state](bench)
        token = TOKENS[state]
        bench.before(token, lambda: bench.executions.planned.update({"commit": bench.stale(times)}))

    return recipe


def changed(**changes: object) -> Recipe:
    return lambda bench: bench.change(**changes)


def gone(state: str) -> Recipe:
    """Let the intent be gone when a state is entered."""
    return lambda bench: bench.before(TOKENS[state], bench.store.intents.clear)


def cancelled_first(bench: Bench) -> None:
    """An operator cancels it, and Step Functions cannot be asked to stop."""
    cancel = Cancel(MemoryIntents(bench.store), bench.container.transact(), bench.container.ids())
    bench.before("start", lambda: cancel(bench.intent.key, OPERATOR))


def held_by_another(bench: Bench) -> None:
    """A consumer claimed it, and is at it."""
    bench.before("start", lambda: bench.container.start()(Order(bench.intent.key, "queue:2")))


def rewritten(bench: Bench) -> None:
    """The publisher put another body under the id, after the first was carried out."""

    def rewrite() -> None:
        bench.container.execute()(Order(bench.intent.key, "queue:2"))
        bench.store.intents[bench.intent.key] = replace(bench.intent, approved_by="mallory@example.test")

    bench.before("start", rewrite)


def without_connector(bench: Bench) -> None:
    bench.entry = replace(bench.entry, tool="nobody.write")


def stopped(bench: Bench) -> None:
    bench.switch_store.close(Switch(), operator="ada", reason="a test", at_ms=NOW_MS)


def unreadable(bench: Bench) -> None:
    bench.switches.planned["read"] = [SwitchUnreadableError(TEXT), SwitchUnreadableError(TEXT)]


def told_after_refusal(recipe: Recipe) -> Recipe:
    """Let it be refused before, so that RecordOutcome has something to write."""

    def both(bench: Bench) -> None:
        stopped(bench)
        recipe(bench)

    return both


def never_settled(bench: Bench) -> None:
    """The answers of sixty calls are lost, and nothing was written: Reconcile is passed twice for each."""
    bench.entry = replace(bench.entry, terms=Terms(EffectContract.NATURAL_KEY, 1_500, look_up_tool="sim.find"))
    bench.change(policy=ExecutionPolicy(10, 300, 5))
    bench.tool.follow(Script(calls=[Unknown("reset")] * 60))


def at_once(bench: Bench) -> None:
    """The look-up need not wait for anything."""
    bench.entry = replace(bench.entry, terms=Terms(EffectContract.CLIENT_ID, look_up_tool="sim.find"))
    bench.tool.follow(Script(calls=[Unknown("reset")]))


def unwritable(state: str) -> Recipe:
    """Let the store be out of reach when a call is answered, for longer than anybody has patience."""

    def recipe(bench: Bench) -> None:
        REACHING[state](bench)
        calls = iter([INVOKE, UNDO])

        def fall() -> None:
            if next(calls, None) == state:
                bench.executions.planned["commit"] = [StoreUnavailableError(TEXT) for _ in range(64)]

        bench.tool.on_call = fall
        # It is within reach again when the next function is called.
        bench.before("reconcile", bench.executions.planned.clear, times=9)

    return recipe


def _ours() -> Iterator[tuple[str, str, str, Recipe]]:
    """Yield the edges that classes of ours take: from, to, class, recipe."""
    for state in (START, CHECK, MAP, SETTLE, TELL):
        yield state, state, "StoreUnavailableError", in_the_way(state, StoreUnavailableError(TEXT))
        yield state, state, "UnknownExecutionError", in_the_way(state, OddFault())
    yield START, START, "StaleError", outrun(START)
    yield SETTLE, SETTLE, "StaleError", outrun(SETTLE)
    yield TELL, TELL, "StaleError", told_after_refusal(outrun(TELL, 64))
    for state in (CHECK, MAP):
        # They write nothing, so this stands for a use case that will.
        yield state, state, "StaleError", in_the_way(state, StaleError(None))
    yield CHECK, CHECK, "SwitchUnreadableError", unreadable
    yield START, TELL, "AlreadyFinishedError", cancelled_first
    yield START, TELL, "ExecutionAlreadyInProgressError", held_by_another
    yield START, TELL, "PayloadConflictError", rewritten
    for state in (START, CHECK, MAP):
        yield state, TELL, "IntentNotFoundError", gone(state)
        yield state, TELL, ALL, in_the_way(state, *(OddFault() for _ in range(RETRIES)))
    yield CHECK, TELL, "IntentExpiredError", changed(expires_at_epoch=NOW_MS // 1_000)
    yield CHECK, TELL, "KillSwitchEnabledError", stopped
    yield CHECK, TELL, "ValidationError", changed(registry_version=None)
    yield CHECK, TELL, "ConfigurationError", without_connector
    yield MAP, TELL, "ValidationError", changed(parameters={TEXT: ""})
    for state in (INVOKE, UNDO):
        yield state, SETTLE, "StoreUnavailableError", unwritable(state)
        yield state, SETTLE, "StaleError", outrun(state)
    yield INVOKE, SETTLE, ALL, says(Word.BREAKS)
    yield UNDO, SETTLE, ALL, says(Word.PARTIAL, undos=[Word.BREAKS])
    for state in (SETTLE, TELL):
        yield state, LOST, ALL, in_the_way(state, *(OddFault() for _ in range(RETRIES)))


RECIPES: dict[Edge, Recipe] = {Edge(source, target, by): recipe for source, target, by, recipe in _ours()} | {
    Edge(START, WHAT): plain,
    Edge(CHECK, MAP): plain,
    Edge(MAP, INVOKE): plain,
    Edge(INVOKE, WHAT): plain,
    Edge(SETTLE, WHAT): reply_lost,
    Edge(UNDO, WHAT): partial_write,
    Edge(WAIT, SETTLE): throttled,
    Edge(WHAT, CHECK, "next VALIDATE"): plain,
    Edge(WHAT, INVOKE, "next INVOKE"): throttled,
    Edge(WHAT, WAIT, "next WAIT"): throttled,
    Edge(WHAT, SETTLE, "next RECONCILE"): at_once,
    Edge(WHAT, UNDO, "next COMPENSATE"): partial_write,
    Edge(WHAT, TELL, "next RECORD"): plain,
    Edge(WHAT, TELL, "rounds 64"): never_settled,
}


def is_of_aws(name: str | None) -> bool:
    """Tell whether Lambda or Step Functions gives this name to the end of a function that did not answer."""
    return name is not None and "." in name and name != ALL


def recipes_of(edge: Edge) -> dict[str, Recipe]:
    """Return the recipes of an edge, each with a name; none is there for an edge that nobody wrote one for."""
    if not is_of_aws(edge.by):
        return {"": RECIPES[edge]} if edge in RECIPES else {}
    if edge.source not in TOKENS or edge.by is None:
        return {}
    moments = [Moment.BEFORE]
    if edge.by != THROTTLED:
        moments += [Moment.AFTER, *([Moment.DURING] if edge.source in {INVOKE, UNDO} else [])]
    return {moment.value: lost(edge.source, edge.by, moment) for moment in moments}
