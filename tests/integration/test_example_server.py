"""The example provider, as a real process, asked by raw HTTP posts as our connector will ask it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from examples.mcp_server.faults import NAMES
from examples.mcp_server.probe import Probe, running, seen

TASK = {"title": "Call them"}
EVENT = {"title": "Renewal", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"}
DEAL = {"name": "Renewal", "stage": "NEGOTIATION", "close_date": "2026-12-31", "amount": 12.5}
INVOICE = {"amount": 100, "currency": "EUR"}
LETTER = {"recipient": "Ada", "body": "Dear Ada"}
HEX_KEY = "0123456789abcdef" * 4
numbers = count(1)

# Fault, what the client sees of it, and what the write log says.
FAULTS = [
    ("ok", "success", ["WRITE"]),
    ("drop_before", "disconnected", []),
    ("drop_reply", "disconnected", ["WRITE"]),
    ("timeout", "silence", []),
    ("timeout_after_apply", "silence", ["WRITE"]),
    ("throttle", "429 after 1", []),
    ("throttle:0.2", "429 after 0.2", []),
    ("http_400", "400", []),
    ("http_500_before", "500", []),
    ("http_500_after", "500", ["WRITE"]),
    ("redirect", "302 to localhost", []),
    ("malformed", "broken JSON", ["WRITE"]),
    ("refuse", "REJECTED_BY_PROVIDER, not applied", []),
    ("partial", "PARTIAL_WRITE, with refs", ["WRITE"]),
    ("huge", "over a megabyte of success", ["WRITE"]),
    ("is_error", "isError", []),
    ("is_error_after", "isError", ["WRITE"]),
    ("rpc_error", "JSON-RPC error -32603", []),
    ("rpc_error_after", "JSON-RPC error -32603", ["WRITE"]),
]
FAULTS_WITH_TESTS_OF_THEIR_OWN = {"late_apply", "slow_drip"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    with running(tmp_path_factory.mktemp("json") / "writes.jsonl") as probe:
        yield probe


@pytest.fixture(scope="module", params=["json", "stream"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    options = ["--sse"] if request.param == "stream" else []
    with running(tmp_path_factory.mktemp("either") / "writes.jsonl", *options) as probe:
        yield probe


@pytest.fixture
def caller() -> dict[str, Any]:
    number = next(numbers)
    named = {"action_intent_id": f"intent-{number}", "tenant_id": "tenant", "account_id": "account"}
    return {"idempotency_key": f"key-{number}", **named}


def ops(probe: Probe, caller: dict[str, Any]) -> list[str]:
    return [line["op"] for line in probe.log() if line["action_intent_id"] == caller["action_intent_id"]]


def ops_in_time(probe: Probe, caller: dict[str, Any], wanted: list[str]) -> list[str]:
    """The operations, once they are the wanted ones, or after three seconds."""
    end = time.monotonic() + 3
    while (now := ops(probe, caller)) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return now


def state(probe: Probe, tool: str, arguments: dict[str, Any]) -> str:
    return str(probe.call(tool, arguments).envelope["state"])


def only_ref(envelope: dict[str, Any]) -> dict[str, Any]:
    (ref,) = envelope["external_object_refs"]
    assert set(ref) == {"system", "object_type", "object_id", "object_url"}
    return dict(ref)


def plan(probe: Probe, caller: dict[str, Any], *faults: str) -> None:
    assert probe.plan({caller["action_intent_id"]: list(faults)}).status == 200


@pytest.mark.parametrize(
    ("kind", "body", "other"),
    [("task", TASK, {"title": "Write them"}), ("opportunity", DEAL, {**DEAL, "stage": "WON"})],
)
def test_a_natural_key_upserts_and_a_look_up_finds_it(
    server: Probe, caller: dict[str, Any], kind: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    create, find = f"crm.create_{kind}", f"crm.find_{kind}"
    assert state(server, find, {**caller, **body}) == "NOT_HAPPENED"
    first = server.call(create, {**caller, **body}).envelope
    again = server.call(create, {**caller, **body}).envelope
    assert (first["created"], again["created"]) == (True, False)
    found = server.call(find, {**caller, **body}).envelope
    assert found["state"] == "HAPPENED"
    assert only_ref(found) == only_ref(again) == only_ref(first)
    assert state(server, find, {**caller, **other}) == "CANNOT_TELL"
    assert only_ref(server.call(create, {**caller, **other}).envelope) == only_ref(first)
    assert state(server, find, {**caller, "tenant_id": "stranger"}) == "NOT_HAPPENED"
    assert ops(server, caller) == ["WRITE", "REPLAY", "WRITE"]


@pytest.mark.parametrize(("kind", "body"), [("crm.{}_task{}", TASK), ("calendar.{}_event{}", EVENT)])
def test_a_deletion_happens_once_and_succeeds_always(
    server: Probe, caller: dict[str, Any], kind: str, body: dict[str, Any]
) -> None:
    ref = only_ref(server.call(kind.format("create", ""), {**caller, **body}).envelope)
    check, named = kind.format("check", "_deleted"), {**caller, "object_id": ref["object_id"]}
    assert state(server, check, named) == "NOT_HAPPENED"
    assert only_ref(server.call(kind.format("delete", ""), named).envelope) == ref
    assert state(server, check, named) == "HAPPENED"
    assert server.call(kind.format("delete", ""), named).envelope["success"] is True
    assert state(server, kind.format("find", ""), caller) == "NOT_HAPPENED"
    assert ops(server, caller) == ["WRITE", "DELETE", "REPLAY"]


def test_an_event_id_is_the_callers_and_is_taken_by_its_first_body(server: Probe, caller: dict[str, Any]) -> None:
    mine = {**caller, **EVENT, "idempotency_key": f"v1:{HEX_KEY}"}
    assert state(server, "calendar.find_event", mine) == "NOT_HAPPENED"
    assert only_ref(server.call("calendar.create_event", mine).envelope)["object_id"] == HEX_KEY
    assert server.call("calendar.create_event", mine).envelope["replayed"] is True
    taken = server.call("calendar.create_event", {**mine, "title": "Other"}).envelope
    assert (taken["success"], taken["error_code"], taken["not_applied"]) == (False, "ID_TAKEN", True)
    assert state(server, "calendar.find_event", mine) == "HAPPENED"
    assert state(server, "calendar.find_event", {**mine, "notes": "other"}) == "CANNOT_TELL"
    assert ops(server, caller) == ["WRITE", "REPLAY", "REPLAY"]


@pytest.mark.parametrize("naming", ["opportunity_id", "target"])
def test_an_update_is_settled_by_the_version_before_it(server: Probe, caller: dict[str, Any], naming: str) -> None:
    name = f"006-{caller['idempotency_key']}"
    target: dict[str, Any] = {"opportunity_id": name}
    if naming == "target":
        target = {"target": {"entity_type": "opportunity", "entity_id": name}}
    wanted = {**caller, **target, "stage": "WON"}
    image = server.call("crm.get_opportunity", wanted).envelope["image"]
    assert image == {"opportunity_id": name, "stage": "PROSPECTING", "version": 1}
    check = {**wanted, "before": image}
    assert state(server, "crm.check_opportunity", check) == "NOT_HAPPENED"
    assert state(server, "crm.check_opportunity", wanted) == "CANNOT_TELL"
    assert only_ref(server.call("crm.update_opportunity", wanted).envelope)["object_id"] == name
    assert state(server, "crm.check_opportunity", check) == "HAPPENED"
    assert state(server, "crm.check_opportunity", {**check, "stage": "LOST"}) == "CANNOT_TELL"
    assert server.call("crm.update_opportunity", wanted).envelope["version"] == 3
    assert state(server, "crm.check_opportunity", check) == "CANNOT_TELL"
    assert ops(server, caller) == ["WRITE", "WRITE"]


def test_an_update_that_names_no_opportunity_is_refused(server: Probe, caller: dict[str, Any]) -> None:
    named = {**caller, "stage": "WON"}
    assert seen(server, "crm.update_opportunity", named) == "MISSING_REQUIRED_PARAMETER, not applied"
    assert ops(server, caller) == []


def test_an_invoice_key_replays_its_result_and_refuses_other_arguments(server: Probe, caller: dict[str, Any]) -> None:
    first = server.call("payments.create_invoice", {**caller, **INVOICE}).envelope
    again = server.call("payments.create_invoice", {**caller, **INVOICE}).envelope
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert only_ref(first) == only_ref(again)
    other = {**caller, **INVOICE, "amount": 101}
    assert seen(server, "payments.create_invoice", other) == "KEY_MISMATCH, nothing proved"
    assert ops(server, caller) == ["WRITE", "REPLAY", "REPLAY"]


def test_every_letter_is_another_letter(server: Probe, caller: dict[str, Any]) -> None:
    first, second = (server.call("mail.send_letter", {**caller, **LETTER}).envelope for _ in range(2))
    assert only_ref(first) != only_ref(second)
    assert ops(server, caller) == ["WRITE", "WRITE"]


def test_reading_news_writes_nothing(server: Probe, caller: dict[str, Any]) -> None:
    assert server.call("news.fetch", {**caller, "query": "Acme"}).envelope["articles"]
    assert ops(server, caller) == []


def test_the_write_log_names_who_did_what(server: Probe, caller: dict[str, Any]) -> None:
    ref = only_ref(server.call("crm.create_task", {**caller, **TASK}).envelope)
    lines = server.log()
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    wanted = {**caller, "op": "WRITE", "tool": "crm.create_task", "object_id": ref["object_id"]}
    assert wanted.items() <= lines[-1].items()
    assert server.health() == 200


@pytest.mark.parametrize("tool", ["crm.nothing", "crm.create_task"])
def test_an_unknown_tool_and_bad_arguments_are_errors_without_our_envelope(either: Probe, tool: str) -> None:
    assert seen(either, tool, {}) == "isError"


@pytest.mark.parametrize(("fault", "sight", "written"), FAULTS)
def test_a_fault_shows_as_it_is_described_and_the_log_tells_the_truth(
    either: Probe, caller: dict[str, Any], fault: str, sight: str, written: list[str]
) -> None:
    plan(either, caller, fault)
    timeout_s = 0.3 if sight == "silence" else 5
    assert seen(either, "crm.create_task", {**caller, **TASK}, timeout_s) == sight
    assert ops_in_time(either, caller, written) == written


def test_every_fault_has_a_test() -> None:
    assert {fault.partition(":")[0] for fault, _, _ in FAULTS} | FAULTS_WITH_TESTS_OF_THEIR_OWN == NAMES


def test_a_late_call_is_applied_after_the_client_left(either: Probe, caller: dict[str, Any]) -> None:
    plan(either, caller, "late_apply:0.8")
    assert seen(either, "mail.send_letter", {**caller, **LETTER}, timeout_s=0.1) == "silence"
    assert ops(either, caller) == []
    assert ops_in_time(either, caller, ["WRITE"]) == ["WRITE"]


def test_a_dripping_response_comes_a_byte_at_a_time(either: Probe, caller: dict[str, Any]) -> None:
    plan(either, caller, "slow_drip")
    connection = either.open_call("crm.create_task", {**caller, **TASK})
    response = connection.getresponse()
    begun = time.monotonic()
    assert len([response.read(1) for _ in range(4)]) == 4
    assert time.monotonic() - begun > 0.1
    connection.close()
    assert ops(either, caller) == ["WRITE"]


def test_faults_come_in_turn_and_look_ups_and_images_have_turns_of_their_own(
    server: Probe, caller: dict[str, Any]
) -> None:
    intent, task = caller["action_intent_id"], {**caller, **TASK, "opportunity_id": "006"}
    plans = {intent: ["http_400", "ok", "refuse"], f"lookup:{intent}": ["http_500_before"]}
    assert server.plan({**plans, f"image:{intent}": ["http_400"]}).status == 200
    assert [seen(server, "crm.find_task", task) for _ in range(2)] == ["500", "success"]
    assert [seen(server, "crm.get_opportunity", task) for _ in range(2)] == ["400", "success"]
    sights = [seen(server, "crm.create_task", task) for _ in range(4)]
    assert sights == ["400", "success", "REJECTED_BY_PROVIDER, not applied", "success"]
    calls = [call for call in server.calls() if call["action_intent_id"] == intent]
    assert [call["kind"] for call in calls] == ["lookup"] * 2 + ["image"] * 2 + ["write"] * 4
    assert [call["fault"] for call in calls[4:]] == ["http_400", "ok", "refuse", "ok"]
    assert len({call["arguments_sha256"] for call in calls}) == 1


@pytest.mark.parametrize("bad", [{"i": ["nonsense"]}, {"i": "ok"}, {"i": ["ok:1"]}, {"i": ["throttle:x"]}, []])
def test_a_bad_fault_plan_is_refused(server: Probe, bad: object) -> None:
    assert server.plan(bad).status == 400


def test_a_restart_keeps_objects_and_keys_and_drops_a_torn_line(tmp_path: Path, caller: dict[str, Any]) -> None:
    log, faults = tmp_path / "writes.jsonl", tmp_path / "faults.json"
    update, invoice = {**caller, "opportunity_id": "006", "stage": "WON"}, {**caller, **INVOICE}
    with running(log) as probe:
        first = only_ref(probe.call("payments.create_invoice", invoice).envelope)
        task = only_ref(probe.call("crm.create_task", {**caller, **TASK}).envelope)
        probe.call("crm.delete_task", {**caller, "object_id": task["object_id"]})
        probe.call("crm.update_opportunity", update)
    with log.open("a", encoding="utf-8") as torn:
        torn.write('{"seq":5,"op":"WR')
    faults.write_text(json.dumps({caller["action_intent_id"]: ["http_400"]}), encoding="utf-8")
    with running(log, "--faults", str(faults)) as probe:
        assert seen(probe, "payments.create_invoice", invoice) == "400"
        again = probe.call("payments.create_invoice", invoice).envelope
        assert (again["replayed"], only_ref(again)) == (True, first)
        assert state(probe, "crm.find_task", caller) == "NOT_HAPPENED"
        assert probe.call("crm.get_opportunity", update).envelope["image"]["version"] == 2
        served = probe.log()
    assert [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()] == served
    assert [line["seq"] for line in served] == [1, 2, 3, 4, 5]


def test_a_stopped_server_ends_within_a_second_though_a_call_hangs(tmp_path: Path, caller: dict[str, Any]) -> None:
    with running(tmp_path / "writes.jsonl") as probe:
        plan(probe, caller, "timeout")
        connection = probe.open_call("crm.create_task", {**caller, **TASK})
        assert [call["fault"] for call in probe.calls()] == ["timeout"]
        probe.process.send_signal(signal.SIGTERM)
        assert probe.process.wait(timeout=1) == 0
        connection.close()
