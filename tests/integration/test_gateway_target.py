"""The executor, a gateway and a target of ours: whatever befalls a call, the shop's own log shows one write at most."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapters.aws.schema import TABLES, definition
from adapters.aws.tables import EFFECTS
from core.domain.answer import Answer, Applied, Refused, Unknown
from core.domain.proof import PROOF
from core.domain.timing import Timing
from entrypoints.gateway_target import built
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from tests.emulators import clients
from tests.integration.gateway_site import BY_KEY, KEYS, TOKEN, Site, a_request
from tests.unit.connectors.peers import OpenGate

SHIP = ("SHIP", "shop.ship")
LETTER = ("SEND_LETTER", "shop.send_letter")
LOOKED_UP: Mapping[str, Any] = {"contract": "CLIENT_ID", "look_up_tool": "shop.ship"}


@pytest.fixture
def site(gateway_site: Site) -> Site:
    return gateway_site


@pytest.mark.parametrize("wraps", [False, True])
def test_finding_25_an_action_is_carried_out_through_a_gateway_by_a_target_of_ours(site: Site, wraps: bool) -> None:
    site.gateway.wraps = wraps
    outcome = site.ran(site.executor(*SHIP, LOOKED_UP, "address"), "SHIP", address="1 High Street")
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "RESPONSE")
    assert site.wrote() == ["create shipments"]
    ((name, arguments),) = site.gateway.asked
    assert name == "shop___ship"
    assert arguments.keys() == {
        "address",
        "tenant_id",
        "account_id",
        "action_intent_id",
        "idempotency_key",
        PROOF,
    }
    (ref,) = outcome["external_object_refs"]
    assert (ref["system"], ref["object_id"]) == ("shop", arguments["idempotency_key"])


def test_finding_26_every_answer_of_the_gateway_is_for_the_id_that_was_sent(site: Site) -> None:
    request = a_request()
    answer = site.connector().call(request, OpenGate(), None)
    assert isinstance(answer, Applied)
    assert json.loads(answer.response)["id"] == request.effect_key


def test_finding_25_a_lost_reply_is_replayed_even_of_a_tool_that_nothing_tells_of(site: Site) -> None:
    site.gateway.faults.append("drop_reply")
    outcome = site.ran(site.executor(*LETTER, BY_KEY, "text"), "SEND_LETTER", text="Dear")
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "KEY_REPLAY")
    assert site.wrote() == ["create letters"]


def test_finding_25_a_target_that_dies_after_an_opaque_write_never_writes_again_and_nobody_says_it_failed(
    site: Site,
) -> None:
    site.records.dies_before.add(2)
    outcome = site.ran(site.executor(*LETTER, BY_KEY, "text"), "SEND_LETTER", text="Dear")
    assert outcome["status"] == "IN_DOUBT"
    assert site.wrote() == ["create letters"]
    assert len(site.gateway.asked) > 1


@pytest.mark.parametrize("effect", [LOOKED_UP, BY_KEY])
def test_finding_25_a_target_that_dies_after_a_write_that_can_be_looked_up_is_settled(
    site: Site, effect: Mapping[str, Any]
) -> None:
    site.records.dies_before.add(2)
    outcome = site.ran(site.executor(*SHIP, effect, "address"), "SHIP", address="1 High Street")
    evidence = "READ_BACK" if effect is LOOKED_UP else "KEY_REPLAY"
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", evidence)
    assert site.wrote() == ["create shipments"]


def test_finding_25_a_target_that_dies_after_a_write_by_key_sends_again_under_that_key(site: Site) -> None:
    site.records.dies_before.add(2)
    desk = site.executor("CREATE_INVOICE", "shop.create_invoice", BY_KEY, "amount", "currency")
    outcome = site.ran(desk, "CREATE_INVOICE", amount=100, currency="EUR")
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "KEY_REPLAY")
    assert site.wrote() == ["create invoices"]
    assert site.shop.asked() == 2


def test_finding_25_a_target_that_dies_between_its_record_and_its_call_looks_and_then_writes_once(site: Site) -> None:
    site.records.dies_after.add(1)
    outcome = site.ran(site.executor(*SHIP, BY_KEY, "address"), "SHIP", address="1 High Street")
    assert outcome["status"] == "SUCCEEDED"
    assert site.wrote() == ["create shipments"]


@pytest.mark.parametrize("action", [SHIP, LETTER])
def test_finding_25_of_two_invocations_at_once_one_writes(site: Site, action: tuple[str, str]) -> None:
    site.gateway.faults.append("twice")
    parameter = "address" if action is SHIP else "text"
    outcome = site.ran(site.executor(*action, BY_KEY, parameter), action[0], **{parameter: "1 High Street"})
    assert outcome["status"] == "SUCCEEDED"
    assert len(site.wrote()) == 1


def test_finding_25_many_calls_at_once_write_once_and_none_says_that_nothing_was_written(site: Site) -> None:
    request = a_request("shop.send_letter", text="Dear")

    def call(_: int) -> Answer:
        return site.connector().call(request, OpenGate(), None)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(call, range(12)))
    assert site.wrote() == ["create letters"]
    assert {type(it) for it in answers} <= {Applied, Unknown}
    assert any(isinstance(it, Applied) and not it.replayed for it in answers)


def test_a_call_whose_first_is_under_way_is_told_at_once_that_nobody_knows(site: Site) -> None:
    site.shop.fail("late_reply", seconds=6)
    request = a_request("shop.send_letter", text="Dear", timeout_ms=20_000)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(site.connector().call, request, OpenGate(), None)
        while not site.wrote():
            pass
        second = site.connector().call(request, OpenGate(), None)
        assert not first.done()
        assert isinstance(second, Unknown)
        assert isinstance(first.result(), Applied)
    third = site.connector().call(request, OpenGate(), None)
    assert isinstance(third, Applied)
    assert third.replayed
    assert site.wrote() == ["create letters"]


def test_the_inner_call_is_given_up_before_the_executor_stops_waiting(site: Site) -> None:
    site.shop.fail("silence_after")
    answer = site.connector().call(a_request("shop.send_letter", text="Dear"), OpenGate(), None)
    # Had the executor stopped waiting first, it would be its own words.
    assert isinstance(answer, Unknown)
    assert "UNKNOWN_OUTCOME" in answer.reason
    assert site.wrote() == ["create letters"]


def test_what_the_shop_refuses_is_refused_for_the_executor_and_once_more_the_same(site: Site) -> None:
    site.shop.fail("refuse")
    request = a_request()
    first = site.connector().call(request, OpenGate(), None)
    again = site.connector().call(request, OpenGate(), None)
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert (first.code, first.retryable, first.replayed) == ("HTTP_422", False, False)
    assert (again.code, again.retryable, again.replayed) == ("HTTP_422", False, True)
    assert (site.wrote(), site.shop.asked()) == ([], 1)


def test_an_update_reads_its_before_image_through_the_gateway_and_is_looked_up_there(site: Site) -> None:
    order = site.shop.people(do="make", type="order")["id"]
    effect = {
        "contract": "READ_BACK",
        "look_up_tool": "shop.update_order",
        "before_tool": "shop.update_order",
        "settle_delay_s": 0.1,
    }
    desk = site.executor("CHANGE_ORDER", "shop.update_order", effect, "object_id", "quantity")
    site.gateway.faults += ["", "drop_reply"]
    outcome = site.ran(desk, "CHANGE_ORDER", object_id=order, quantity=7)
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert site.wrote() == ["update orders"]


def test_a_tool_that_only_reads_is_asked_again_and_leaves_no_record(site: Site) -> None:
    for _ in range(2):
        answer = site.connector().call(a_request("http.call", query="acme"), OpenGate(), None)
        assert isinstance(answer, Applied)
        assert not answer.replayed
        assert "News about acme" in answer.response
    assert site.records.kept == 0


def test_no_answer_shows_what_is_secret(site: Site) -> None:
    site.shop.fail("echo")
    answer = site.connector().call(a_request(), OpenGate(), None)
    assert isinstance(answer, Refused)
    assert TOKEN not in repr(answer)


@pytest.mark.usefixtures("moto")
def test_finding_25_the_function_works_on_dynamodb_as_its_environment_says(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    dynamodb, secrets = clients.dynamodb(None), clients.secretsmanager(None)
    for table in TABLES:
        dynamodb.create_table(**definition(table, "actonce-"))
    secrets.create_secret(Name="actonce/proof", SecretString=KEYS)
    for name, value in {
        "ACTONCE_TARGET": "aws",
        "ACTONCE_AWS_REGION": clients.REGION,
        "ACTONCE_CONNECTORS": json.dumps({"ours": {"kind": "internal"}}),
        "ACTONCE_GATEWAY_TARGET": json.dumps({"proof_secret": {"secret": "actonce/proof"}}),
    }.items():
        monkeypatch.setenv(name, value)
    site.gateway.handler = built(Meters("actonce", "actonce"), Remaining())
    request = a_request("internal.create_note", content="Call them", timeout_ms=20_000)
    connector = site.connector(max_skew_ms=Timing().max_skew_ms)

    first = connector.call(request, OpenGate(), None)
    again = connector.call(request, OpenGate(), None)

    assert isinstance(first, Applied)
    assert isinstance(again, Applied)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.refs == again.refs
    (row,) = dynamodb.scan(TableName=f"actonce-{EFFECTS}")["Items"]
    assert row["pk"]["S"] == "TENANT#tenant-1#ACCOUNT#account-1"
    assert row["sk"]["S"] == f"GATEWAY_TARGET#internal.create_note#{request.effect_key}"
