"""What the tests of starter and ended share: a machine on moto, orchestrations of its intents, and what ends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.assembly import StubConnector, intent
from core.domain.answer import Answer, CannotTell, Finding, Happened, NotSent, Unknown
from core.domain.claiming import Order
from core.domain.execution import Execution
from core.domain.orchestration import Orchestration, orchestration
from core.domain.request import Request
from entrypoints.container.aws import AwsContainer
from ports.connector import Gate
from ports.wire.state import input_of
from tests.emulators import clients
from tests.integration.function_site import Site, metrics
from tests.unit.making import NOW_MS


class Silent(StubConnector):
    """Writes, and loses the reply; a look-up finds what it wrote, once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.finds = False

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = super().call(request, gate, before)
        return answer if isinstance(answer, NotSent) else Unknown("the reply was lost")

    def look_up(self, request: Request, before: str | None) -> Finding:
        return Happened((), "{}") if self.finds else CannotTell("the system is away")


def step_functions() -> Any:  # noqa: ANN401 - boto3 builds a class per service
    return clients.session().client("stepfunctions", config=clients.config())


def a_machine() -> str:
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 9, "End": True}}}
    made = step_functions().create_state_machine(
        name="actonce", definition=json.dumps(wait), roleArn="arn:aws:iam::123456789012:role/actonce"
    )
    return str(made["stateMachineArn"])


def ours(number: int = 1, **named: int) -> Orchestration:
    return orchestration(Order(intent(f"intent-{number}").key, "", None, "HUMAN", False), **named)


def body(asked: Orchestration, status: str = "FAILED", **detail: object) -> str:
    told = {"name": asked.name, "status": status, "input": input_of(asked), "stopDate": NOW_MS, **detail}
    return json.dumps(
        {
            "version": "0",
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": told,
        }
    )


def known(container: AwsContainer, number: int = 1) -> Orchestration:
    container.intents().put(intent(f"intent-{number}"))
    return ours(number)


def claimed(container: AwsContainer, number: int = 1) -> Execution:
    return container.start()(known(container, number).order)


def stored(container: AwsContainer, number: int = 1) -> Execution:
    found = container.executions().load(intent(f"intent-{number}").key)
    assert found is not None
    return found


def told(site: Site) -> list[str]:
    return [json.dumps(row) for row in site.rows("outbox")]


def counted(capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, ...], list[float]]:
    """The numbers that were printed, but for the sums over all dimensions."""
    return {names: it for names, it in metrics(capsys.readouterr().out).items() if len(names) > 1}
