"""What a function's start imports: its module, and all that its container makes of it before the first event."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from scripts.package.checking import handlers_of_terraform
from tests.architecture.sources import PACKAGES, ROOT, parsed, python_files

START = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib
module, _, name = sys.argv[2].rpartition(".")
loaded = importlib.import_module(module)
if module == "entrypoints.steps":
    getattr(loaded, name).built()
elif module != "entrypoints.api.function":
    loaded._function()
print(*sys.modules)
"""
"""The function of the API asks for a secret when it is built, so that only its module is imported here."""

QUEUES = "https://sqs.eu-central-1.amazonaws.com/123456789012"
ENVIRONMENT = {
    "ACTONCE_TARGET": "aws",
    "ACTONCE_AWS_REGION": "eu-central-1",
    "ACTONCE_AWS_QUEUE_URL": f"{QUEUES}/work",
    "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": f"{QUEUES}/dead",
    "ACTONCE_AWS_BUS_NAME": "actonce",
    "ACTONCE_AWS_ARTIFACTS_BUCKET": "artifacts",
    "ACTONCE_AWS_HEADS_BUCKET": "heads",
    "ACTONCE_AWS_HEADS_KEY": "alias/heads",
    "ACTONCE_AWS_STATE_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:actonce",
}
CONSUMER = "entrypoints.consumer.handler"
TARGET = "entrypoints.gateway_target.handler"

# What a start must pay for where it is there. Others come along with these, which ones depends on what is installed.
WATCHED = frozenset(
    {
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "cryptography",
        "dependency_injector",
        "httpcore",
        "jsonschema",
        "jwt",
        "multiprocessing",
        "pybreaker",
        "pydantic",
        "referencing",
        "rfc8785",
        "rich",
        "s3transfer",
        "sqlite3",
        "tomllib",
        "typer",
        "waitress",
    }
)
EVERY = {"aws_lambda_powertools", "botocore", "dependency_injector", "pydantic", "rfc8785"}
CALLING = EVERY | {"pybreaker"}
THIRD_PARTIES = {
    CONSUMER: CALLING,
    TARGET: CALLING,
    "entrypoints.api.function.handler": EVERY,
    "entrypoints.ended.handler": CALLING,
    "entrypoints.relay.handler": EVERY,
    "entrypoints.sealer.handler": EVERY | {"cryptography"},
    "entrypoints.starter.handler": CALLING,
    "entrypoints.steps.compensate": CALLING,
    "entrypoints.steps.invoke": CALLING,
    "entrypoints.steps.map_tool": CALLING,
    "entrypoints.steps.reconcile": CALLING,
    "entrypoints.steps.record": EVERY,
    "entrypoints.steps.start": EVERY,
    "entrypoints.steps.validate": CALLING,
    "entrypoints.sweeper.handler": CALLING,
}
OWN_NOTES = {"breaker", "guarded", "health", "internal", "routing", "shares"}
REACHING_OUT = OWN_NOTES | {
    "addresses",
    "authorizing",
    "endpoint",
    "exchange",
    "fixed_headers",
    "passage",
    "resolving",
    "showing",
    "signing",
    "tokens",
}
BEARER = {"kind": "bearer", "token": {"secret": "token"}}
KINDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "mcp": (
        {"url": "https://mcp.example", "tools": ["crm."]},
        {"dressing", "event_stream", "mcp", "mcp_negotiating", "mcp_speaking", "mcp_table"},
    ),
    "salesforce": (
        {
            "instance_url": "https://crm.example",
            "auth": {
                "kind": "oauth_client_credentials",
                "token_url": "https://crm.example/token",
                "client_id": "me",
                "client_secret": {"secret": "client"},
            },
            "tools": ["salesforce."],
        },
        set(),
    ),
    "google_calendar": ({"calendar_id": "team@example.com", "auth": BEARER}, set()),
    "http": (
        {
            "url": "https://api.example",
            "system": "desk",
            "tools": {"desk.open": {"method": "POST", "path": "/tickets", "answers": {"applied": [201]}}},
        },
        set(),
    ),
}


@cache
def modules_of(handler: str, connectors: str = "{}") -> frozenset[str]:
    told = {"ACTONCE_GATEWAY_TARGET": json.dumps({"proof_secret": {"secret": "keys"}})} if handler == TARGET else {}
    done = subprocess.run(
        [sys.executable, "-I", "-c", START, str(ROOT), handler],
        cwd="/",
        env={"PATH": os.environ["PATH"], **ENVIRONMENT, **told, "ACTONCE_CONNECTORS": connectors},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.split())


def within(modules: frozenset[str], package: str) -> set[str]:
    return {it.removeprefix(f"{package}.") for it in modules if it.startswith(f"{package}.")}


def test_every_handler_has_its_third_parties_named_here() -> None:
    assert set(handlers_of_terraform()) == THIRD_PARTIES.keys()


@pytest.mark.parametrize("handler", THIRD_PARTIES)
def test_a_function_starts_with_no_third_party_but_those_it_uses(handler: str) -> None:
    assert {it.partition(".")[0] for it in modules_of(handler)} & WATCHED == THIRD_PARTIES[handler]


@pytest.mark.parametrize("handler", THIRD_PARTIES)
def test_a_function_without_connectors_knows_its_own_notes_at_most(handler: str) -> None:
    modules = modules_of(handler)

    expected = OWN_NOTES if "pybreaker" in THIRD_PARTIES[handler] else set()
    assert within(modules, "adapters.connectors") == expected
    assert within(modules, "entrypoints.settings") & KINDS.keys() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_of_the_connectors_only_the_kind_that_is_configured_is_imported(kind: str) -> None:
    table, parts = KINDS[kind]
    modules = modules_of(CONSUMER, json.dumps({"one": {"kind": kind, **table}}))

    assert within(modules, "entrypoints.settings") & KINDS.keys() == {kind}
    assert within(modules, "entrypoints.container") & KINDS.keys() == {kind}
    own = within(modules, "adapters.connectors") - REACHING_OUT
    assert kind in own
    assert {it for it in own if not it.startswith(kind)} <= parts


@pytest.mark.parametrize("handler", ["entrypoints.relay.handler", "entrypoints.steps.start"])
def test_a_function_that_calls_no_tool_makes_no_use_case_that_does(handler: str) -> None:
    assert {"execute", "invoke", "prepare", "reconcile"} & within(modules_of(handler), "core.usecases") == set()


def test_every_place_that_is_imported_late_is_there() -> None:
    places = {
        node.value
        for file in python_files("entrypoints")
        if "from entrypoints.late import" in file.read_text(encoding="utf-8")
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+", node.value)
    }

    assert len(places) > 50
    for place in sorted(places):
        module, _, name = place.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), place
