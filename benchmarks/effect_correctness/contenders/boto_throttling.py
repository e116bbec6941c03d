"""A boto3 client whose service answers that it is throttled, as long as the store of a trial is."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from benchmarks.effect_correctness.trial import Marks

REGION = "eu-central-1"
TRIES = 10
"""More than a throttled store of a trial refuses; the default of some clients is not."""

SESSION = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing", "region_name": REGION}


class _Raw:
    """The body of an answer, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def throttled_client(service: str, endpoint: str, marks: Marks, *, status: int, error: str) -> Any:  # noqa: ANN401
    """Return a client of a service at an endpoint of this host; botocore repeats a throttled call by itself."""
    retries = {"mode": "standard", "total_max_attempts": TRIES}
    config = import_module("botocore.config").Config(retries=retries)
    client = import_module("boto3").client(service, endpoint_url=endpoint, config=config, **SESSION)
    answer = import_module("botocore.awsrequest").AWSResponse

    def refuse(request: Any, **_: object) -> object:  # noqa: ANN401 - botocore's request
        if not marks.is_refused():
            return None
        headers = {"x-amzn-errortype": error, "content-type": "application/x-amz-json-1.0"}
        return answer(request.url, status, headers, _Raw(b'{"__type": "%s", "message": "slow down"}' % error.encode()))

    client.meta.events.register(f"before-send.{service}", refuse)
    return client
