"""How a call is dressed for a gateway: its name there, and a proof that is made anew for each call."""

from __future__ import annotations

import json

import pytest

from adapters.connectors.authorizing import NotReadyError
from adapters.connectors.dressing import AS_IT_IS, Asking, GatewayNames, Proving
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.memory.clock import FakeClock
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.admission import admit
from core.domain.answer import CannotTell, Hold, NotSent
from core.domain.canonical import text_digest
from core.domain.errors import StoreUnavailableError
from core.domain.proof import PROOF, Asks, proved, read_keyring
from tests.unit.connectors.peers import OpenGate, RealClock, request_of
from tests.unit.making import NOW_MS

KEYS = json.dumps({"signing": "k1", "keys": {"k1": "one-shared-secret-of-32-bytes-or-more"}})
SKEW_MS = 200


def away() -> str:
    raise StoreUnavailableError("The secret could not be read.")


def test_a_call_is_sent_as_it_was_frozen_where_nothing_else_is_wanted() -> None:
    request = request_of()
    asking = Asking(request, Asks.CALL, request.tool, request.arguments)
    assert AS_IT_IS.dressed(asking) == (request.tool, request.arguments)


def test_a_proof_is_added_to_what_was_frozen_and_ends_with_the_call() -> None:
    request = request_of()
    clock = FakeClock(NOW_MS)
    proving = GatewayNames(Proving(SecretProofKeys(lambda: KEYS), clock, SKEW_MS))

    tool, arguments = proving.dressed(Asking(request, Asks.CALL, request.tool, request.arguments))

    sent = json.loads(arguments)
    proof = proved(sent[PROOF], read_keyring(KEYS))
    assert tool == request.tool.replace(".", "___", 1)
    assert {name: value for name, value in sent.items() if name != PROOF} == json.loads(request.arguments)
    assert (proof.key, proof.effect_key, proof.asks) == (request.key, request.effect_key, Asks.CALL)
    assert (proof.timeout_ms, proof.expires_ms) == (request.timeout_ms, NOW_MS + request.timeout_ms + SKEW_MS)
    assert text_digest(request.arguments) == request.sha256
    assert admit(request.tool, sent, read_keyring(KEYS)).key == request.key


def test_a_later_call_has_a_later_proof() -> None:
    request = request_of()
    clock = FakeClock(NOW_MS)
    proving = Proving(SecretProofKeys(lambda: KEYS), clock, SKEW_MS)
    asking = Asking(request, Asks.CALL, request.tool, request.arguments)
    first = proving.dressed(asking)
    clock.advance(1)
    assert proving.dressed(asking) != first


def test_without_keys_nothing_is_sent() -> None:
    request = request_of(look_up="crm.find_task")
    proving = Proving(SecretProofKeys(away), FakeClock(NOW_MS), SKEW_MS)
    with pytest.raises(NotReadyError, match="could not be read"):
        proving.dressed(Asking(request, Asks.CALL, request.tool, request.arguments))

    connector = McpConnector(Exchange(Endpoint("http://127.0.0.1:9/mcp"), RealClock()), RealClock(), dressing=proving)
    gate = OpenGate()
    answer = connector.call(request, gate, None)
    assert isinstance(answer, NotSent)
    assert (answer.hold, gate.asked) == (Hold.NOT_READY, 0)
    assert isinstance(connector.look_up(request, None), CannotTell)
