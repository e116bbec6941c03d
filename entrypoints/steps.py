"""The functions of the state machine: one for each state that does something, named as the state's token is."""

import logging
from collections.abc import Callable
from functools import cache
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from core.domain.attempt import EffectKind
from core.domain.canonical import Json
from core.domain.errors import ExecutionError, UnknownExecutionError
from entrypoints.container.functions import build_function
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.stepping import Begin, Check, Map, Send, Settle, Tell
from entrypoints.telemetry import Key
from ports.wire.caught import told
from ports.wire.state import HeldModel, OrderedModel, ToldModel, any_state, parse_state, state_json

if TYPE_CHECKING:
    from entrypoints.container.wiring import Container

log = logging.getLogger("actonce.steps")

Document = dict[str, Json]
Step = Callable[[Any], HeldModel | ToldModel]
Making = Callable[["Container", Meters], Step]


def ordered(document: object) -> OrderedModel:
    """Return the state that an execution starts with."""
    return parse_state(OrderedModel, document)


def held(document: object) -> HeldModel:
    """Return the state of an execution that has claimed its intent."""
    return parse_state(HeldModel, document)


class StepFunction:
    """One function: built by its first invocation, which pays for it."""

    def __init__(self, name: str, parse: Callable[[object], OrderedModel], making: Making) -> None:
        """Keep how its state is read, and how its step is made."""
        self.name = name
        self._parse = parse
        self._making = making
        self.built = cache(self._built)

    def take(self, step: Step, document: object) -> Document:
        """Take the step.

        Raises:
            ExecutionError: its class name is what the state machine matches, code and message are in its text; a fault
                of ours is an UnknownExecutionError, whose text says nothing that was in the fault's own.
        """
        try:
            state = self._parse(document)
            after = step(state)
        except ExecutionError as error:
            # Lambda tells the text alone, so that the code must be in it.
            error.args = (told(error),)
            raise
        except Exception as fault:
            log.exception("unforeseen", extra={"fields": {Key.DOING: self.name}})
            last = extract_tb(fault.__traceback__)[-1]
            unforeseen = UnknownExecutionError(f"{type(fault).__name__} in {last.name}:{last.lineno}.")
            unforeseen.args = (told(unforeseen),)
            raise unforeseen from None
        log.info("stepped", extra={"fields": self._fields(state, after)})
        return state_json(after)

    def __call__(self, event: Document, context: Invocation) -> Document:
        """Take the step in an invocation of Lambda."""
        return self.built()(event, context)

    def _built(self) -> Callable[[Document, Invocation], Document]:
        meters, remaining, logger = Meters(), Remaining(), function_logger()
        with starting():
            container = build_function(settings(), needs=(), meter=meters, is_over=remaining.is_over)
            step = self._making(container, meters)

        def invoked(event: Document, context: Invocation) -> Document:
            term = remaining.begin(context)
            try:
                return self.take(step, event)
            finally:
                remaining.end(term)
                meters.flush()

        return logger.inject_lambda_context(invoked)

    def _fields(self, state: OrderedModel, after: BaseModel) -> dict[str, object]:
        return {
            Key.DOING: self.name,
            Key.INTENT: str(state.order.key),
            Key.NEXT: after.next if isinstance(after, HeldModel) else None,
            Key.STATUS: after.status if isinstance(after, ToldModel) else None,
            Key.ERROR_CODE: after.error_code if isinstance(after, ToldModel) else None,
            Key.TRACE_ID: after.trace_id if isinstance(after, ToldModel) else None,
        }


start = StepFunction("start", ordered, lambda of, _: Begin(of.start()))
validate = StepFunction("validate", held, lambda of, _: Check(of.start(), of.validate()))
map_tool = StepFunction("map_tool", held, lambda of, _: Map(of.start(), of.validate(), of.map_tool()))
invoke = StepFunction("invoke", held, lambda of, _: Send(of.executions(), of.advance(), EffectKind.ACTION))
compensate = StepFunction("compensate", held, lambda of, _: Send(of.executions(), of.advance(), EffectKind.UNDO))
reconcile = StepFunction(
    "reconcile", held, lambda of, _: Settle(of.executions(), of.advance(), of.clock(), of.settings().timing)
)
record = StepFunction("record", any_state, lambda of, meters: Tell(of.executions(), of.conclude(), meters))
