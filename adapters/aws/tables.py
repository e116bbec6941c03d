"""The DynamoDB tables, and the few ways in which they are read and written."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, trouble, unavailable
from adapters.aws.writes import CancelledError, Condition, ConditionFailedError, Item, Update, Write
from core.domain.canonical import text_digest
from core.domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        PutItemInputTypeDef,
        PutTypeDef,
        QueryInputTypeDef,
        ScanInputTypeDef,
        TransactGetItemTypeDef,
        TransactWriteItemTypeDef,
        UpdateTypeDef,
        WriteRequestTypeDef,
    )

T = TypeVar("T")

ATTEMPTS = "attempts"
OUTCOMES = "outcomes"
INTENTS = "intents"
EFFECTS = "external-write-dedupe"
LEDGER = "ledger"
OUTBOX = "outbox"
TENANTS = "tenants"
REGISTRY = "action-type-registry"
OBJECTS = "internal-objects"

# What another transaction holds is free again in milliseconds; a throttled partition takes longer. Botocore waits for
# whole calls that were throttled, but it does not look into the reasons of a cancelled transaction.
WAITS_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
TOKEN_LENGTH = 36
BATCH = 25
GET_BATCH = 100


class Tables:
    """The tables of one installation, which share a prefix."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        """Keep the client, which is built once for the process."""
        self.client = client
        self._prefix = prefix

    def name(self, table: str) -> str:
        """Return the whole name of a table."""
        return f"{self._prefix}{table}"

    def through(self, client: DynamoDBClient) -> Tables:
        """Return the same tables through another client."""
        return Tables(client, self._prefix)

    def get(self, table: str, key: Item) -> Item | None:
        """Return a row by a strongly consistent read."""
        found = calling(self.client.get_item, TableName=self.name(table), Key=key, ConsistentRead=True)
        return found.get("Item")

    def put(self, table: str, item: Item, condition: Condition | None = None) -> None:
        """Write one row.

        Raises:
            ConditionFailedError: nothing was written; carries the row that is there.
        """
        request: PutItemInputTypeDef = {"TableName": self.name(table), "Item": item}
        if condition is not None:
            request["ConditionExpression"] = condition.expression
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            if condition.names:
                request["ExpressionAttributeNames"] = condition.names
                request["ExpressionAttributeValues"] = condition.values
        try:
            calling(self.client.put_item, **request)
        except ClientError as error:
            raise ConditionFailedError(_row(error.response)) from error

    def query(self, request: QueryInputTypeDef, *, most: int | None = None) -> Iterator[Item]:
        """Yield the rows of a query, page after page, ``most`` of them at most."""
        left = most
        while True:
            page = calling(self.client.query, **request)
            for item in page["Items"]:
                if left == 0:
                    return
                left = None if left is None else left - 1
                yield item
            if "LastEvaluatedKey" not in page or left == 0:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def scan(
        self, table: str, attributes: Sequence[str] = (), *, most: int | None = None, index: str | None = None
    ) -> Iterator[Item]:
        """Yield every row of a table, with these attributes (all of them where none is named).

        Strongly read; those of an index, where one is named, cannot be.
        """
        request: ScanInputTypeDef = {"TableName": self.name(table), "ConsistentRead": index is None}
        if index is not None:
            request["IndexName"] = index
        if attributes:
            names = {f"#a{place}": name for place, name in enumerate(attributes)}
            request["ProjectionExpression"] = ", ".join(names)
            request["ExpressionAttributeNames"] = names
        left = most
        while left is None or left > 0:
            if left is not None:
                request["Limit"] = left
            page = calling(self.client.scan, **request)
            yield from page["Items"]
            left = None if left is None else left - len(page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def snapshot(self, keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
        """Return rows as they all stand at one moment, None for each that is not there."""
        gets: list[TransactGetItemTypeDef] = [
            {"Get": {"TableName": self.name(table), "Key": key}} for table, key in keys
        ]
        for wait_s in (*WAITS_S, None):
            try:
                found = calling(self.client.transact_get_items, TransactItems=gets)
            except ClientError as error:
                _wait_or_give_up(error, wait_s)
            else:
                return [one.get("Item") or None for one in found["Responses"]]
        raise StoreUnavailableError("The store is too busy.")

    def transact(self, writes: Sequence[Write | Update], name: str, *, waits_s: Sequence[float] = WAITS_S) -> None:
        """Write all rows or none; the same name with the same rows again changes nothing.

        ``waits_s``: how long to wait before each further try at what passes by itself; none for a caller that does so.

        Raises:
            CancelledError: nothing was written, for a condition did not hold.
            StoreUnavailableError: it may or may not have been done.
        """
        items = [self._transact_item(write) for write in writes]
        # A token is known to the whole account, so it names the installation too.
        token = text_digest(f"{self._prefix}/{name}")[:TOKEN_LENGTH]
        for wait_s in (*waits_s, None):
            try:
                calling(self.client.transact_write_items, TransactItems=items, ClientRequestToken=token)
            except ClientError as error:
                failed = _failed(error)
                if failed:
                    raise CancelledError(failed) from error
                _wait_or_give_up(error, wait_s)
            else:
                return

    def get_all(self, table: str, keys: Iterable[Item]) -> Iterator[Item]:
        """Yield those rows of these keys that are there, each strongly read, in no order."""
        name = self.name(table)
        for piece in in_pieces(keys, GET_BATCH):
            wanted = piece
            for wait_s in (*WAITS_S, None):
                answer = calling(
                    self.client.batch_get_item, RequestItems={name: {"Keys": wanted, "ConsistentRead": True}}
                )
                yield from answer["Responses"].get(name, [])
                wanted = list(answer["UnprocessedKeys"].get(name, {"Keys": []})["Keys"])
                if not wanted:
                    break
                if wait_s is None:
                    raise StoreUnavailableError("The store did not answer all of a batch.")
                _pause(wait_s)

    def delete(self, table: str, key: Item) -> bool:
        """Remove one row; False when there was none."""
        found = calling(self.client.delete_item, TableName=self.name(table), Key=key, ReturnValues="ALL_OLD")
        return bool(found.get("Attributes"))

    def delete_all(self, table: str, keys: Iterable[Item]) -> None:
        """Remove rows, in batches; one that is not there stays so."""
        for piece in in_pieces(keys, BATCH):
            self._delete_batch(self.name(table), piece)

    def _delete_batch(self, name: str, keys: Sequence[Item]) -> None:
        requests: list[WriteRequestTypeDef] = [{"DeleteRequest": {"Key": key}} for key in keys]
        for wait_s in (*WAITS_S, None):
            answer = calling(self.client.batch_write_item, RequestItems={name: requests})
            requests = [{"DeleteRequest": it["DeleteRequest"]} for it in answer["UnprocessedItems"].get(name, [])]
            if not requests:
                return
            if wait_s is not None:
                _pause(wait_s)
        raise StoreUnavailableError("The store did not remove all of a batch.")

    def _transact_item(self, write: Write | Update) -> TransactWriteItemTypeDef:
        if isinstance(write, Update):
            update: UpdateTypeDef = {
                "TableName": self.name(write.table),
                "Key": write.key,
                "UpdateExpression": write.expression,
                "ExpressionAttributeNames": write.names,
            }
            if write.values:
                update["ExpressionAttributeValues"] = write.values
            return {"Update": update}
        put: PutTypeDef = {"TableName": self.name(write.table), "Item": write.item}
        if write.condition is not None:
            put["ConditionExpression"] = write.condition.expression
            put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            if write.condition.names:
                put["ExpressionAttributeNames"] = write.condition.names
                put["ExpressionAttributeValues"] = write.condition.values
        return {"Put": put}


def in_pieces(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield what comes in lists of ``size``, the last one shorter."""
    rest = iter(things)
    while piece := list(islice(rest, size)):
        yield piece


def _row(answer: object) -> Item | None:
    # The stubs of the error's shape know nothing of the row that comes with it.
    found = answer.get("Item") if isinstance(answer, dict) else None
    return found or None


def _failed(error: ClientError) -> dict[int, Item | None]:
    reasons = error.response.get("CancellationReasons", [])
    return {
        place: _row(reason)
        for place, reason in enumerate(reasons)
        if trouble(reason.get("Code", "")) is Trouble.CONDITION
    }


def _wait_or_give_up(error: ClientError, wait_s: float | None) -> None:
    """Wait for what passes by itself: another transaction, a throttled partition."""
    codes = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])} - {"None"}
    passes = codes and all(trouble(code) in {Trouble.CONFLICT, Trouble.THROTTLED} for code in codes)
    if wait_s is None or not passes:
        raise unavailable(error) from error
    _pause(wait_s)


def _pause(longest_s: float) -> None:
    # Full jitter, so that those who collided do not collide again.
    time.sleep(random.uniform(0, longest_s))  # noqa: S311 - no secret
