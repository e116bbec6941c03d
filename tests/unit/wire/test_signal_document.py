from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from core.domain.answer import Unknown
from core.domain.attempt import ChainHead, CompensationStatus
from core.domain.execution import Refusal
from core.domain.ledger import LedgerEvent
from core.domain.refusing import refusal_entry, refusal_signal
from core.domain.signal import SEVERITY, Signal, SignalType, signal_id
from ports.wire.outcome import OutcomeModel, iso, outcome_document
from ports.wire.signal import signal_document, signal_json, signal_line
from ports.wire.signal_models import SignalDetail, SignalModel
from tests.unit.making import (
    KEY,
    NOW_MS,
    TRACE,
)
from tests.unit.wire.endings import APPLIED, ENDINGS, Answered, outcome_of, settled, signal_of

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")
ALWAYS = {
    "action_intent_id",
    "tenant_id",
    "account_id",
    "status",
    "run",
    "revision",
    "attempt_count",
    "external_object_refs",
    "evidence",
    "tool_name",
    "tool_schema_version",
    "registry_version",
    "tool_run_ref",
    "started_at",
    "completed_at",
    "compensation_status",
    "trace_id",
}
SOMETIMES = {
    "error_class",
    "error_code",
    "error_message",
    "raw_response_artifact_ref",
    "compensation_error",
    "approval_source",
    "auto_executed",
}


def refused_signal() -> Signal:
    refusal = Refusal("PAYLOAD_CONFLICT:x", KEY, LedgerEvent.PAYLOAD_CONFLICT, "PAYLOAD_CONFLICT", "Refused.", NOW_MS)
    return refusal_signal(refusal, refusal_entry(refusal, ChainHead()))


@pytest.mark.parametrize(("answer", "status", "kind", "severity"), ENDINGS)
def test_a_signal_carries_the_outcome_and_whose_it_is(answer: Answered, status: str, kind: str, severity: str) -> None:
    change = settled(answer)
    document = json.loads(signal_json(signal_of(change)))

    assert document["data"] == json.loads(json.dumps(outcome_document(outcome_of(change)))) | {"severity": severity}
    assert document["data"]["status"] == status
    assert SignalDetail.model_validate(document).document() == document
    assert document["metadata"] == {
        "id": f"exec-intent-1-account-1-{kind}",
        "version": "1",
        "revision": 1,
        "timestamp": iso(NOW_MS + 1_500),
        "tenant_id": "tenant-1",
        "account_id": "account-1",
        "trace_id": TRACE,
        "decision_trace_id": "trace-of-decision",
        "traceparent": document["metadata"]["traceparent"],
    }


@pytest.mark.parametrize(("answer", "status", "kind", "severity"), ENDINGS)
def test_an_outcome_has_exactly_the_names_that_readers_know(
    answer: Answered, status: str, kind: str, severity: str
) -> None:
    document = outcome_document(outcome_of(settled(answer)))

    assert ALWAYS <= document.keys() <= ALWAYS | SOMETIMES
    assert set(OutcomeModel.model_fields) == ALWAYS | SOMETIMES
    assert ("error_code" in document) == (status != "SUCCEEDED")
    assert OutcomeModel.model_validate(document).document() == document


def test_what_is_known_is_told_in_full() -> None:
    outcome = replace(
        outcome_of(settled(APPLIED)),
        raw_response_artifact_ref="tenant-1/intent-1/abc",
        compensation_status=CompensationStatus.FAILED,
        compensation_error="The provider does not know us.",
        approval_source="POLICY",
        auto_executed=False,
    )

    document = outcome_document(outcome)

    assert document["external_object_refs"] == [
        {
            "system": "crm",
            "object_type": "task",
            "object_id": "task-7",
            "object_url": "https://crm.example.test/task-7",
        },
        {"system": "crm", "object_type": "log", "object_id": "1"},
    ]
    assert document["tool_run_ref"] == f"toolrun/{TRACE}/1/crm.create_task"
    assert (document["approval_source"], document["auto_executed"]) == ("POLICY", False)
    assert (document["compensation_status"], document["compensation_error"]) == ("FAILED", outcome.compensation_error)
    assert (document["started_at"], document["completed_at"]) == (iso(NOW_MS), iso(NOW_MS + 1_500))
    assert OutcomeModel.model_validate(document).document() == document


