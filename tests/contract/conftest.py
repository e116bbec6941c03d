from collections.abc import Iterator
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
        with aws_services(request.getfixturevalue(request.param)) as on_aws:
            yield on_aws
    else:
        with BACKENDS[request.param](tmp_path) as opened:
            yield opened


@pytest.fixture(params=EMULATED)
def aws(request: pytest.FixtureRequest) -> Iterator[AwsServices]:
    with aws_services(request.getfixturevalue(request.param)) as opened:
        yield opened
