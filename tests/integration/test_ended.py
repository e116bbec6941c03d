"""What ended executions left, on moto: settled by the evidence, or left to whoever has it."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from benchmarks.assembly import intent
from core.domain.operating import Operator
from core.domain.orchestration import Orchestration
from core.domain.sending import Sending
from entrypoints import ended
from entrypoints.batches import Response
from entrypoints.container.aws import AwsContainer
from entrypoints.ended import Ended
from tests.emulators import clients
from tests.integration.function_site import Context, Lines, Site, a_site, metrics
from tests.integration.orchestrated import (
    Silent,
    a_machine,
    body,
    claimed,
    counted,
    known,
    ours,
    stored,
    told,
)
from tests.unit.aws.lines import Instead, error
from tests.unit.making import NOW_MS

QUIET_MS = 120_000
STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW_MS)


@pytest.fixture
def system() -> Silent:
    return Silent()


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lines: Lines, system: Silent) -> Site:
    request.getfixturevalue("moto")
    made = a_site(monkeypatch, lines.logger, system)
    made.environment["ACTONCE_AWS_STATE_MACHINE_ARN"] = a_machine()
    return made


@pytest.fixture
def container(site: Site, clock: FakeClock) -> AwsContainer:
    built = site.container(of_batch=True)
    built.clock.override(providers.Object(clock))
    return built


@pytest.fixture
def function(site: Site, container: AwsContainer) -> Ended:
    return an_ended(site, container)


def an_ended(site: Site, container: AwsContainer) -> Ended:
    return Ended(
        container.conclude(),
        container.reconcile(),
        container.queue(),
        site.meters,
        site.remaining,
        container.orchestrator(),
    )


def sent(site: Site, container: AwsContainer) -> None:
    """One send whose reply was lost."""
    term = site.remaining.begin(Context())
    container.advance().sent(claimed(container), Sending())
    site.remaining.end(term)


def settled(site: Site, function: Ended, *bodies: str) -> Response:
    return function(site.batch(*bodies), Context())


NONE: Response = {"batchItemFailures": []}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("is_claimed", [False, True])
def test_what_prepared_nothing_has_failed_and_says_so_once(
    site: Site,
    container: AwsContainer,
    function: Ended,
    capsys: pytest.CaptureFixture[str],
    status: str,
    is_claimed: bool,
) -> None:
    _ = claimed(container) if is_claimed else known(container)
    assert settled(site, function, body(ours(), status)) == NONE
    execution = stored(container)
    assert execution.outcome is not None
    assert execution.outcome.fault is not None
    fault = execution.outcome.fault
    assert (fault.error_code, fault.message) == (
        "EXECUTION_ABORTED",
        f"The execution ended before anything was prepared: {status}.",
    )
    assert metrics(capsys.readouterr().out)["Actions", "FAILED", "UNKNOWN"] == [1]
    assert settled(site, function, body(ours(), status)) == NONE
    assert stored(container) == execution
    (signal,) = told(site)
    assert "ACTION_FAILED" in signal


@pytest.mark.parametrize("status", STATUSES)
def test_what_was_sent_is_looked_up_and_told_truly(
    site: Site, container: AwsContainer, function: Ended, clock: FakeClock, system: Silent, status: str
) -> None:
    sent(site, container)
    clock.advance(QUIET_MS)
    system.finds = True
    assert settled(site, function, body(ours(), status)) == NONE
    outcome = stored(container).outcome
    assert outcome is not None
    assert (outcome.status.value, outcome.evidence and outcome.evidence.value) == ("SUCCEEDED", "READ_BACK")
    assert system.written == 1


@pytest.mark.parametrize("is_quiet", [False, True])
def test_what_nobody_can_tell_yet_is_left_with_a_due_date_and_not_sent_again(
    site: Site, container: AwsContainer, function: Ended, clock: FakeClock, system: Silent, is_quiet: bool
) -> None:
    sent(site, container)
    clock.advance(QUIET_MS if is_quiet else 1)
    assert settled(site, function, body(ours())) == NONE
    attempt = stored(container).attempt
    assert attempt.is_open
    assert attempt.waiting
    assert attempt.due_at_ms is not None
    assert attempt.due_at_ms > clock.now_ms()
    assert (system.written, told(site)) == (1, [])


def test_what_is_finished_stays_as_it_is(site: Site, container: AwsContainer, function: Ended) -> None:
    known(container)
    cancelled = container.cancel()(intent("intent-1").key, Operator("ada"))
    assert settled(site, function, body(ours(), "ABORTED")) == NONE
    assert stored(container) == cancelled
    assert len(told(site)) == 1


def test_what_somebody_else_holds_stays_as_it_is(
    site: Site, container: AwsContainer, function: Ended, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = claimed(container)
    clock.advance(QUIET_MS)
    taken = container.advance().taken_over(claim, "sweeper:1")
    capsys.readouterr()
    assert settled(site, function, body(ours())) == NONE
    assert (stored(container), told(site)) == (taken, [])
    assert counted(capsys) == {("Deliveries", "acknowledged"): [1]}


def test_a_later_run_stays_as_it_is(site: Site, container: AwsContainer, function: Ended) -> None:
    claimed(container)
    settled(site, function, body(ours()))
    asked = container.retry()(intent("intent-1").key, Operator("ada"))
    clients.sqs(None).purge_queue(QueueUrl=site.environment["ACTONCE_AWS_QUEUE_URL"])
    assert settled(site, function, body(ours())) == NONE
    assert stored(container) == asked


def test_an_intent_that_is_gone_is_refused_without_an_attempt(site: Site, function: Ended) -> None:
    assert settled(site, function, body(ours())) == NONE
    (signal,) = told(site)
    assert "ACTION_REFUSED" in signal
    assert site.rows("attempts") == []


@pytest.mark.parametrize(
    "garbage",
    ["{", "[]", body(ours(), "SUCCEEDED"), body(ours(), name="exec-by-hand"), body(ours(), input="{}"), "[" * 999],
)
def test_finding_17_what_is_no_such_event_is_dead_lettered_with_its_reason_and_harms_no_neighbour(
    site: Site, container: AwsContainer, function: Ended, garbage: str
) -> None:
    known(container)
    assert settled(site, function, garbage, body(ours())) == NONE
    (letter,) = site.letters()
    assert letter["Body"] == garbage
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("INVALID_EVENT: ")
    assert stored(container).attempt.status.value == "FAILED"


def test_only_what_could_not_be_settled_is_named_in_the_answer(
    site: Site, container: AwsContainer, function: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    known(container)
    cut_off = site.container(of_batch=True)
    cut_off.clock.override(providers.Object(FakeClock(NOW_MS)))

    def cut(**_: object) -> None:
        # Of the faults that mean "unavailable", one that botocore does not repeat by itself.
        raise NoCredentialsError

    cut_off.session().session.register("before-send.dynamodb", cut)
    event = site.batch("{", body(ours()))
    answer = an_ended(site, cut_off)(event, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert counted(capsys) == {("Deliveries", "put_back"): [1], ("Deliveries", "dead_lettered"): [1]}
    assert container.executions().load(intent("intent-1").key) is None
    assert function({"Records": event["Records"][1:]}, Context()) == NONE
    assert stored(container).attempt.status.value == "FAILED"


def left_out(asked: Orchestration) -> str:
    return body(asked, "ABORTED", input=None, inputDetails={"included": False})


def test_what_an_event_leaves_out_is_asked_of_the_execution_itself(
    site: Site, container: AwsContainer, function: Ended
) -> None:
    orchestrator = container.orchestrator()
    assert orchestrator is not None
    orchestrator.start(known(container))
    assert settled(site, function, left_out(ours())) == NONE
    assert stored(container).attempt.status.value == "FAILED"
    assert site.letters() == []


def test_what_an_event_leaves_out_of_an_execution_that_is_gone_is_dead_lettered(
    site: Site, container: AwsContainer, function: Ended
) -> None:
    known(container)
    assert settled(site, function, left_out(ours())) == NONE
    (letter,) = site.letters()
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("INVALID_EVENT: ")
    assert container.executions().load(intent("intent-1").key) is None


def test_an_execution_that_cannot_be_asked_now_is_delivered_again(
    site: Site, container: AwsContainer, function: Ended
) -> None:
    known(container)
    client: Any = container.state_machine()
    Instead(client._client, "DescribeExecution", error("ThrottlingException"))
    event = site.batch(left_out(ours()))
    answer = function(event, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert site.letters() == []


def test_what_there_is_no_time_for_is_left(site: Site, container: AwsContainer, function: Ended) -> None:
    known(container)
    event = site.batch(body(ours()))
    answer = function(event, Context(left_ms=0))
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert container.executions().load(intent("intent-1").key) is None


def test_finding_27_a_line_tells_what_became_of_it_and_no_parameter(
    site: Site, container: AwsContainer, function: Ended, lines: Lines
) -> None:
    known(container)
    settled(site, function, body(ours()))
    (line,) = [json.loads(line) for line in lines.text().splitlines()]
    assert (line["message"], line["intent"], line["status"]) == ("ended", "acme/account-in/intent-1", "FAILED")
    assert "Call the customer" not in lines.text()


@pytest.fixture
def built(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What Lambda's environment is to the handler, and no trace of it afterwards."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    ended._function.cache_clear()
    yield
    ended._function.cache_clear()
    gc.unfreeze()


@pytest.mark.usefixtures("built")
def test_the_handler_builds_itself_from_its_environment(site: Site, container: AwsContainer) -> None:
    known(container)
    event: dict[str, Any] = site.batch(body(ours()))
    assert ended.handler(event, Context()) == NONE
    assert stored(container).attempt.status.value == "FAILED"
