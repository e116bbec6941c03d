from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.contract.aws_backends import AwsServices, aws_services
from tests.contract.backends import BACKENDS, Backend
from tests.contract.dynamo import made, stores
from tests.contract.services import Services
from tests.emulators import clients
from tests.emulators.chosen import chosen

MANY = 101
"""More than DynamoDB gives in one batch; moto copies its table for every transaction, so not many more."""

EMULATED = ("moto", chosen())
TICKS_S = {"localstack": 1.1}
"""What a queue's clock moves by, where that is not at once."""

DYNAMO = (*EMULATED, "dynamodb_local")


@pytest.fixture(params=[*BACKENDS, *(pytest.param(name, marks=pytest.mark.service) for name in DYNAMO)])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param in DYNAMO:
        client = clients.dynamodb(request.getfixturevalue(request.param))
        with made(client) as tables:
            yield stores(tables, many=MANY)
    else:
        with BACKENDS[request.param](tmp_path) as opened:
            yield opened


@pytest.fixture(params=["memory", "sqlite", *EMULATED])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    """Queues and buckets are asked apart from the stores: DynamoDB Local has neither."""
    if request.param in EMULATED:
        with on_emulator(request) as on_aws:
            yield on_aws
    else:
        with BACKENDS[request.param](tmp_path) as opened:
            yield opened


@pytest.fixture(params=EMULATED)
def aws(request: pytest.FixtureRequest) -> Iterator[AwsServices]:
    with on_emulator(request) as opened:
        yield opened


def on_emulator(request: pytest.FixtureRequest) -> AbstractContextManager[AwsServices]:
    return aws_services(request.getfixturevalue(request.param), tick_s=TICKS_S.get(request.param, 0.0))
