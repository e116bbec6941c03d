"""What the state machine of an installation did, read from the histories of its executions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.claiming import Order
from core.domain.intent import Intent
from core.domain.orchestration import orchestration
from tests.deployed.site import Site, until

Row = dict[str, Any]
CARRIED = ("input", "output")
WAITED = ["WaitUntilDue", "Reconcile", "WhatNext"]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution. ``asked`` is what it was started with."""

    name: str
    status: str
    asked: Row
    history: Sequence[Row]

    @property
    def entered(self) -> list[str]:
        """The states, in their order; a state that is tried again is entered once."""
        return [it["stateEnteredEventDetails"]["name"] for it in self.history if "stateEnteredEventDetails" in it]

    @property
    def failures(self) -> list[tuple[str, str]]:
        """The state and the class of every error, in their order, repeats included."""
        state, found = "", []
        for it in self.history:
            state = it.get("stateEnteredEventDetails", {}).get("name", state)
            if "taskFailedEventDetails" in it:
                found.append((state, it["taskFailedEventDetails"]["error"]))
        return found

    @property
    def told(self) -> Row:
        """The output of one that ended by itself."""
        (output,) = (it["executionSucceededEventDetails"]["output"] for it in self.history[-1:])
        told: Row = json.loads(output)
        return told

    @property
    def largest_state(self) -> int:
        """Bytes of the largest state that it carried."""
        details = (it for event in self.history for it in event.values() if isinstance(it, dict))
        return max(len(it[name].encode()) for it in details for name in CARRIED if name in it)


@dataclass
class Machine:
    """Executions are listed by an administrator; they are described and stopped with the operator's own rights."""

    site: Site
    _asked: dict[str, Row] = field(default_factory=dict, init=False)

    @property
    def arn(self) -> str:
        arn: str = self.site.outputs["state_machine_arn"]
        return arn

    def statuses(self) -> dict[str, str]:
        """The status of every execution by its name, oldest first."""
        pages = self._admin().get_paginator("list_executions").paginate(stateMachineArn=self.arn)
        found = [it for page in pages for it in page["executions"]]
        return {it["name"]: it["status"] for it in sorted(found, key=lambda it: it["startDate"])}

    def runs(self, intent: Intent | None = None) -> list[Run]:
        """Every execution that was started for an intent, or for anything, oldest first."""
        return list(self._runs(intent))

    def entered(self, run: Run) -> list[str]:
        """The states that it entered; one that was woken early waits again, which is left out."""
        entered = run.entered
        if not self.site.emulator.wakes_early:
            return entered
        found: list[str] = []
        for state in entered:
            found.append(state)
            if found[-len(WAITED) :] == found[-2 * len(WAITED) : -len(WAITED)] == WAITED:
                del found[-len(WAITED) :]
        return found

    def run(self, intent: Intent) -> Run:
        """The only one."""
        (run,) = self.runs(intent)
        return run

    def ended(self, intent: Intent, number: int = 1) -> Run:
        """Wait until so many have ended, and return the newest."""

        def are_over() -> bool:
            runs = self.runs(intent)
            return len(runs) == number and all(it.status != "RUNNING" for it in runs)

        until(are_over, f"{number} executions of {intent.key.intent_id} to end")
        return self.runs(intent)[-1]

    def await_failure(self, intent: Intent, state: str, error: str) -> None:
        """Wait until an error has left a state."""
        until(
            lambda: any((state, error) in it.failures for it in self.runs(intent)),
            f"{error} in {state} of {intent.key.intent_id}",
        )

    def stop(self, *intents: Intent) -> None:
        """Stop executions of intents, as an operator may, who looks at them then.

        An emulator may let a task that is under way end first, so all are stopped before one is waited for.
        """
        client = self.site.emulator.client("stepfunctions", self.site.operator)
        arns = [self._execution_arn(self.run(intent).name) for intent in intents]
        for arn in arns:
            client.stop_execution(executionArn=arn, cause="A test stops it.")

        def stopped() -> bool:
            return all(client.describe_execution(executionArn=arn)["status"] == "ABORTED" for arn in arns)

        until(stopped, f"{len(arns)} executions to be stopped")

    def start(self, name: str, asked: object) -> None:
        """Start an execution by hand."""
        self._admin().start_execution(stateMachineArn=self.arn, name=name, input=json.dumps(asked))

    def _runs(self, intent: Intent | None) -> Iterator[Run]:
        for name, status in self.statuses().items():
            asked = self._asked_of(name)
            if intent is None or is_for(asked, intent):
                yield Run(name, status, asked, self._history(name))

    def _asked_of(self, name: str) -> Row:
        if name not in self._asked:
            described = self._admin().describe_execution(executionArn=self._execution_arn(name))
            self._asked[name] = json.loads(described["input"])
        return self._asked[name]

    def _history(self, name: str) -> list[Row]:
        pages = self._admin().get_paginator("get_execution_history").paginate(executionArn=self._execution_arn(name))
        return [it for page in pages for it in page["events"]]

    def _execution_arn(self, name: str) -> str:
        return f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"

    def _admin(self) -> Any:  # noqa: ANN401 - as the emulator's own
        return self.site.emulator.client("stepfunctions")


def name_of(intent: Intent) -> str:
    """The name of the execution that an intent's event asks for."""
    return orchestration(Order(intent.key, "")).name


def is_for(asked: Row, intent: Intent) -> bool:
    key = intent.key
    named = (asked.get("tenant_id"), asked.get("account_id"), asked.get("action_intent_id"))
    return named == (key.tenant_id, key.account_id, key.intent_id)
