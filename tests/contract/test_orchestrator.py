"""The orchestrator port over Step Functions, on two emulators and with what neither of them shows.

moto takes executions and runs none of them: each is RUNNING until it is stopped, so that nothing ends by itself there.
ministack runs them, and deviates in two ways: it refuses a start with the same name and the same input while that
execution runs, which AWS answers as if it had just started it; and it refuses to stop what ended by itself, which
LocalStack does not. Neither checks the size of an input, and ministack checks no names either; our names and inputs
have tests of their own.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from adapters.aws.state_machine import StateMachine
from core.domain.claiming import Order
from core.domain.errors import NameTakenError, StoreUnavailableError
from core.domain.orchestration import Orchestration, orchestration
from ports.orchestrator import Orchestrator
from ports.wire.state import input_of
from tests.contract.samples import key
from tests.emulators import clients
from tests.emulators.chosen import chosen
from tests.unit.aws.lines import AWS_WORDS, Calls, Cut, Instead, error, session

if TYPE_CHECKING:
    from types_boto3_stepfunctions import SFNClient

LOOKS = 100
HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Site:
    """Two machines: one that waits until it is stopped, one that ends at once."""

    client: SFNClient
    waiting: str
    passing: str
    runs: bool
    refuses_late_stops: bool

    @property
    def orchestrator(self) -> Orchestrator:
        return StateMachine(self.client, self.waiting)

    def arn_of(self, name: str, machine: str | None = None) -> str:
        return f"{(machine or self.waiting).replace(':stateMachine:', ':execution:')}:{name}"

    def status(self, name: str, machine: str | None = None) -> str:
        return self.client.describe_execution(executionArn=self.arn_of(name, machine))["status"]

    def names(self) -> list[str]:
        return [it["name"] for it in self.client.list_executions(stateMachineArn=self.waiting)["executions"]]

    def ended(self, asked: Orchestration) -> StateMachine:
        """Start on the machine that ends at once, and wait until it has."""
        orchestrator = StateMachine(self.client, self.passing)
        orchestrator.start(asked)
        for _ in range(LOOKS):
            if self.status(asked.name, self.passing) == "SUCCEEDED":
                return orchestrator
            time.sleep(0.05)
        pytest.fail("it did not end")


@pytest.fixture(params=["moto", chosen()])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    endpoint_url = request.getfixturevalue(request.param)
    # Fresh, for tests hang faults on it; of the one session that has read the models.
    client = session().client("stepfunctions", endpoint_url=endpoint_url, config=clients.config())
    made = [
        client.create_state_machine(
            name=f"{name}-{uuid.uuid4().hex}",
            definition=json.dumps({"StartAt": "Only", "States": {"Only": {**only, "End": True}}}),
            roleArn="arn:aws:iam::123456789012:role/actonce",
        )["stateMachineArn"]
        for name, only in (("waiting", {"Type": "Wait", "Seconds": HOUR_S}), ("passing", {"Type": "Pass"}))
    ]
    name = request.param
    yield Site(client, made[0], made[1], runs=name != "moto", refuses_late_stops=name == "ministack")
    client.close()


@pytest.fixture
def asked() -> Orchestration:
    return orchestration(Order(key(f"intent-{uuid.uuid4().hex}"), "queue:1", None, "HUMAN", False))


def test_finding_22_what_is_started_runs_under_its_name_with_its_input(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    found = site.client.describe_execution(executionArn=site.arn_of(asked.name))
    assert (found["name"], found["status"], found["input"]) == (asked.name, "RUNNING", input_of(asked))


def test_finding_22_a_second_start_while_it_runs_starts_nothing(site: Site, asked: Orchestration) -> None:
    for _ in range(3):
        site.orchestrator.start(asked)
    assert site.names() == [asked.name]


def test_finding_22_a_start_after_it_was_stopped_starts_nothing(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    site.orchestrator.stop(asked.name, "enough")
    site.orchestrator.start(asked)
    assert site.names() == [asked.name]
    assert site.status(asked.name) == "ABORTED"


def test_finding_22_a_start_after_it_ended_by_itself_starts_nothing(site: Site, asked: Orchestration) -> None:
    if not site.runs:
        pytest.skip("nothing ends by itself here")
    orchestrator = site.ended(asked)
    orchestrator.start(asked)
    assert site.status(asked.name, site.passing) == "SUCCEEDED"


@pytest.mark.parametrize("is_stopped", [False, True])
def test_another_word_on_who_approved_the_same_intent_is_the_same_orchestration(
    site: Site, asked: Orchestration, is_stopped: bool
) -> None:
    site.orchestrator.start(asked)
    if is_stopped:
        site.orchestrator.stop(asked.name, "enough")
    other = replace(asked, order=replace(asked.order, approval_source="POLICY", auto_executed=True))
    assert input_of(other) != input_of(asked)
    site.orchestrator.start(other)
    assert site.names() == [asked.name]


@pytest.mark.parametrize("given", ["{}", '"text"', '{"version": 1}', None])
def test_an_execution_under_the_name_that_is_not_ours_is_told(
    site: Site, asked: Orchestration, given: str | None
) -> None:
    stranger = replace(asked, order=replace(asked.order, key=key("another")))
    site.client.start_execution(stateMachineArn=site.waiting, name=asked.name, input=given or input_of(stranger))
    with pytest.raises(NameTakenError):
        site.orchestrator.start(asked)


def test_two_orchestrations_of_one_intent_run_beside_each_other(site: Site, asked: Orchestration) -> None:
    again = orchestration(asked.order, run=2, generation=3)
    site.orchestrator.start(asked)
    site.orchestrator.start(again)
    assert sorted(site.names()) == sorted([asked.name, again.name])


def test_what_runs_is_stopped(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    site.orchestrator.stop(asked.name, "Cancelled by ada. " * 100)
    assert site.status(asked.name) == "ABORTED"


def test_a_second_stop_and_a_stop_of_what_never_was_do_nothing(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    for _ in range(2):
        site.orchestrator.stop(asked.name, "enough")
    site.orchestrator.stop("exec-never", "enough")
    assert site.names() == [asked.name]


def test_a_stop_of_what_ended_by_itself_leaves_it_as_it_is(site: Site, asked: Orchestration) -> None:
    if not site.runs:
        pytest.skip("nothing ends by itself here")
    orchestrator = site.ended(asked)
    # Whoever cancels passes over the refusal.
    with pytest.raises(StoreUnavailableError) if site.refuses_late_stops else nullcontext():
        orchestrator.stop(asked.name, "enough")
    assert site.status(asked.name, site.passing) == "SUCCEEDED"


@pytest.mark.parametrize(
    "fault", [EndpointConnectionError(endpoint_url="https://a"), ReadTimeoutError(endpoint_url="https://a")]
)
def test_a_service_out_of_reach_is_a_store_that_is_unavailable(
    site: Site, asked: Orchestration, fault: EndpointConnectionError | ReadTimeoutError
) -> None:
    Cut(site.client, fault, times=2)
    with pytest.raises(StoreUnavailableError):
        site.orchestrator.start(asked)
    with pytest.raises(StoreUnavailableError):
        site.orchestrator.stop(asked.name, "enough")
    site.orchestrator.start(asked)
    assert site.names() == [asked.name]


@pytest.mark.parametrize(
    "code", ["ExecutionLimitExceeded", "StateMachineDoesNotExist", "StateMachineDeleting", "AccessDeniedException"]
)
def test_any_other_answer_is_a_store_that_is_unavailable_and_is_not_quoted(
    site: Site, asked: Orchestration, code: str
) -> None:
    Instead(site.client, "StartExecution", error(code))
    with pytest.raises(StoreUnavailableError, match=code) as refused:
        site.orchestrator.start(asked)
    assert AWS_WORDS not in refused.value.message


def test_what_is_there_already_but_cannot_be_described_now_is_asked_again(site: Site, asked: Orchestration) -> None:
    Instead(site.client, "StartExecution", error("ExecutionAlreadyExists"))
    Instead(site.client, "DescribeExecution", error("ThrottlingException"))
    with pytest.raises(StoreUnavailableError):
        site.orchestrator.start(asked)


def test_what_is_there_already_but_is_not_shown_yet_is_asked_again(site: Site, asked: Orchestration) -> None:
    Instead(site.client, "StartExecution", error("ExecutionAlreadyExists"))
    with pytest.raises(StoreUnavailableError):
        site.orchestrator.start(asked)


def test_an_execution_under_the_name_whose_input_is_nested_too_deep_is_not_ours(
    site: Site, asked: Orchestration
) -> None:
    Instead(site.client, "StartExecution", error("ExecutionAlreadyExists"))
    Instead(site.client, "DescribeExecution", {"input": "[" * 100_000})
    with pytest.raises(NameTakenError):
        site.orchestrator.start(asked)


def test_what_an_execution_was_started_with_is_found_while_it_runs_and_after(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    assert site.orchestrator.find(asked.name) == asked
    site.orchestrator.stop(asked.name, "enough")
    assert site.orchestrator.find(asked.name) == asked


def test_an_execution_that_never_was_is_not_found(site: Site, asked: Orchestration) -> None:
    assert site.orchestrator.find(asked.name) is None


def test_an_execution_that_is_not_ours_is_not_found(site: Site, asked: Orchestration) -> None:
    for name, given in (("exec-by-hand", input_of(asked)), (asked.name, "{}")):
        site.client.start_execution(stateMachineArn=site.waiting, name=name, input=given)
        assert site.orchestrator.find(name) is None


def test_an_execution_that_cannot_be_read_now_is_a_store_that_is_unavailable(site: Site, asked: Orchestration) -> None:
    site.orchestrator.start(asked)
    Instead(site.client, "DescribeExecution", error("ThrottlingException"))
    with pytest.raises(StoreUnavailableError):
        site.orchestrator.find(asked.name)


def test_a_start_is_one_call_and_a_second_look_only_where_the_name_is_there(site: Site, asked: Orchestration) -> None:
    calls = Calls(site.client)
    site.orchestrator.start(asked)
    assert (calls.count("StartExecution"), calls.count("DescribeExecution")) == (1, 0)
    Instead(site.client, "StartExecution", error("ExecutionAlreadyExists"))
    site.orchestrator.start(asked)
    assert (calls.count("StartExecution"), calls.count("DescribeExecution")) == (2, 1)
