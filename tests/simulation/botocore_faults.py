"""Faults below the adapters: what a client of AWS meets between its own code and the service's.

Each strikes in `before-send`, the last step before bytes leave; a call that is lost after it was done is really sent.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient

PREFIX = "com.amazonaws.dynamodb.v20120810#"
WRITES = frozenset({"TransactWriteItems", "PutItem", "BatchWriteItem"})
CAUSE = {"TransactWriteItems": "TransactionConflict", "TransactGetItems": "TransactionConflict"}

Kind = Callable[["Faults", str, AWSPreparedRequest], AWSResponse | None]


class Raw:
    """A body that is read once, as a connection's is."""

    def __init__(self, content: bytes) -> None:
        """Keep the bytes."""
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        """Return the bytes."""
        return [self._content]


class Faults:
    """Throws a dice for every call of a client."""

    def __init__(self, risk: float, seed: int) -> None:
        """Strike with this risk; the same seed strikes the same calls."""
        self._risk = risk
        self._dice = random.Random(seed)
        self._send: Callable[[AWSPreparedRequest], AWSResponse] | None = None
        self.struck: Counter[str] = Counter()

    def strike(self, client: DynamoDBClient) -> None:
        """Stand between a DynamoDB client and its service."""
        self._send = client._endpoint.http_session.send  # type: ignore[attr-defined]
        _register(client.meta.events, "before-send.dynamodb.*", self._dynamodb)

    def answer(self, client: EventBridgeClient) -> None:
        """Stand in for an event bus that takes some entries and not others."""
        _register(client.meta.events, "before-send.events.PutEvents", self._put_events)

    def note(self, labels: list[str]) -> None:
        """Tell a world what struck."""
        labels += [f"{name}:{count}" for name, count in sorted(self.struck.items())]

    def _dynamodb(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        if self._dice.random() >= self._risk:
            return None
        kinds: list[Kind] = [throttled, failed, cut]
        if operation in WRITES:
            kinds += [lost, lost]
        if operation in CAUSE:
            kinds.append(conflicted)
        if operation.startswith("Batch"):
            kinds += [half_done, half_done]
        kind = self._dice.choice(kinds)
        self.struck[f"{operation}.{kind.__name__}"] += 1
        return kind(self, operation, request)

    def _put_events(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        entries = json.loads(_body(request))["Entries"]
        refused = [self._dice.random() < self._risk for _ in entries]
        if any(refused):
            self.struck["PutEvents.half_done"] += 1
        results = [
            {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"} if is_refused else {"EventId": "1"}
            for is_refused in refused
        ]
        return _response(request, 200, {"FailedEntryCount": sum(refused), "Entries": results})

    def sent(self, request: AWSPreparedRequest) -> AWSResponse:
        """Really send a request."""
        if self._send is None:
            raise LookupError("no client is struck")
        return self._send(request)


def throttled(_: Faults, _operation: str, request: AWSPreparedRequest) -> AWSResponse:
    """Too much at once; nothing is done."""
    return _error(request, 400, "ProvisionedThroughputExceededException")


def failed(_: Faults, _operation: str, request: AWSPreparedRequest) -> AWSResponse:
    """A fault of the service; nothing is done."""
    return _error(request, 500, "InternalServerError")


def cut(_: Faults, _operation: str, request: AWSPreparedRequest) -> None:
    """The connection closes before anything is done."""
    raise ConnectionClosedError(endpoint_url=request.url)


def lost(faults: Faults, _operation: str, request: AWSPreparedRequest) -> None:
    """It is done, and the answer never comes."""
    faults.sent(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def conflicted(_: Faults, operation: str, request: AWSPreparedRequest) -> AWSResponse:
    """Another transaction was at one of the items; nothing is done."""
    count = len(json.loads(_body(request))["TransactItems"])
    reasons = [{"Code": "None"}] * (count - 1) + [{"Code": CAUSE[operation], "Message": "conflict"}]
    return _error(request, 400, "TransactionCanceledException", CancellationReasons=reasons)


def half_done(_: Faults, operation: str, request: AWSPreparedRequest) -> AWSResponse:
    """Nothing of a batch was done, and the answer says so in its own way."""
    asked = json.loads(_body(request))["RequestItems"]
    if operation == "BatchWriteItem":
        return _response(request, 200, {"UnprocessedItems": asked})
    return _response(request, 200, {"Responses": {}, "UnprocessedKeys": asked})


def _register(hooks: Any, event: str, handler: Callable[..., AWSResponse | None]) -> None:  # noqa: ANN401
    # The stubs say that a handler returns nothing; of this event it may return the response.
    hooks.register(event, handler)


def _error(request: AWSPreparedRequest, status: int, code: str, **more: Any) -> AWSResponse:  # noqa: ANN401
    return _response(request, status, {"__type": f"{PREFIX}{code}", "message": "made up", "Message": "made up", **more})


def _response(request: AWSPreparedRequest, status: int, document: object) -> AWSResponse:
    raw: Any = Raw(json.dumps(document).encode())
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, status, headers, raw)


def _body(request: AWSPreparedRequest) -> bytes:
    body = request.body
    return body if isinstance(body, bytes) else str(body).encode()
