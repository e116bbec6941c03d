from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.domain.answer import NotSent, Unknown
from core.domain.errors import ConfigurationError, ValidationError
from core.domain.keys import IntentKey
from core.domain.operating import Operator
from core.domain.switches import Switch
from entrypoints.remote.asking import Asking, Reply
from entrypoints.remote.doors import MOST_PAGES, RemoteDoors

KEY = IntentKey("acme", "emea", "intent:1@x")
AT = "account_id=emea"
WHY = Operator("", "asked by a test\nand told twice")


@dataclass(frozen=True)
class Said:
    """An answer of the API."""

    body: bytes
    status: int = 200
    retry_after_ms: int = 0


@dataclass
class Scripted:
    """A way on which answers were laid out; ``asked`` is what went out."""

    answers: Iterator[Any]
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def send(self, method: str, target: str, body: bytes) -> Reply | NotSent | Unknown:
        self.asked.append((method, target, json.loads(body) if body else None))
        return Said(json.dumps(next(self.answers)).encode())

    def redact(self, text: str) -> str:
        return text


def laid_out(*documents: object) -> tuple[RemoteDoors, Scripted]:
    way = Scripted(iter(documents))
    return RemoteDoors(Asking(way)), way


def standing(intent_id: str = KEY.intent_id) -> dict[str, object]:
    return {
        "action_intent_id": intent_id,
        "tenant_id": "acme",
        "account_id": "emea",
        "status": "SUCCEEDED",
        "action_type": "CREATE_TASK",
        "registry_version": 1,
    }


def done(act: str) -> dict[str, object]:
    return {
        "action_intent_id": KEY.intent_id,
        "account_id": "emea",
        "act": act,
        "status": standing(),
        "told": "It is told.",
    }


def test_an_act_is_asked_for_with_the_reason_and_without_a_name() -> None:
    doors, way = laid_out(done("cancel"), done("retry"), done("resolve"), done("undo"))
    doors.acting.cancel(KEY, WHY, dry_run=False)
    doors.acting.retry(KEY, WHY, dry_run=False)
    doors.acting.resolve(KEY, Operator("ada"), happened=False, evidence="looked", dry_run=False)
    doors.acting.undo(KEY, WHY, while_stopped=True, dry_run=False)
    path = "/executions/intent:1@x"
    assert way.asked == [
        ("POST", f"{path}/cancel?{AT}", {"reason": WHY.reason}),
        ("POST", f"{path}/retry?{AT}", {"reason": WHY.reason}),
        ("POST", f"{path}/resolve?{AT}", {"happened": False, "evidence": "looked"}),
        ("POST", f"{path}/undo?{AT}", {"reason": WHY.reason, "while_stopped": True}),
    ]


def test_a_dry_run_says_so_in_the_query() -> None:
    doors, way = laid_out({"act": "undo", "allowed": False, "would_repeat_a_write": False, "reason": "why"})
    doors.acting.undo(KEY, WHY, while_stopped=False, dry_run=True)
    ((method, target, _),) = way.asked
    assert (method, target) == ("POST", f"/executions/intent:1@x/undo?{AT}&dry_run=true")


@pytest.mark.parametrize(
    ("switch", "named"),
    [
        (Switch(), {"scope": "GLOBAL"}),
        (Switch("acme"), {}),
        (Switch("acme", "CREATE_TASK"), {"action_type": "CREATE_TASK"}),
    ],
)
def test_a_switch_is_thrown_by_its_scope_and_its_tenant_is_the_tokens(switch: Switch, named: dict[str, str]) -> None:
    answer = {
        "scope": switch.scope.value.upper(),
        "tenant_id": switch.tenant_id,
        "action_type": switch.action_type,
        "closed": True,
    }
    doors, way = laid_out(answer)
    assert doors.switching.throw(switch, WHY, closed=True).document() == answer
    assert way.asked == [("PUT", "/kill-switches", {"closed": True, "reason": WHY.reason, **named})]


@pytest.mark.parametrize(
    ("reason", "named"), [("", "--reason is missing"), ("x" * 501, "--reason: "), ("steer\x1b[2J", "--reason: ")]
)
def test_a_reason_out_of_bounds_is_refused_before_anything_is_asked(reason: str, named: str) -> None:
    doors, way = laid_out()
    with pytest.raises(ConfigurationError, match=named):
        doors.acting.cancel(KEY, Operator("", reason), dry_run=False)
    with pytest.raises(ConfigurationError, match=named):
        doors.switching.throw(Switch("acme"), Operator("", reason), closed=True)
    assert way.asked == []


@pytest.mark.parametrize("evidence", ["", "x" * 2_001])
def test_evidence_out_of_bounds_is_refused_before_anything_is_asked(evidence: str) -> None:
    doors, way = laid_out()
    with pytest.raises(ConfigurationError, match="--evidence: "):
        doors.acting.resolve(KEY, WHY, happened=True, evidence=evidence, dry_run=False)
    assert way.asked == []


def pages(*sizes: int) -> Sequence[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number, size in enumerate(sizes):
        rows = [standing(f"intent-{number}-{it}") for it in range(size)]
        is_last = number == len(sizes) - 1
        found.append({"executions": rows, **({} if is_last else {"next_token": f"place-{number}"})})
    return found


def test_short_and_empty_pages_are_put_together_until_there_are_enough() -> None:
    doors, way = laid_out(*pages(1, 0, 2, 5))
    page = doors.listing.page_of("acme", None, "FAILED", limit=3, place="from here")
    assert len(page.executions) == 3
    assert page.next_token == "place-2"
    assert [target for _, target, _ in way.asked] == [
        "/executions?status=FAILED&limit=3&next_token=from+here",
        "/executions?status=FAILED&limit=2&next_token=place-0",
        "/executions?status=FAILED&limit=2&next_token=place-1",
    ]


def test_the_last_page_has_no_place_to_go_on_from() -> None:
    doors, way = laid_out(*pages(1, 1))
    assert doors.listing.page_of("acme", "emea", None, limit=50, place=None).document().keys() == {"executions"}
    assert [target for _, target, _ in way.asked] == [
        "/executions?account_id=emea&limit=50",
        "/executions?account_id=emea&limit=49&next_token=place-0",
    ]


def test_a_listing_that_gives_nothing_but_places_is_left_after_a_while() -> None:
    doors, way = laid_out(*pages(*[0] * (MOST_PAGES + 2)))
    page = doors.listing.page_of("acme", None, None, limit=50, place=None)
    assert (page.executions, page.next_token) == ((), f"place-{MOST_PAGES - 1}")
    assert len(way.asked) == MOST_PAGES


def test_a_place_that_no_api_gave_out_is_not_sent() -> None:
    doors, way = laid_out()
    with pytest.raises(ValidationError):
        doors.listing.page_of("acme", None, None, limit=50, place="x" * 1_025)
    assert way.asked == []


def test_what_was_counted_by_the_hour_comes_back_as_it_was_told() -> None:
    hour = {
        "from": "2026-11-24T08:00:00.000Z",
        "SUCCEEDED": 1,
        "FAILED": 2,
        "CANCELLED": 3,
        "IN_DOUBT": 4,
        "RUNNING": 5,
    }
    counted = {"at": "x", "by_status": {"SUCCEEDED": 1}, "over_time": [hour], "is_partial": True}
    doors, way = laid_out(counted)
    assert doors.listing.counts("acme").document() == counted
    assert way.asked == [("GET", "/counts", None)]
