"""The door of a gateway's target: what it is told, what it parses, and that nothing is raised."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from adapters.connectors.google_calendar_events import ARGUMENTS, BadEventError, event_of
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Flaw,
    Happened,
    Hold,
    NotHappened,
    NotSent,
    ObjectRef,
    Refused,
    Unknown,
)
from core.domain.canonical import Json
from core.domain.contract import EffectContract
from core.domain.errors import ConfigurationError, ErrorClass
from core.usecases.serve import Image, Said
from entrypoints.gateway_target import GatewayTarget, envelope_of
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from entrypoints.schemas import drift
from entrypoints.settings.loading import CONNECTORS, GATEWAY_TARGET, load
from entrypoints.settings.mcp import McpSettings
from ports.wire.envelope import ImageEnvelope, LookUpEnvelope, ToolEnvelope, read
from scripts.gateway_tools import FOLDER, files
from scripts.gateway_tools import main as write_tools
from tests.architecture.sources import ROOT
from tests.providers.gateway import ClientContext, Context

REF = ObjectRef("crm", "task", "7", "https://crm.example/7")
SECRET_REF = {"env": "PROOF_KEYS"}


class Serving:
    """The use case as the door sees it."""

    def __init__(self, said: Said | Exception) -> None:
        self.said = said
        self.asked: list[tuple[str, Mapping[str, Json]]] = []

    def __call__(self, tool: str, arguments: Mapping[str, Json], *, left_ms: Callable[[], int]) -> Said:
        assert 0 < left_ms() <= 30_000
        self.asked.append((tool, arguments))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def a_target(said: Said | Exception) -> tuple[GatewayTarget, Serving]:
    serving = Serving(said)
    return GatewayTarget(serving, Remaining(), Meters("actonce", "actonce")), serving


def named(name: object) -> Context:
    return Context(ClientContext({"bedrockAgentCoreToolName": name}))  # type: ignore[dict-item]


def test_finding_25_the_tool_is_that_of_the_client_context_without_its_targets_prefix() -> None:
    target, serving = a_target(Applied((REF,)))
    said = target({"title": "Call them"}, named("my-crm___create_task"))
    assert serving.asked == [("my_crm.create_task", {"title": "Call them"})]
    assert said["success"] is True


@pytest.mark.parametrize("context", [named("crm"), named(7), named(None), Context(ClientContext({})), Context(None)])  # type: ignore[arg-type]
def test_an_invocation_that_names_no_tool_is_refused(context: Context) -> None:
    target, serving = a_target(Applied())
    said = target({}, context)
    assert (said["success"], said["not_applied"], said["error_code"]) == (False, True, "NO_TOOL")
    assert serving.asked == []


@pytest.mark.parametrize("event", [None, [], "text", 7])
def test_an_event_that_is_no_map_of_arguments_is_refused(event: object) -> None:
    target, serving = a_target(Applied())
    assert target(event, named("crm___create_task"))["not_applied"] is True
    assert serving.asked == []


def test_an_unforeseen_fault_is_doubt_and_shows_nothing_of_itself() -> None:
    target, _ = a_target(RuntimeError("canary-SECRET"))
    said = target({}, named("crm___create_task"))
    assert (said["success"], said["not_applied"]) == (False, False)
    assert "canary" not in json.dumps(said)


@pytest.mark.parametrize(
    ("answer", "success", "not_applied"),
    [
        (Applied((REF,), '{"id":"7"}', replayed=True), True, None),
        (Applied((REF,), "{}", flaw=Flaw.PARTIAL), False, False),
        (Applied((REF,), "{}", flaw=Flaw.CONTRADICTS), False, False),
        (Refused(ErrorClass.VALIDATION, "NO", "why", retryable=True, replayed=True), False, True),
        (NotSent(Hold.THROTTLED, "busy", 5_000), False, True),
        (NotSent(Hold.UNREACHABLE), False, True),
        (Unknown("lost", timed_out=True), False, False),
        (Unknown("lost"), False, False),
    ],
)
def test_an_answer_is_an_envelope_that_the_connector_reads(
    answer: Answer, success: bool, not_applied: bool | None
) -> None:
    envelope = read(ToolEnvelope, envelope_of(answer))
    assert envelope is not None
    assert (envelope.success, envelope.not_applied) == (success, not_applied)
    assert bool(envelope.refs) == isinstance(answer, Applied)


def test_a_response_that_is_too_long_is_left_out_and_the_answer_stands() -> None:
    assert envelope_of(Applied((), "x"))["response"] == "x"
    long = envelope_of(Applied((REF,), "x" * (1024 * 1024 + 1)))
    assert "response" not in long
    assert long["success"] is True


def test_a_finding_and_an_image_are_envelopes_that_the_connector_reads() -> None:
    findings: list[Finding] = [Happened((REF,), "{}"), NotHappened(), CannotTell("why", changed_otherwise=True)]
    read_back = [read(LookUpEnvelope, envelope_of(it)) for it in findings]
    assert [it.state for it in read_back if it is not None] == ["HAPPENED", "NOT_HAPPENED", "CANNOT_TELL"]
    assert read_back[2] is not None
    assert read_back[2].changed_otherwise
    image = read(ImageEnvelope, envelope_of(Image('{"v":1}')))
    assert image is not None
    assert image.image == {"v": 1}
    assert read(ImageEnvelope, envelope_of(Image(None))) is None


def told(**target: Any) -> Any:  # noqa: ANN401 - settings
    table = {"proof_secret": SECRET_REF, **target}
    return load(environment={GATEWAY_TARGET: json.dumps(table), "PROOF_KEYS": "keys"}).gateway_target


def test_a_target_is_told_its_keys_and_its_tools_contracts() -> None:
    target = told(effects={"crm.create_task": {"contract": "READ_BACK", "absence_proof_s": 60}})
    assert target.proof_secret.value.get_secret_value() == "keys"
    assert target.terms["crm.create_task"].absence_proof_ms == 60_000
    assert target.terms["internal.delete_task"].contract is EffectContract.CLIENT_ID
    assert load(environment={}).gateway_target is None


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"effects": {"crm.create_task": {"contract": "PROVIDER_KEY"}}}, "key_retention_s"),
        ({"effects": {"crm.create_task": {"contract": "OPAQUE", "key_retention_s": 7}}}, "key_retention_s"),
        ({"effects": {"crm.create_task": {"contract": "ONCE"}}}, "contract"),
        ({"effects": {"crm___create_task": {"contract": "OPAQUE"}}}, "effects"),
        ({"proof_secret": {}}, "proof_secret"),
        ({"stray": 1}, "stray"),
    ],
)
def test_a_target_that_is_told_nonsense_says_where(table: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        told(**table)


def test_a_proof_goes_to_a_gateway_only() -> None:
    table = {"kind": "mcp", "url": "https://g.example/mcp", "tools": ["crm."], "proof_secret": SECRET_REF}
    loaded = load(environment={CONNECTORS: json.dumps({"crm": {**table, "names": "gateway"}}), "PROOF_KEYS": "keys"})
    one = loaded.connectors["crm"]
    assert isinstance(one, McpSettings)
    assert one.proof_secret is not None
    assert one.proof_secret.value is not None
    with pytest.raises(ConfigurationError, match="names"):
        load(environment={CONNECTORS: json.dumps({"crm": table})})


def test_the_committed_tools_are_those_of_the_connectors() -> None:
    assert drift(FOLDER, files()) == []


def test_what_the_calendar_is_said_to_ask_for_is_what_it_asks_for() -> None:
    given: dict[str, Json] = {
        "title": "Renewal",
        "start": "2030-12-01",
        "end": "2030-12-02",
        "attendees": ["a@b.example"],
        "notes": "Bring tea",
    }
    assert given.keys() == ARGUMENTS.keys()
    for name, is_needed in ARGUMENTS.items():
        rest = {key: value for key, value in given.items() if key != name}
        if is_needed:
            with pytest.raises(BadEventError):
                event_of(rest, "a" * 64)
        else:
            assert event_of(rest, "a" * 64) != event_of(given, "a" * 64)


def test_the_tools_of_a_configured_api_are_written_with_the_places_of_their_requests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = str(ROOT / "examples" / "http_api" / "actonce.toml")
    options = ["--config", config, "--connector", "shop", "--target", "shop", "--kind", "quantity=integer"]
    assert write_tools(options) == 0
    said = capsys.readouterr()
    tools = {it["Name"]: it["InputSchema"]["Properties"] for it in json.loads(said.out)}
    assert tools["create_order"]["quantity"] == {"Type": "integer"}
    assert {"object_id", "quantity"} <= tools["update_order"].keys()
    assert "shop.send_letter is left out" in said.err
    assert "send_letter" not in tools
