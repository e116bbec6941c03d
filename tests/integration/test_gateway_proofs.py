"""A target behind a gateway trusts what its executor signed, and nothing else that comes with a call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.domain.answer import Applied, Refused
from core.domain.proof import PROOF
from tests.integration.gateway_site import KEYS, Site, a_request, a_target
from tests.unit.connectors.peers import OpenGate, RealClock


@pytest.fixture
def site(gateway_site: Site) -> Site:
    return gateway_site


def without_proof(arguments: dict[str, Any]) -> dict[str, Any]:
    del arguments[PROOF]
    return arguments


def another_address(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments | {"address": "2 Low Road"}


def another_tenant(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments | {"tenant_id": "tenant-2"}


def another_key(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments | {"idempotency_key": "0" * 64}


def one_more(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments | {"express": True}


def another_mac(arguments: dict[str, Any]) -> dict[str, Any]:
    head, _, mac = arguments[PROOF].rpartition(".")
    return arguments | {PROOF: f"{head}.{mac[::-1]}"}


@pytest.mark.parametrize(
    "tampers", [without_proof, another_address, another_tenant, another_key, one_more, another_mac]
)
def test_what_the_proof_does_not_say_is_refused_and_nothing_is_written(
    site: Site, tampers: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    site.gateway.tampers = tampers
    answer = site.connector().call(a_request(), OpenGate(), None)
    assert isinstance(answer, Refused)
    assert (answer.error_class.value, answer.code, answer.retryable) == ("AUTH", "NOT_PROVED", False)
    assert (site.wrote(), site.shop.asked(), site.records.kept) == ([], 0, 0)


def test_a_proof_is_good_for_its_own_tool_and_tenant_only(site: Site) -> None:
    assert isinstance(site.connector().call(a_request(), OpenGate(), None), Applied)
    proof = site.gateway.asked[0][1][PROOF]
    site.gateway.tampers = lambda it: it | {PROOF: proof}
    for other in (
        a_request(tenant="tenant-2"),
        a_request("shop.cancel_shipment", object_id="7"),
        a_request(address="x"),
    ):
        answer = site.connector().call(other, OpenGate(), None)
        assert isinstance(answer, Refused)
        assert answer.code == "NOT_PROVED"
    assert site.wrote() == ["create shipments"]


class LateClock(RealClock):
    """Of an executor whose calls arrive long after they were signed."""

    def now_ms(self) -> int:
        return super().now_ms() - 60_000


def test_an_expired_proof_writes_nothing_and_a_fresh_one_does(site: Site) -> None:
    answer = site.connector(clock=LateClock()).call(a_request(), OpenGate(), None)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.retryable) == ("CALL_WINDOW_PASSED", True)
    assert site.shop.asked() == 0
    assert isinstance(site.connector().call(a_request(), OpenGate(), None), Applied)
    assert site.wrote() == ["create shipments"]


def test_an_expired_proof_of_a_call_that_was_made_is_answered_with_what_is_known(site: Site) -> None:
    assert isinstance(site.connector().call(a_request(), OpenGate(), None), Applied)
    late = site.connector(clock=LateClock()).call(a_request(), OpenGate(), None)
    assert isinstance(late, Applied)
    assert late.replayed


def test_keys_are_rotated_without_a_call_that_is_refused(site: Site) -> None:
    old, new = "k1", "k2"
    texts = {old: "one-shared-secret-of-32-bytes-or-more", new: "another-shared-secret-of-32-bytes-or-more"}
    both = {signing: json.dumps({"signing": signing, "keys": texts}) for signing in texts}
    alone = json.dumps({"signing": new, "keys": {new: texts[new]}})
    for number, (target, executor) in enumerate([(both[old], KEYS), (both[old], both[new]), (alone, both[new])]):
        site.gateway.handler = a_target(site.folder, site.environment, site.records, target)
        answer = site.connector(keys=executor).call(a_request(address=f"{number} High Street"), OpenGate(), None)
        assert isinstance(answer, Applied), number
    answer = site.connector(keys=KEYS).call(a_request(address="The end"), OpenGate(), None)
    assert isinstance(answer, Refused)
    assert len(site.wrote()) == 3
