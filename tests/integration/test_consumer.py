"""The consumer on moto: what it answers, and what it leaves behind."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from benchmarks.assembly import TOOL, StubConnector, intent
from core.domain.answer import Answer, Applied
from core.domain.intent import Intent
from core.domain.request import Request
from entrypoints.consumer import Consumer
from ports.connector import Gate
from ports.wire.messages import approved_event
from tests.integration.function_site import Context, Lines, Site, a_site, an_event, metrics

# Long enough to reach the tool on a busy machine.
SHORT_MS = 5_000


class Holding:
    """Answers at once, but holds one action until it is let go; and counts who calls at the same moment."""

    def __init__(self) -> None:
        self.held, self.go, self.inner = "intent-0", threading.Event(), StubConnector()
        self.together = threading.Barrier(3, timeout=20)
        self.meets = False

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        if self.meets:
            self.together.wait()
        if request.key.intent_id == self.held:
            self.go.wait(20)
        return self.inner.call(request, gate, before)

    look_up = StubConnector.look_up
    before_image = StubConnector.before_image


@pytest.fixture
def holding() -> Holding:
    return Holding()


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, holding: Holding, lines: Lines) -> Site:
    request.getfixturevalue("moto")
    return a_site(monkeypatch, lines.logger, holding)


def ids(event: dict[str, Any], *places: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][place]["messageId"]} for place in places]}


def unnamed(intent_: Intent) -> Intent:
    return replace(intent_, parameters={"title": ""})


def test_a_batch_is_carried_out_and_nothing_is_reported(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    event = site.batch(*(an_event(number) for number in range(1, 4)))
    assert site.consumer()(event, Context()) == ids(event)
    assert len(site.rows("outcomes")) == len(site.rows("outbox")) == 3
    found = metrics(capsys.readouterr().out)
    assert found["Actions", "SUCCEEDED", "NONE"] == found["Actions",] == [3]
    assert found["Deliveries", "acknowledged"] == [3]
    assert len(found["ToolLatency", TOOL]) == 3


def test_what_is_poisoned_is_dead_lettered_with_its_reason_and_harms_no_neighbour(site: Site) -> None:
    event = site.batch("{", an_event(1), an_event(2, unnamed))
    assert site.consumer()(event, Context()) == ids(event)
    (letter,) = site.letters()
    assert letter["Body"] == "{"
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("INVALID_EVENT")
    assert letter["MessageAttributes"]["original_message_id"]["StringValue"] == event["Records"][0]["messageId"]
    assert len(site.rows("outcomes")) == 2


def test_records_are_worked_on_at_the_same_time(site: Site, holding: Holding) -> None:
    holding.meets = True
    event = site.batch(*(an_event(number) for number in range(1, 4)))
    assert site.consumer()(event, Context()) == ids(event)
    assert holding.inner.written == 3


def test_a_record_that_is_not_done_in_time_is_reported_and_its_neighbours_are_done(
    site: Site, holding: Holding, capsys: pytest.CaptureFixture[str]
) -> None:
    event = site.batch(an_event(0), an_event(1))
    consumer = site.consumer()
    assert consumer(event, Context(SHORT_MS)) == ids(event, 0)
    assert [row["sk"]["S"] for row in site.rows("outcomes")] == ["OUTCOME#intent-1"]
    assert metrics(capsys.readouterr().out)["Deliveries", "left"] == [1]
    holding.go.set()


def test_what_was_left_to_redelivery_is_written_once_and_not_by_the_thread_that_was_left(
    site: Site, holding: Holding
) -> None:
    event = site.batch(an_event(0))
    consumer = site.consumer()
    assert consumer(event, Context(SHORT_MS)) == ids(event, 0)
    # Lambda thawed the function and delivered again: the effect is prepared, so nobody sends.
    assert consumer(event, Context()) == ids(event)
    holding.go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("actonce-"):
            thread.join(20)
    assert holding.inner.written == 0
    until = time.monotonic() + 20
    while not holding.inner.written and time.monotonic() < until:
        consumer(event, Context())
    assert holding.inner.written == 1
    assert [row["status"]["S"] for row in site.rows("outcomes")] == ["SUCCEEDED"]


def test_an_event_whose_intent_is_not_there_yet_is_put_back_and_reported(site: Site) -> None:
    event = site.batch(approved_event(intent("intent-9")), an_event(1))
    assert site.consumer()(event, Context()) == ids(event, 0)
    assert site.letters() == []


def test_when_every_record_fails_the_answer_names_each_and_nothing_is_raised(site: Site) -> None:
    event = site.batch(*(approved_event(intent(f"intent-{number}")) for number in (7, 8)))
    assert site.consumer()(event, Context()) == ids(event, 0, 1)


def test_an_answer_never_names_a_record_of_another_batch(site: Site) -> None:
    consumer = site.consumer()
    first = site.batch(approved_event(intent("intent-7")))
    assert consumer(first, Context()) == ids(first, 0)
    second = site.batch(an_event(1))
    assert consumer(second, Context()) == ids(second)


def test_a_duplicate_is_counted_and_not_written_again(
    site: Site, holding: Holding, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = site.consumer()
    consumer(site.batch(an_event(1)), Context())
    capsys.readouterr()
    event = site.batch(an_event(1))
    assert consumer(event, Context()) == ids(event)
    found = metrics(capsys.readouterr().out)
    assert found["DuplicatesAvoided", "CLAIM"] == [1]
    assert ("Actions",) not in found
    assert holding.inner.written == 1


def test_no_call_starts_when_the_time_of_the_function_is_over(site: Site, holding: Holding) -> None:
    answers: list[Answer] = []
    inner = holding.inner.call

    class Late(Holding):
        def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
            site.remaining.end(site.remaining.latest)
            answers.append(inner(request, gate, before))
            return answers[-1]

    site.connector = Late()
    event = site.batch(an_event(1))
    # It waits for its wake-up, or is delivered again: either way nothing was sent.
    site.consumer()(event, Context())
    assert answers
    assert not any(isinstance(answer, Applied) for answer in answers)
    assert holding.inner.written == 0


def test_a_store_that_cannot_be_reached_puts_back_instead_of_failing_the_action(site: Site) -> None:
    event = site.batch(an_event(1))
    container = site.container(of_batch=True)

    def cut(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    container.session().session.register("before-send.dynamodb", cut)
    consumer = Consumer(container.intake(), container.clock(), site.meters, site.remaining, site.logger)
    assert consumer(event, Context()) == ids(event, 0)
    assert site.rows("outcomes") == []


def test_finding_27_a_log_line_is_json_and_holds_no_parameter(site: Site, lines: Lines) -> None:
    event = site.batch(an_event(1))
    site.consumer()(event, Context())
    (line,) = [json.loads(line) for line in lines.text().splitlines()]
    assert (line["message"], line["intent"], line["status"]) == ("handled", "acme/account-in/intent-1", "SUCCEEDED")
    assert line["correlation_id"] == event["Records"][0]["messageId"]
    assert line["trace_id"] != line["decision_trace_id"] == "trace-intent-1"
    assert "Call the customer" not in lines.text()
    assert "ada@example.com" not in lines.text()


def test_an_argument_is_logged_where_the_deployment_names_it(site: Site, lines: Lines) -> None:
    site.consumer(ACTONCE_LOG_FIELDS="title, absent")(site.batch(an_event(1)), Context())
    printed = lines.text()
    assert '"arguments":{"title":"Call the customer about the renewal"}' in printed
    assert "ada@example.com" not in printed
