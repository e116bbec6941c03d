"""The orchestrator over Step Functions: one execution of a standard state machine per orchestration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, code_of, trouble, unavailable
from core.domain.errors import InvalidEventError, NameTakenError
from core.domain.orchestration import Orchestration
from ports.wire.bounds import load
from ports.wire.state import OrderedModel, input_of, parse_state

if TYPE_CHECKING:
    from types_boto3_stepfunctions import SFNClient

MAX_REASON = 256


class StateMachine:
    """The orchestrator port. A name is free again ninety days after its execution ended; the claim outlasts it."""

    def __init__(self, client: SFNClient, arn: str) -> None:
        """Keep the client, and the ARN of a machine of type STANDARD."""
        self._client = client
        self._arn = arn

    def start(self, orchestration: Orchestration) -> None:
        """Start an execution, or find that it was started before."""
        text = input_of(orchestration)
        try:
            calling(self._client.start_execution, stateMachineArn=self._arn, name=orchestration.name, input=text)
        except ClientError as error:
            if trouble(code_of(error)) is not Trouble.EXISTS:
                raise
            self._check_ours(orchestration)

    def stop(self, name: str, reason: str) -> None:
        """Stop an execution; one that is gone or has ended is left as it is."""
        try:
            calling(self._client.stop_execution, executionArn=self._arn_of(name), cause=reason[:MAX_REASON])
        except ClientError as error:
            if trouble(code_of(error)) is not Trouble.ABSENT:
                raise

    def find(self, name: str) -> Orchestration | None:
        """Read what an execution was started with."""
        try:
            return self._described(name)
        except ClientError as error:
            if trouble(code_of(error)) is Trouble.ABSENT:
                return None
            raise

    def _described(self, name: str) -> Orchestration | None:
        found = calling(self._client.describe_execution, executionArn=self._arn_of(name))
        try:
            there = parse_state(OrderedModel, load(found.get("input", ""))).orchestration
        except InvalidEventError:
            return None
        return there if there.name == name else None

    def _check_ours(self, orchestration: Orchestration) -> None:
        """An execution of this name is there; ours carries out the same intent."""
        try:
            there = self._described(orchestration.name)
        except ClientError as error:
            # What is there is described a moment later, and what ended long ago may be gone meanwhile.
            raise unavailable(error) from error
        if there is None or (there.order.key, there.run) != (orchestration.order.key, orchestration.run):
            raise NameTakenError(f"The execution {orchestration.name} is there, and is not for this intent.")

    def _arn_of(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:', 1)}:{name}"
