"""Rows without what stands beside them: defaults are left out, so the defaults of stored fields are fixed for ever."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from core.domain.attempt import Attempt, Brief, ChainHead, CompensationStatus, EffectKind
from core.domain.contract import Terms
from core.domain.effect import Effect, EffectState, Send
from core.domain.errors import StoreUnavailableError
from core.domain.intent import ExecutionPolicy
from core.domain.outcome import Outcome
from core.domain.registry import CompensationMode
from core.domain.request import Request
from core.domain.signal import Signal
from ports.wire.slim import SlimForm

DEFAULTS: dict[type, dict[str, Any]] = {
    Attempt: {
        "work": EffectKind.ACTION,
        "parked": None,
        "waiting": False,
        "due_at_ms": None,
        "look_ups": 0,
        "while_stopped": False,
        "revision": 0,
        "compensation": CompensationStatus.NONE,
        "last_error": None,
        "head": ChainHead(),
    },
    Brief: {"policy": ExecutionPolicy(3, 300, 1), "approval_source": None, "auto_executed": None},
    ExecutionPolicy: {"retry_count": 3, "timeout_seconds": 300, "max_attempts": 1},
    ChainHead: {"sequence": 0, "sha256": ""},
    Effect: {
        "sends": (),
        "state": EffectState.OPEN,
        "evidence": None,
        "refs": (),
        "response": None,
        "artifact_ref": None,
        "before": None,
        "opened_after": 0,
        "key_since_ms": 0,
        "undoes_run": 0,
    },
    Send: {
        "answer": None,
        "answered_at_ms": 0,
        "fault": None,
        "retryable": True,
        "retry_after_ms": 0,
        "spent": True,
        "absent": False,
    },
    Request: {"compensation": CompensationMode.NONE},
    Terms: {
        "settle_delay_ms": 0,
        "key_retention_ms": 0,
        "absence_proof_ms": None,
        "look_up_tool": None,
        "before_tool": None,
    },
    Outcome: {
        "evidence": None,
        "external_object_refs": (),
        "fault": None,
        "raw_response_artifact_ref": None,
        "compensation_status": CompensationStatus.NONE,
        "compensation_error": None,
        "approval_source": None,
        "auto_executed": None,
    },
    Signal: {"outcome": None, "reason": None, "error_code": None},
}
FORM = SlimForm(Brief, {"trace_id": True})
BRIEF = Brief("CREATE_TASK", 1, "trace", "decision", 2_000_000_000)


@pytest.mark.parametrize("stored", DEFAULTS, ids=lambda it: it.__name__)
def test_the_default_of_a_stored_field_never_changes(stored: type) -> None:
    """A new field may be added here; a changed default would change what old rows say."""
    found = {it.name: it.default for it in fields(stored) if it.default is not MISSING}
    assert found == DEFAULTS[stored]


def test_what_is_left_out_comes_back_from_beside() -> None:
    text = FORM.dump(BRIEF)
    assert "trace_id" not in FORM.read(text)
    assert "policy" not in FORM.read(text)
    assert FORM.join(text, {"trace_id": "trace"}) == BRIEF


def test_what_stands_beside_goes_over_what_the_text_says_field_by_field() -> None:
    text = FORM.dump(replace(BRIEF, policy=ExecutionPolicy(retry_count=1)))
    joined = FORM.join(text, {"trace_id": "t", "policy": {"timeout_seconds": 5}})
    assert joined.policy == ExecutionPolicy(retry_count=1, timeout_seconds=5)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"action_type":1}', "\x00"])
def test_a_row_that_cannot_be_read_is_a_store_that_is_unavailable_and_decides_nothing(text: str) -> None:
    with pytest.raises(StoreUnavailableError):
        FORM.join(text, {"trace_id": "t"})
