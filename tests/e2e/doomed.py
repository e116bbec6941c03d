"""The Lambda functions, with barriers around what they have, and an end by SIGKILL where an intent's plan says so.

$BARRIER_OF names the function. A plan is a file in $BARRIER_PLANS under the name of its intent, with a place in each
line: ``invoke:prepared-and-unsent`` is where the function of that name enters that window; ``relay:after
settled-and-unpublished`` where it left that one. Each place is one death, in their order.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dependency_injector import providers

from core.domain.keys import IntentKey
from core.domain.orchestration import Orchestration
from entrypoints.container.stream import signal as signal_of
from ports.orchestrator import Orchestrator
from ports.wire.messages import parse_message
from tests.e2e.barriers import Record, on_aws, once_wired

ANYWHERE = "anywhere"

HANDLER = "tests.e2e.doomed.handler"
STEPS = ("start", "validate", "map_tool", "invoke", "compensate", "reconcile", "record")
HANDLERS: Mapping[str, str] = {
    **{name: f"entrypoints.steps.{name}" for name in STEPS},
    **{name: f"entrypoints.{name}.handler" for name in ("starter", "ended", "relay", "sweeper")},
}
AT_WORK = "at-work"
STARTED = "started-and-unanswered"
AFTER = "after "
FROM_OUTSIDE = f"invoke:{ANYWHERE}"

Event = dict[str, Any]
Handler = Callable[[Event, object], object]


class Plans:
    """How the executions of intents are to die."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, intent: str, places: Sequence[str]) -> None:
        (self._folder / intent).write_text("\n".join(places), encoding="utf-8")

    def takes(self, intent: str, place: str) -> bool:
        """Tell whether it is to end here and now; it is told to one alone, and once."""
        number, planned = self._next(intent)
        if planned != place:
            return False
        try:
            self._mark(intent, number).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _next(self, intent: str) -> tuple[int, str | None]:
        """Return the first place that nobody died in, with its number."""
        plan = self._folder / intent
        places = plan.read_text(encoding="utf-8").split("\n") if plan.exists() else []
        left = (it for it in enumerate(places) if not self._mark(intent, it[0]).exists())
        return next(left, (len(places), None))

    def _mark(self, intent: str, number: int) -> Path:
        return self._folder / f"{intent}.{number}"


class Doom(Record):
    """The record of a function that may have to die."""

    def __init__(self, path: Path, name: str, plans: Plans) -> None:
        super().__init__(path, name=name)
        self._plans = plans

    def enter(self, window: str, *keys: IntentKey, left: str | None = None) -> None:
        super().enter(window, *keys, left=left)
        self._die_if_due(window, keys)

    def leave(self, window: str, *keys: IntentKey) -> None:
        super().leave(window, *keys)
        self._die_if_due(AFTER + window, keys)

    def _die_if_due(self, place: str, keys: Sequence[IntentKey]) -> None:
        for key in keys:
            if self._plans.takes(key.intent_id, f"{self.name}:{place}"):
                self.write([key], ("kill", place))
                os.kill(os.getpid(), signal.SIGKILL)


class BarrierOrchestrator:
    """The orchestrator; an execution that was started is a window until that was answered."""

    def __init__(self, orchestrator: Orchestrator, record: Record) -> None:
        self._orchestrator = orchestrator
        self._record = record

    def start(self, orchestration: Orchestration) -> None:
        self._orchestrator.start(orchestration)
        self._record.enter(STARTED, orchestration.order.key)
        self._record.leave(STARTED, orchestration.order.key)

    def find(self, name: str) -> Orchestration | None:
        return self._orchestrator.find(name)

    def stop(self, name: str, reason: str) -> None:
        self._orchestrator.stop(name, reason)


def handler(event: Event, context: object) -> object:
    """Invoke the real one."""
    real, record = _function()
    keys = _keys(event)
    record.enter(AT_WORK, *keys)
    answer = real(event, context)
    record.leave(AT_WORK, *keys)
    return answer


@cache
def _function() -> tuple[Handler, Record]:
    from entrypoints.container.aws import AwsContainer as Aws

    name = os.environ["BARRIER_OF"]
    record = Doom(Path(os.environ["BARRIER_RECORD"]), name, Plans(Path(os.environ["BARRIER_PLANS"])))
    provided: providers.Provider[Record] = providers.Object(record)
    on_aws(provided)
    if name == "starter":
        once_wired(
            Aws,
            lambda it: it.orchestrator.override(providers.Singleton(BarrierOrchestrator, it.state_machine, provided)),
        )
    module, _, attribute = HANDLERS[name].rpartition(".")
    real: Handler = getattr(importlib.import_module(module), attribute)
    return real, record


def _keys(event: Event) -> list[IntentKey]:
    """Whose work an invocation is: a state, or the records of a batch."""
    if "Records" in event:
        return [key for record in event["Records"] for key in _keys_in(record)]
    return [_key(event)] if "action_intent_id" in event else []


def _keys_in(record: Event) -> list[IntentKey]:
    if "dynamodb" in record:
        signal = signal_of(record)
        return [] if signal is None else [signal.key]
    ended = json.loads(record["body"]).get("detail", {}).get("input")
    return [parse_message(record["body"]).key if ended is None else _key(json.loads(ended))]


def _key(state: Event) -> IntentKey:
    return IntentKey(state["tenant_id"], state["account_id"], state["action_intent_id"])
