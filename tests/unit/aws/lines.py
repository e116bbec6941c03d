"""What goes over the line between a client and its service: watched, answered in the service's place, or cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import BotoCoreError
from botocore.hooks import BaseEventHooks
from botocore.model import OperationModel

from tests.emulators import clients

AWS_WORDS = "words of AWS that quote what was sent"


@cache
def session() -> boto3.session.Session:
    """One for all tests: it reads the models of the services, which takes longer than a test."""
    return clients.session()


def fresh(service: str) -> Any:  # noqa: ANN401 - boto3 builds a class per service
    """A client that no other test has hung anything on."""
    return session().client(service, config=clients.config())  # type: ignore[call-overload]


class Meta(Protocol):
    @property
    def events(self) -> BaseEventHooks: ...


class Client(Protocol):
    @property
    def meta(self) -> Meta: ...


class Calls:
    """What a client was asked from now on, in order; a repetition by botocore itself is not counted."""

    def __init__(self, client: Client) -> None:
        self.seen: list[tuple[str, Mapping[str, Any]]] = []
        client.meta.events.register("before-parameter-build", self._note)

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        return [params for name, params in self.seen if name == operation]

    def count(self, operation: str) -> int:
        return len(self.of(operation))

    def _note(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self.seen.append((model.name, deepcopy(params)))


class Instead:
    """Answers the next calls of an operation in place of the service, which does not see them."""

    def __init__(self, client: Client, operation: str, *answers: Mapping[str, Any]) -> None:
        self._answers = list(answers)
        self._operation = operation
        # A handler may answer, though its type stub knows only handlers that look on.
        handler: Any = self._answer
        client.meta.events.register("before-call", handler)

    def _answer(self, model: OperationModel, **_: object) -> tuple[AWSResponse, Mapping[str, Any]] | None:
        if model.name != self._operation or not self._answers:
            return None
        answer = self._answers.pop(0)
        return AWSResponse("", 400 if "Error" in answer else 200, HTTPHeaders(), None), answer


class LosingEntries:
    """Keeps entries of the next calls of a batch operation from the service, and says that they failed."""

    def __init__(self, client: Client, operation: str, places: Sequence[int], times: int = 1) -> None:
        self._operation, self._places, self._times = operation, places, times
        self._lost: list[str] = []
        client.meta.events.register("before-parameter-build", self._keep)
        client.meta.events.register("after-call", self._say)

    def _keep(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        if model.name == self._operation and self._times:
            self._times -= 1
            entries = params["Entries"]
            self._lost = [entry["Id"] for place, entry in enumerate(entries) if place in self._places]
            params["Entries"] = [entry for entry in entries if entry["Id"] not in self._lost]

    def _say(self, parsed: dict[str, Any], model: OperationModel, **_: object) -> None:
        if model.name == self._operation and self._lost:
            failed = [
                {"Id": it, "Code": "InternalError", "Message": AWS_WORDS, "SenderFault": False} for it in self._lost
            ]
            parsed["Failed"] = [*parsed.get("Failed", []), *failed]
            self._lost = []


class Cut:
    """Raises a fault in place of each of the next requests, while ``times`` lasts."""

    def __init__(self, client: Client, fault: BotoCoreError, times: int = 1) -> None:
        self._fault, self._times = fault, times
        client.meta.events.register_first("before-send", self._raise)

    def _raise(self, request: AWSRequest, **_: object) -> None:
        if self._times:
            self._times -= 1
            raise self._fault


def error(code: str) -> Mapping[str, Any]:
    """An answer that says no."""
    return {"Error": {"Code": code, "Message": AWS_WORDS}, "ResponseMetadata": {"HTTPStatusCode": 400}}
