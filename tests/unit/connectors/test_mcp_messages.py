from __future__ import annotations

import json

import pytest

from ports.wire.envelope import ImageEnvelope, LookUpEnvelope, ToolEnvelope, read, read_json
from ports.wire.mcp import RpcResponse, ToolCall, ToolResult, read_response
from tests.unit.connectors.peers import request_of


def test_finding_16_a_call_is_a_typed_message_that_carries_the_frozen_arguments_as_they_are() -> None:
    request = request_of(title="G\u00fcnther \U0001f600 \u2028", amount=1.10, big=2**53 - 1, nested={"a": [None, True]})
    text = ToolCall.carrying("id-1", "crm.create_task", request.arguments)
    assert request.arguments in text
    assert text.endswith(f'"arguments":{request.arguments}}}}}')
    call = ToolCall.model_validate_json(text)
    assert json.loads(text)["params"]["arguments"] == json.loads(request.arguments) == call.params.arguments
    assert (call.id, call.method, call.params.name) == ("id-1", "tools/call", "crm.create_task")
    meta = json.loads(text)["params"]["_meta"]
    assert meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"
    assert set(meta) == {
        f"io.modelcontextprotocol/{it}" for it in ("protocolVersion", "clientInfo", "clientCapabilities")
    }


def test_finding_26_the_id_stands_at_the_top_level() -> None:
    call = json.loads(ToolCall.carrying("id-1", "crm.create_task", "{}"))
    assert call["id"] == "id-1"
    assert "id" not in call["params"]


def test_finding_16_is_error_is_read_and_identity_is_not() -> None:
    body = {"jsonrpc": "2.0", "id": "a", "identity": {"tenant_id": "other"}, "result": {"isError": True, "content": []}}
    message = read_response(json.dumps(body))
    assert message is not None
    assert message.result is not None
    assert message.result.is_error
    fields = {*RpcResponse.model_fields, *ToolResult.model_fields, *ToolEnvelope.model_fields}
    assert not {name for name in fields if "tenant" in name or "account" in name or "identity" in name}


def test_a_number_is_not_a_text_and_a_text_is_not_a_number() -> None:
    numbered = read_response('{"jsonrpc":"2.0","id":1,"result":{}}')
    assert numbered is not None
    assert numbered.id == 1
    assert read_response('{"jsonrpc":"2.0","id":1.0,"result":{}}') is None
    assert read_response('{"jsonrpc":"2.0","id":true,"result":{}}') is None


@pytest.mark.parametrize("depth", [1, 31, 32])
def test_an_answer_may_be_nested_32_deep(depth: int) -> None:
    assert read_json("[" * depth + "]" * depth) is not None


@pytest.mark.parametrize("depth", [33, 1_000, 1_000_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_an_answer_nested_deeper_is_not_read(depth: int, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    with pytest.raises(ValueError, match="deep"):
        read_json(opening * depth + "1" + closing * depth)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a":1,"a":2}', "twice"),
        ("NaN", "number"),
        ("[Infinity]", "number"),
        ("{", "property name"),
        ("", "Expecting value"),
        ("1" * 5_000, "limit"),
    ],
)
def test_what_readers_would_understand_differently_is_not_read(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_json(text)


def test_look_up_and_image_envelopes_are_typed() -> None:
    assert read(LookUpEnvelope, {"success": True, "state": "HAPPENED"}) is not None
    assert read(LookUpEnvelope, {"success": True, "state": "MAYBE"}) is None
    assert read(LookUpEnvelope, {"success": True}) is None
    assert read(ImageEnvelope, {"success": True, "image": {"stage": "WON"}, "more": 1}) is not None
    assert read(ImageEnvelope, {"success": True, "image": "WON"}) is None
    assert read(ImageEnvelope, None) is None
