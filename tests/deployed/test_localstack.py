"""LocalStack as these tests start it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.deployed import processes
from tests.deployed.enforcing import Emulator
from tests.deployed.lenient import told
from tests.deployed.site import until
from tests.emulators import localstack
from tests.emulators.chosen import chosen
from tests.emulators.server import answers, need

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def ours() -> None:
    """Start one only where LocalStack is asked for, and none beside somebody else's."""
    if chosen() != "localstack":
        pytest.skip("ACTONCE_EMULATOR is not localstack")
    if localstack.running():
        pytest.skip("LocalStack runs already; whoever started it ends it")
    need(localstack.missing())


def test_its_functions_run_here_and_nothing_of_it_is_left_when_its_block_ends() -> None:
    others = set(processes.found("DynamoDBLocal.jar"))
    with localstack.serve() as endpoint_url:
        port = str(urlsplit(endpoint_url).port)
        with told(Emulator("localstack", endpoint_url, ())) as function:
            assert function["reaches"]
            assert processes.found("localstack-lambda-", f"-{port}")
        engine = set(processes.found("DynamoDBLocal.jar")) - others
        assert engine
    assert not answers(endpoint_url)
    until(lambda: not engine & set(processes.found("DynamoDBLocal.jar")), "the engine to end", 20)
    assert not processes.found("localstack-lambda-", f"-{port}")
