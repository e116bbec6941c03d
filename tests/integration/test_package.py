"""The package of the functions, built for the running interpreter, and run by a new one that has nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from entrypoints.serving import event_of
from entrypoints.settings.loading import Overrides, load
from entrypoints.settings.variables import variable_of
from scripts.package.__main__ import Built, build
from scripts.package.checking import handlers_of_terraform
from scripts.package.contents import PAGE, PAGE_ENDINGS, ROOT
from scripts.package.target import native
from tests.emulators import clients
from tests.integration.aws_desk import an_aws_desk
from tests.integration.desk import event
from tests.integration.function_site import inserted, metrics, record_of

ALL = (
    "entrypoints.consumer.handler",
    "entrypoints.relay.handler",
    "entrypoints.sweeper.handler",
    "entrypoints.sealer.handler",
)

INVOKE = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, function = sys.argv[2].rpartition(".")
handler = getattr(importlib.import_module(module), function)
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "f", 512, "request-1"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:f"
    def get_remaining_time_in_millis(self):
        return 60_000
print(json.dumps(handler(json.load(sys.stdin), Context())), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(native(), tmp_path_factory.mktemp("package") / "functions.zip")


@pytest.fixture(scope="module")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Lambda has it: a library of machine code does not import out of an archive."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(built.archive) as opened:
        opened.extractall(folder)
    return folder


@dataclass
class Functions:
    """The functions of an installation on an emulator."""

    folder: Path
    environment: dict[str, str]
    endpoint_url: str

    def invoke(self, handler: str, event_: dict[str, Any]) -> tuple[Any, str]:
        """Return what the handler answers, and what it prints."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", INVOKE, str(self.folder), handler],
            input=json.dumps(event_),
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stderr), done.stdout

    def batch(self, *bodies: str) -> dict[str, Any]:
        url, sqs = self.environment[variable_of("queue_url")], clients.sqs(self.endpoint_url)
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], WaitTimeSeconds=2)
        return {"Records": [record_of(one) for one in answer["Messages"]]}

    def outbox(self) -> list[Any]:
        name = f"{self.environment[variable_of('table_prefix')]}outbox"
        return list(clients.dynamodb(self.endpoint_url).scan(TableName=name)["Items"])


@pytest.fixture
def functions(unpacked: Path, emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Functions:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    desk = an_aws_desk(tmp_path, emulator)
    aws = load(Overrides(config=desk.config), {}).aws
    given = {variable_of(name): value for name, value in aws if value is not None}
    kept = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    environment = {**kept, **given, "ACTONCE_TARGET": "aws", "ACTONCE_CONNECTORS": "{}"}
    return Functions(unpacked, environment | {"POWERTOOLS_SERVICE_NAME": "actonce-test"}, emulator)


def test_building_twice_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    again = build(native(), tmp_path / "again" / "functions.zip")
    assert again.sha256 == built.sha256
    assert again.was_imported


def test_finding_03_07_08_09_10_every_handler_of_terraform_is_in_the_package(built: Built) -> None:
    assert set(ALL) <= set(handlers_of_terraform())
    assert built.was_imported
    assert built.zipped < 17_000_000


def test_the_package_holds_bytecode_that_is_taken_for_good_and_nothing_of_the_command_line(built: Built) -> None:
    with zipfile.ZipFile(built.archive) as opened:
        names = opened.namelist()
        code = opened.read(f"entrypoints/__pycache__/consumer.{sys.implementation.cache_tag}.pyc")
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == sorted(names)
    # PEP 552: a hash instead of a date, and nobody looks at the source.
    assert int.from_bytes(code[4:8], "little") == 1
    tops = {name.partition("/")[0] for name in names}
    assert {"typer", "rich", "pip", "pytest", "mcp", "bin"} & tops == set()
    assert [
        name for name in names if name.startswith(("entrypoints/cli/", "adapters/sqlite/")) or "/tests/" in name
    ] == []
    services = {name.split("/")[2] for name in names if name.startswith("botocore/data/") and name.count("/") > 2}
    assert services == {"dynamodb", "events", "kms", "s3", "secretsmanager", "sqs", "stepfunctions", "sts"}


def test_the_page_is_in_the_package_as_it_is(built: Built) -> None:
    page = {f"{PAGE}/{it.name}": it.read_bytes() for it in (ROOT / PAGE).glob("*") if it.suffix in PAGE_ENDINGS}
    with zipfile.ZipFile(built.archive) as opened:
        found = {name: opened.read(name) for name in opened.namelist() if name.startswith(PAGE)}
    assert found == page


def test_the_api_answers_with_nothing_but_the_package(functions: Functions) -> None:
    functions.invoke(ALL[0], functions.batch(event(1)))
    claims = {"sub": "ada", "custom:tenant_id": "tenant-1", "custom:account_ids": '["account-1"]'}
    asked = event_of({"REQUEST_METHOD": "GET", "PATH_INFO": "/accounts/account-1/executions"}, claims)
    answer, printed = functions.invoke("entrypoints.api.function.handler", asked)
    (told,) = json.loads(answer["body"])["executions"]
    assert (answer["statusCode"], told["action_intent_id"], told["status"]) == (200, "intent-1", "SUCCEEDED")
    assert metrics(printed)["Answers", "2xx"] == [1]
    nobody = event_of({"REQUEST_METHOD": "GET", "PATH_INFO": "/accounts/account-1/executions"}, None)
    refused, _ = functions.invoke("entrypoints.api.function.handler", nobody)
    assert refused["statusCode"] == 401


def test_the_handlers_carry_out_publish_sweep_and_seal_with_nothing_but_the_package(functions: Functions) -> None:
    answer, printed = functions.invoke(ALL[0], functions.batch(event(1), "{"))
    assert answer == {"batchItemFailures": []}
    lines = [json.loads(line) for line in printed.splitlines()]
    told = {line["verdict"]: line for line in lines if line.get("message") == "handled"}
    assert told["acknowledged"]["status"] == "SUCCEEDED"
    assert told["dead_lettered"]["error_code"] == "INVALID_EVENT"
    assert {line["service"] for line in lines} == {"actonce-test"}
    assert {line["function_request_id"] for line in told.values()} == {"request-1"}
    assert metrics(printed)["Actions", "SUCCEEDED", "NONE"] == [1]

    (row,) = functions.outbox()
    answer, printed = functions.invoke(ALL[1], inserted([row]))
    assert answer == {"batchItemFailures": []}
    assert functions.outbox() == []
    assert metrics(printed)["SignalsPublished",] == [1]

    answer, printed = functions.invoke(ALL[2], {"source": "aws.events"})
    assert answer == {"published": 0, "swept": 0}
    found = metrics(printed)
    assert (found["DeadLetters",], found["InDoubt",], found["RelayAge",]) == ([1], [0], [0])

    answer, printed = functions.invoke(ALL[3], {"source": "aws.events"})
    # What happened today is not over yet.
    assert answer == {"sealed": 0, "troubled": 0}
    assert metrics(printed)["UnsealedAge",] == [0]
