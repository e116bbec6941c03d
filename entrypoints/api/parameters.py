"""The parameters of the routes, strict: what is not exactly one of these is refused by its name."""

import re
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BeforeValidator, Field

from ports.wire.bounds import ID_PATTERN

MOST_TOKEN_CHARACTERS = 1_024
_DIGITS = re.compile(r"[1-9][0-9]{0,2}")


def _digits(value: object) -> object:
    """Let no other spelling of a number pass."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) else None


Intent = Annotated[str, Path(pattern=ID_PATTERN, description="The intent's id.")]
Account = Annotated[str, Path(pattern=ID_PATTERN, description="One of the caller's accounts.")]
AccountAsked = Annotated[str, Query(pattern=ID_PATTERN, description="One of the caller's accounts.")]
AccountOrAll = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="One of the caller's accounts; all of them where it is absent.")
]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits), Query(description="How many at most.")]
NextToken = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=MOST_TOKEN_CHARACTERS,
        description="Where the last page of this listing ended.",
    ),
]
Status = Annotated[
    Literal["SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "RUNNING"] | None,
    Query(description="Only executions that stand here."),
]
DryRun = Annotated[
    Literal["true", "false"], Query(description="Whether to say only what would come of it, and write nothing.")
]
File = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,63}\.[a-z]{2,5}$", description="A file of the page.")]
