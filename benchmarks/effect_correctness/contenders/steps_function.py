"""The Lambda functions of the Step Functions mode with the marked places of a trial around what they have.

$PROOF_OF names the function, $PROOF_JOURNALS is where each trial has its journal.
"""

import importlib
import json
import os
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from dependency_injector import providers

from adapters.aws.executions import DynamoExecutions
from benchmarks.effect_correctness.contenders.marked import MarkedConnectors, MarkedExecutions
from benchmarks.effect_correctness.contenders.steps_journal import Journal, JournalMarks
from core.domain.claiming import Order
from core.domain.keys import IntentKey
from core.domain.orchestration import orchestration
from core.domain.switches import Switch
from core.domain.timing import Timing
from entrypoints.container.aws import AwsContainer
from entrypoints.container.connecting import connector_table
from ports.clock import Clock
from ports.kill_switches import KillSwitches
from ports.orchestrator import Orchestrator
from tests.e2e.barriers import once_wired
from tests.e2e.doomed import HANDLERS

STATES = "aws.states"
QUEUED = ("starter", "ended")

Event = dict[str, Any]
Handler = Callable[[Event, object], Any]


class FunctionMarks:
    """The places of every trial; who throws a switch, or stops an execution, does it from within a function."""

    def __init__(
        self, journals: Path, switches: KillSwitches, clock: Clock, timing: Timing, orchestrator: Orchestrator
    ) -> None:
        self._journals = journals
        self._switches = switches
        self._clock = clock
        self._timing = timing
        self._orchestrator = orchestrator

    def __call__(self, key: IntentKey) -> JournalMarks:
        return JournalMarks(
            Journal(self._journals / key.intent_id), stop=lambda: self._stop(key), abort=lambda: self._abort(key)
        )

    def _stop(self, key: IntentKey) -> None:
        """Throw the switch, and come back when it must hold."""
        switch = Switch(tenant_id=key.tenant_id)
        self._switches.close(switch, operator="ada", reason="stop", at_ms=self._clock.now_ms())
        time.sleep(self._timing.switch_age_ms / 1_000)

    def _abort(self, key: IntentKey) -> None:
        self._orchestrator.stop(name_of(key), "An operator stops it.")


def name_of(key: IntentKey) -> str:
    """Return the name of the execution that an event starts, however often it is delivered."""
    return orchestration(Order(key, "")).name


def handled(record: Event) -> str:
    """Return the name under which it is noted that a record of a queue was handled.

    Of the work queue by the id of its message; of the queue of ended executions by the name of the execution.
    """
    body = json.loads(record["body"])
    if body.get("source") == STATES:
        return ended(body["detail"]["name"])
    return f"handled-{record['messageId']}"


def ended(name: str) -> str:
    """Return the name under which it is noted that somebody saw to an execution that did not end by itself."""
    return f"ended-{name}"


def note_handled(journals: Path, records: Iterable[Event], answer: Event) -> None:
    """Note which records will not come again."""
    back = {it["itemIdentifier"] for it in answer.get("batchItemFailures", [])}
    for record in records:
        if record["messageId"] not in back:
            (journals / handled(record)).touch()


def handler(event: Event, context: object) -> object:
    """Invoke the real one."""
    answer = _function()(event, context)
    if os.environ["PROOF_OF"] in QUEUED:
        note_handled(_journals(), event["Records"], answer)
    return answer


@cache
def _function() -> Handler:
    once_wired(AwsContainer, _mark)
    module, _, attribute = HANDLERS[os.environ["PROOF_OF"]].rpartition(".")
    real: Handler = getattr(importlib.import_module(module), attribute)
    return real


def _mark(it: AwsContainer) -> None:
    timing = it.settings.provided.timing
    marks = providers.Singleton(FunctionMarks, _journals(), it.kill_switches, it.clock, timing, it.state_machine)
    executions = providers.Singleton(DynamoExecutions, it.tables, it.commit_tables)
    connectors = providers.Singleton(
        connector_table,
        it.settings.provided.connectors,
        it.internal_objects,
        it.clock,
        timing,
        it.secrets,
        it.sign,
        it.settings.provided.egress.hosts,
    )
    it.executions.override(providers.Singleton(MarkedExecutions, executions, marks))
    it.connectors.override(providers.Singleton(MarkedConnectors, connectors, marks))


def _journals() -> Path:
    return Path(os.environ["PROOF_JOURNALS"])
