"""One table: what an error of AWS means to us. Only a failed condition is ever taken for a lost race."""

from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from core.domain.errors import StoreUnavailableError

P = ParamSpec("P")
R = TypeVar("R")


class Trouble(StrEnum):
    """What the caller is to make of it."""

    CONDITION = "condition"
    """The condition did not hold: nothing was written, and somebody was faster."""
    CANCELLED = "cancelled"
    """A transaction was cancelled; each of its reasons says why, and is looked up here by itself."""
    CONFLICT = "conflict"
    """Another transaction was at the same items at the same moment: nothing was written, try again."""
    THROTTLED = "throttled"
    """Too much at once: nothing was written, try again later."""
    EXISTS = "exists"
    """Somebody, perhaps we ourselves, has made it before."""
    ABSENT = "absent"
    """The thing itself is not there, as opposed to the place where it would be."""
    UNAVAILABLE = "unavailable"
    """Everything else, a fault of ours in permissions or configuration included: nobody knows what was done."""


_TROUBLES = {
    "ConditionalCheckFailedException": Trouble.CONDITION,
    "ConditionalCheckFailed": Trouble.CONDITION,
    "TransactionCanceledException": Trouble.CANCELLED,
    "TransactionConflict": Trouble.CONFLICT,
    "TransactionConflictException": Trouble.CONFLICT,
    "TransactionInProgressException": Trouble.CONFLICT,
    "DuplicateItem": Trouble.CONFLICT,
    "ProvisionedThroughputExceeded": Trouble.THROTTLED,
    "ProvisionedThroughputExceededException": Trouble.THROTTLED,
    "RequestLimitExceeded": Trouble.THROTTLED,
    "RequestThrottled": Trouble.THROTTLED,
    "SlowDown": Trouble.THROTTLED,
    "Throttling": Trouble.THROTTLED,
    "ThrottlingError": Trouble.THROTTLED,
    "ThrottlingException": Trouble.THROTTLED,
    "TooManyRequestsException": Trouble.THROTTLED,
    "PreconditionFailed": Trouble.EXISTS,
    "ResourceAlreadyExistsException": Trouble.EXISTS,
    "NoSuchKey": Trouble.ABSENT,
    "ExecutionDoesNotExist": Trouble.ABSENT,
    "ExecutionAlreadyExists": Trouble.EXISTS,
    "ExecutionLimitExceeded": Trouble.THROTTLED,
}


def trouble(code: str) -> Trouble:
    """Return what an error code, or the code of one cancellation reason, means."""
    return _TROUBLES.get(code, Trouble.UNAVAILABLE)


def code_of(error: ClientError) -> str:
    """Return the error's code, empty where it has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def unavailable(error: Exception) -> StoreUnavailableError:
    """Return an error as ours: the service's own words stay out of it, for they may quote what was sent."""
    if isinstance(error, ClientError):
        return StoreUnavailableError(f"{error.operation_name} was answered {code_of(error) or 'with an error'}.")
    return StoreUnavailableError(f"AWS could not be reached: {type(error).__name__}.")


def calling(operation: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """Call an operation of a client.

    Raises:
        ClientError: a condition failed, a transaction was cancelled, or the thing asked for is absent or there
            already: the caller asked the question, so it reads the answer.
        StoreUnavailableError: anything else; a write may or may not have been done.
    """
    try:
        return operation(*args, **named)
    except ClientError as error:
        if trouble(code_of(error)) in _ANSWERS:
            raise
        raise unavailable(error) from error
    except (BotoCoreError, ResponseParserError) as error:
        # A parameter that botocore refuses is among them: a fault of ours must not decide about an action either.
        raise unavailable(error) from error


_ANSWERS = frozenset({Trouble.CONDITION, Trouble.CANCELLED, Trouble.EXISTS, Trouble.ABSENT})
