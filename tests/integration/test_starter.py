"""The starter on moto, whose Step Functions takes executions and runs none: what is started, and what is not."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from benchmarks.assembly import intent
from core.domain.errors import ExecutionAbortedError
from core.domain.operating import Operator
from entrypoints import starter
from entrypoints.batches import Response
from entrypoints.consumer import Consumer
from entrypoints.container.aws import AwsContainer
from entrypoints.container.functions import build_starter
from entrypoints.settings.loading import load
from ports.wire.messages import approved_event, wake_up_body
from ports.wire.state import input_of
from tests.emulators import clients
from tests.integration.function_site import Context, Lines, Site, a_site, an_event
from tests.integration.orchestrated import a_machine, counted, ours, step_functions, told
from tests.unit.aws.lines import Instead, error

GRACE_MS = 60_000


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lines: Lines) -> Site:
    request.getfixturevalue("moto")
    made = a_site(monkeypatch, lines.logger)
    made.environment["ACTONCE_AWS_STATE_MACHINE_ARN"] = a_machine()
    return made


@pytest.fixture
def clock() -> FakeClock:
    """It starts now, for moto has the time of the machine."""
    return FakeClock(int(time.time() * 1_000))


@pytest.fixture
def container(site: Site, clock: FakeClock) -> AwsContainer:
    built = build_starter(
        load(environment=site.environment), needs=starter.NEEDS, meter=site.meters, is_over=site.remaining.is_over
    )
    built.clock.override(providers.Object(clock))
    return built


@pytest.fixture
def function(site: Site, container: AwsContainer) -> Consumer:
    return Consumer(
        container.intake(),
        container.clock(),
        site.meters,
        site.remaining,
        site.logger,
        count=starter.count_started,
    )


def started(site: Site) -> dict[str, str]:
    """The input of every execution, by its name."""
    client, arn = step_functions(), site.environment["ACTONCE_AWS_STATE_MACHINE_ARN"]
    found = client.list_executions(stateMachineArn=arn)["executions"]
    return {it["name"]: client.describe_execution(executionArn=it["executionArn"])["input"] for it in found}


def asked_for(number: int, **named: int) -> dict[str, str]:
    asked = ours(number, **named)
    return {asked.name: input_of(asked)}


def failed(event: Mapping[str, Any], *places: int) -> Response:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][place]["messageId"]} for place in places]}


def reasons(site: Site) -> list[str]:
    return sorted(it["MessageAttributes"]["reason"]["StringValue"] for it in site.letters())


def test_finding_22_each_event_starts_one_execution_under_its_own_name(
    site: Site, function: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    event = site.batch(*(an_event(number) for number in (1, 2, 3)))
    assert function(event, Context()) == failed(event)
    assert started(site) == asked_for(1) | asked_for(2) | asked_for(3)
    assert len(site.rows("intents")) == 3
    assert site.rows("attempts") == site.rows("outbox") == []
    assert counted(capsys) == {("Deliveries", "acknowledged"): [3]}


def test_finding_22_duplicates_in_one_batch_and_in_the_next_start_no_second_one(site: Site, function: Consumer) -> None:
    for _ in range(2):
        event = site.batch(*[an_event(1)] * 3)
        assert function(event, Context()) == failed(event)
    assert started(site) == asked_for(1)


def test_the_same_intent_approved_in_another_way_starts_no_second_one(site: Site, function: Consumer) -> None:
    function(site.batch(an_event(1)), Context())
    event = site.batch(approved_event(intent("intent-1"), "POLICY", True))
    assert function(event, Context()) == failed(event)
    assert started(site) == asked_for(1)


def test_events_wake_ups_and_what_is_wrong_are_handled_beside_each_other(
    site: Site, function: Consumer, container: AwsContainer
) -> None:
    retried = a_retry(site, container, 2)
    event = site.batch(
        an_event(1),
        wake_up_body(*retried),
        "{",
        wake_up_body(intent("intent-9").key, "nobody"),
        approved_event(intent("intent-7")),
    )
    assert function(event, Context()) == failed(event, 4)
    attempt = container.executions().load(intent("intent-2").key)
    assert attempt is not None
    names = asked_for(2, run=2, generation=attempt.attempt.generation)
    assert started(site) == asked_for(1) | names
    assert [it.split(":", maxsplit=1)[0] for it in reasons(site)] == ["INVALID_EVENT"]


def a_retry(site: Site, container: AwsContainer, number: int) -> Any:  # noqa: ANN401 - key and owner
    """An action that failed, and that an operator asked for again; no wake-up of it is in the queue."""
    body = intent(f"intent-{number}")
    container.intents().put(body)
    container.conclude()(ours(number), ExecutionAbortedError("It ended."))
    asked = container.retry()(body.key, Operator("ada"))
    clients.sqs(None).purge_queue(QueueUrl=site.environment["ACTONCE_AWS_QUEUE_URL"])
    return body.key, asked.attempt.owner


def test_a_wake_up_that_comes_twice_starts_one_execution(
    site: Site, function: Consumer, container: AwsContainer
) -> None:
    woken = a_retry(site, container, 1)
    for _ in range(2):
        event = site.batch(wake_up_body(*woken))
        assert function(event, Context()) == failed(event)
    assert len(started(site)) == 1
    assert set(started(site)) != set(asked_for(1))


def test_finished_work_starts_nothing(site: Site, function: Consumer, container: AwsContainer) -> None:
    container.intents().put(intent("intent-1"))
    container.cancel()(intent("intent-1").key, Operator("ada"))
    event = site.batch(an_event(1))
    assert function(event, Context()) == failed(event)
    assert started(site) == {}


def test_an_intent_that_is_missing_is_waited_for_and_then_started(
    site: Site, function: Consumer, container: AwsContainer
) -> None:
    event = site.batch(approved_event(intent("intent-1"), "HUMAN", False))
    assert function(event, Context()) == failed(event, 0)
    assert (started(site), site.letters()) == ({}, [])
    container.intents().put(intent("intent-1"))
    assert function(event, Context()) == failed(event)
    assert started(site) == asked_for(1)


def test_an_intent_that_never_comes_is_dead_lettered_and_refused_after_the_grace(
    site: Site, function: Consumer, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    event = site.batch(approved_event(intent("intent-1")))
    function(event, Context())
    # The message was sent by the time of the machine, which went on.
    clock.advance(2 * GRACE_MS)
    capsys.readouterr()
    assert function(event, Context()) == failed(event)
    assert reasons(site) == ["INTENT_NOT_FOUND: There is no intent intent-1 of this account."]
    (signal,) = told(site)
    assert "ACTION_REFUSED" in signal
    assert (started(site), site.rows("attempts")) == ({}, [])
    assert counted(capsys) == {("Deliveries", "dead_lettered"): [1]}


@pytest.mark.parametrize("body", ["{", "[]", '{"wake_up": {}}', '{"detail-type": "OTHER"}'])
def test_what_does_not_parse_is_dead_lettered_by_name_and_harms_no_neighbour(
    site: Site, function: Consumer, body: str
) -> None:
    event = site.batch(body, an_event(1))
    assert function(event, Context()) == failed(event)
    (reason,) = reasons(site)
    assert reason.startswith("INVALID_EVENT: ")
    assert started(site) == asked_for(1)


def test_another_body_under_the_same_id_is_dead_lettered_and_refused(site: Site, function: Consumer) -> None:
    function(site.batch(an_event(1)), Context())
    event = site.batch(an_event(1, lambda it: replace(it, parameters={"title": "another"})))
    assert function(event, Context()) == failed(event)
    (reason,) = reasons(site)
    assert reason.startswith("PAYLOAD_CONFLICT: ")
    (signal,) = told(site)
    assert "ACTION_REFUSED" in signal
    assert started(site) == asked_for(1)


def test_step_functions_out_of_reach_puts_back_and_a_name_that_is_taken_is_dead_lettered(
    site: Site, function: Consumer, container: AwsContainer
) -> None:
    client: Any = container.state_machine()
    Instead(client._client, "StartExecution", error("ThrottlingException"))
    event = site.batch(an_event(1))
    assert function(event, Context()) == failed(event, 0)
    arn = site.environment["ACTONCE_AWS_STATE_MACHINE_ARN"]
    (name,) = asked_for(1)
    step_functions().start_execution(stateMachineArn=arn, name=name, input="{}")
    assert function(event, Context()) == failed(event)
    (reason,) = reasons(site)
    assert reason.startswith("EXECUTION_NAME_TAKEN: ")


@pytest.fixture
def built(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What Lambda's environment is to the handler, and no trace of it afterwards."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    starter._function.cache_clear()
    yield
    starter._function.cache_clear()
    gc.unfreeze()


@pytest.mark.usefixtures("built")
def test_the_handler_builds_itself_from_its_environment(site: Site) -> None:
    event = site.batch(an_event(1))
    assert starter.handler(event, Context()) == failed(event)
    assert started(site) == asked_for(1)
