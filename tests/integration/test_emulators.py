from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulators import clients, dynamodb_local, ministack
from tests.emulators.server import DidNotStart, answers, need, served

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ENGINES = (
    pytest.param("dynamodb_local", marks=pytest.mark.service),
    pytest.param("ministack", marks=pytest.mark.service),
    "moto",
)
SERVERS = {"dynamodb_local": dynamodb_local, "ministack": ministack}
OLD = {"pk": {"S": "a"}, "kept": {"S": "first"}}
NEW = {"pk": {"S": "a"}, "kept": {"S": "second"}}


@pytest.fixture(params=ENGINES)
def client(request: pytest.FixtureRequest) -> Iterator[DynamoDBClient]:
    made = clients.dynamodb(request.getfixturevalue(request.param))
    yield made
    made.close()


@pytest.fixture
def table(client: DynamoDBClient) -> str:
    """Make a table that holds OLD."""
    name = f"t-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName=name, Item=OLD, ConditionExpression="attribute_not_exists(pk)")
    return name


@contextmanager
def refused() -> Iterator[Callable[[], dict[str, Any]]]:
    """Yield what gives the error response afterwards."""
    with pytest.raises(ClientError) as caught:
        yield lambda: {**caught.value.response}


def test_a_refused_put_returns_the_item_that_stands(client: DynamoDBClient, table: str) -> None:
    with refused() as response:
        client.put_item(
            TableName=table,
            Item=NEW,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    assert response()["Error"]["Code"] == "ConditionalCheckFailedException"
    assert response()["Item"] == OLD
    assert client.get_item(TableName=table, Key={"pk": {"S": "a"}}, ConsistentRead=True)["Item"] == OLD


def test_a_refused_transaction_returns_the_item_that_stands_and_writes_nothing(
    client: DynamoDBClient, table: str
) -> None:
    with refused() as response:
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": {"pk": {"S": "b"}}}},
                {
                    "Put": {
                        "TableName": table,
                        "Item": NEW,
                        "ConditionExpression": "attribute_not_exists(pk)",
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
            ]
        )

    assert response()["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in response()["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert response()["CancellationReasons"][1]["Item"] == OLD
    assert client.scan(TableName=table)["Items"] == [OLD]


@pytest.mark.service
@pytest.mark.parametrize("name", SERVERS)
def test_an_emulator_is_gone_when_its_block_ends(name: str) -> None:
    need(SERVERS[name].missing())
    with SERVERS[name].serve() as endpoint_url:
        assert answers(endpoint_url)

    assert not answers(endpoint_url)


def test_an_emulator_that_does_not_start_shows_its_log() -> None:
    with pytest.raises(DidNotStart, match="no such option"), served(lambda _: ["sh", "-c", "echo no such option"]):
        pytest.fail("it never answered")


def test_a_missing_emulator_skips_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="Java is missing"):
        need("Java is missing")


def test_a_missing_emulator_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="Java is missing"):
        need("Java is missing")


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ("", 0),
        ('openjdk version "1.8.0_412"\n', 1),
        ('openjdk version "17.0.15" 2025-04-15\n', 17),
        ('java version "21"', 21),
    ],
)
def test_the_major_version_of_java_is_read(said: str, major: int) -> None:
    assert dynamodb_local.major_version(said) == major


def test_nothing_is_said_of_an_emulator_that_is_there() -> None:
    need(None)


@pytest.mark.service
def test_a_failed_function_on_ministack_names_its_exception(ministack: str) -> None:
    functions = clients.session().client("lambda", endpoint_url=ministack, config=clients.config())
    name = f"f-{uuid.uuid4().hex}"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="broken.handler",
        Code={
            "ZipFile": zipped("broken.py", "class Broken(Exception): ...\ndef handler(event, _): raise Broken('no')")
        },
    )

    answer = json.load(functions.invoke(FunctionName=name)["Payload"])

    assert (answer["errorType"], answer["errorMessage"]) == ("Broken", "no")


def zipped(name: str, text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, text)
    return stream.getvalue()
