"""The checkup of AWS: credentials, tables, queues, bus and bucket, each by a read that changes nothing."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from adapters.aws.faults import calling, code_of
from adapters.aws.opening import open_client
from adapters.aws.schema import TABLES
from adapters.aws.session import Aws, Patience
from core.domain.errors import ExecutionError
from core.domain.making import dataclass
from ports.checkup import Part

PATIENCE = Patience(connect_s=2.0, read_s=5.0, tries=2)
ACTIVE = "ACTIVE"
LEAST_RECEIVES = 100
"""Every wait for a store that is away, and for an intent that is not there yet, is a receive of SQS."""

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts are called; None is for what is not configured."""

    table_prefix: str
    queue_url: str | None
    dead_letter_queue_url: str | None
    bus_name: str | None
    artifacts_bucket: str | None


class AwsCheckup:
    """The checkup port."""

    def __init__(self, session: Aws, names: Names) -> None:
        """Keep where to look."""
        self._session = session
        self._names = names

    def parts(self) -> Iterator[Part]:
        """Yield every part; one that is not configured is a fault too."""
        yield self._part("credentials", "sts", "", lambda client, _: _caller(calling(client.get_caller_identity)))
        for table in TABLES:
            yield self._part("table", "dynamodb", f"{self._names.table_prefix}{table.name}", _table)
        yield self._part("queue", "sqs", self._names.queue_url, _work_queue)
        yield self._part("dead-letter queue", "sqs", self._names.dead_letter_queue_url, _queue)
        yield self._part("bus", "events", self._names.bus_name, _bus)
        yield self._part("bucket", "s3", self._names.artifacts_bucket, _bucket)

    def _part(self, what: str, service: str, name: str | None, look: Callable[[Any, str], str]) -> Part:
        if name is None:
            return Part(what, "", "it is not configured")
        try:
            return Part(what, look(open_client(self._session, service, PATIENCE), name))
        except _OddError as odd:
            return Part(what, name, str(odd))
        except ClientError as error:
            return Part(what, name, f"the answer was {code_of(error)}")
        except ExecutionError as error:
            return Part(what, name, error.message)


class _OddError(Exception):
    """It is there, and not as it should be."""


def _caller(answer: Answer) -> str:
    return str(answer["Arn"])


def _table(client: Any, name: str) -> str:  # noqa: ANN401 - botocore builds a class per service
    table: Answer = calling(client.describe_table, TableName=name)["Table"]
    states = {name: table["TableStatus"]}
    states |= {it["IndexName"]: it.get("IndexStatus", ACTIVE) for it in table.get("GlobalSecondaryIndexes", ())}
    for one, state in states.items():
        if state != ACTIVE:
            raise _OddError(f"{one} is {state}")
    return name


def _queue(client: Any, url: str) -> str:  # noqa: ANN401 - botocore builds a class per service
    wanted = ["QueueArn", "ApproximateNumberOfMessages"]
    attributes: Answer = calling(client.get_queue_attributes, QueueUrl=url, AttributeNames=wanted)["Attributes"]
    return f"{attributes['QueueArn']}, some {attributes['ApproximateNumberOfMessages']} messages"


def _work_queue(client: Any, url: str) -> str:  # noqa: ANN401 - botocore builds a class per service
    found = _queue(client, url)
    attributes: Answer = calling(client.get_queue_attributes, QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(attributes.get("Attributes", {}).get("RedrivePolicy", "{}"))
    receives = int(policy.get("maxReceiveCount", LEAST_RECEIVES))
    if receives < LEAST_RECEIVES:
        raise _OddError(f"maxReceiveCount is {receives}: give it {LEAST_RECEIVES}, for putting back counts as well")
    return found


def _bus(client: Any, name: str) -> str:  # noqa: ANN401 - botocore builds a class per service
    return str(calling(client.describe_event_bus, Name=name)["Name"])


def _bucket(client: Any, name: str) -> str:  # noqa: ANN401 - botocore builds a class per service
    calling(client.head_bucket, Bucket=name)
    return name