def test_what_is_in_doubt_is_not_completed() -> None:
    assert outcome_document(outcome_of(settled(Unknown("reset"))))["completed_at"] is None


def test_times_are_iso_8601_in_utc_with_milliseconds() -> None:
    assert [iso(ms) for ms in (0, 1, NOW_MS)] == [
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T00:00:00.001Z",
        "2030-03-17T17:46:40.000Z",
    ]


@pytest.mark.parametrize("answer", [ending[0] for ending in ENDINGS])
def test_a_signal_continues_the_executions_trace(answer: Answered) -> None:
    signal = signal_of(settled(answer))

    found = json.loads(signal_json(signal))["metadata"]["traceparent"]

    assert TRACEPARENT.fullmatch(found)
    assert found.split("-")[1] == TRACE
    assert signal_json(signal) == signal_json(signal)


def test_every_revision_is_a_span_of_its_own() -> None:
    signal = signal_of(settled(APPLIED))
    documents = [json.loads(signal_json(replace(signal, revision=revision))) for revision in (1, 2)]

    assert documents[0]["metadata"]["traceparent"] != documents[1]["metadata"]["traceparent"]


def test_a_refusal_is_told_without_an_outcome_and_starts_a_valid_trace() -> None:
    document = json.loads(signal_json(refused_signal()))

    assert document["data"] == {
        "action_intent_id": "intent-1",
        "tenant_id": "tenant-1",
        "account_id": "account-1",
        "error_class": "VALIDATION",
        "error_code": "PAYLOAD_CONFLICT",
        "error_message": "Refused.",
        "severity": "medium",
    }
    assert TRACEPARENT.fullmatch(document["metadata"]["traceparent"])


@pytest.mark.parametrize("trace", ["", "0" * 32, "ABCDEF" * 6, "x" * 32, TRACE + "\n", "trace-1"])
def test_a_trace_that_is_none_never_makes_an_invalid_traceparent(trace: str) -> None:
    document = json.loads(signal_json(replace(signal_of(settled(APPLIED)), trace_id=trace)))

    assert TRACEPARENT.fullmatch(document["metadata"]["traceparent"])


@pytest.mark.parametrize("signal", [*(signal_of(settled(it[0])) for it in ENDINGS), refused_signal()])
def test_a_line_is_a_whole_event_that_fits_its_schema(signal: Signal) -> None:
    line = signal_line(signal, source="our-source")

    assert "\n" not in line
    event = json.loads(line)
    assert (event["source"], event["detail-type"]) == ("our-source", signal.type.value)
    assert event["detail"] == json.loads(json.dumps(signal_document(signal)))
    assert SignalModel.model_validate(event).document() == event


@pytest.mark.parametrize(
    ("run", "undo", "expected"),
    [
        (1, False, "exec-intent-1-account-1-ACTION_FAILED"),
        (2, False, "exec-intent-1-account-1-ACTION_FAILED-2"),
        (1, True, "exec-intent-1-account-1-ACTION_FAILED-undo"),
        (3, True, "exec-intent-1-account-1-ACTION_FAILED-undo-3"),
    ],
)
def test_the_id_of_a_signal_is_derived_from_what_it_tells(run: int, undo: bool, expected: str) -> None:
    assert signal_id(KEY, SignalType.ACTION_FAILED, run, undo=undo) == expected


def test_every_signal_has_a_severity() -> None:
    assert SEVERITY.keys() == set(SignalType)
