"""The archive of EventBridge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, code_of, trouble
from core.domain.errors import ConfigurationError
from ports.archive import Replay

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import DescribeArchiveResponseTypeDef


class EventBridgeArchive:
    """The archive port. Replayed events go to the bus that they came from, to every rule of it, marked as replayed."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        """Keep the client and the archive's name."""
        self._client = client
        self._name = name

    def replay(self, name: str, since_ms: int, before_ms: int) -> Replay:
        """Start it, or say how far the one of this name is."""
        archive = calling(self._found)
        try:
            answer = calling(
                self._client.start_replay,
                ReplayName=name,
                EventSourceArn=archive["ArchiveArn"],
                EventStartTime=_moment(since_ms),
                EventEndTime=_moment(before_ms),
                Destination={"Arn": archive["EventSourceArn"]},
            )
        except ClientError as error:
            if trouble(code_of(error)) is not Trouble.EXISTS:
                raise
            return Replay(name, calling(self._client.describe_replay, ReplayName=name)["State"], is_new=False)
        return Replay(name, answer["State"], is_new=True)

    def _found(self) -> DescribeArchiveResponseTypeDef:
        try:
            return self._client.describe_archive(ArchiveName=self._name)
        except self._client.exceptions.ResourceNotFoundException as error:
            raise ConfigurationError(f"There is no archive {self._name}.") from error


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
