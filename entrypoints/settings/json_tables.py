"""Tables that a variable of the environment holds, as JSON."""

import json

from core.domain.errors import ConfigurationError

MAX_TABLES = 16_384
"""More characters than all variables of a Lambda function may have together."""


def tables_in(variable: str, text: str) -> object:
    """Return what a variable holds.

    Raises:
        ConfigurationError: it is too long, or no JSON.
    """
    if len(text) > MAX_TABLES:
        raise ConfigurationError(f"{variable}: must not be over {MAX_TABLES} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{variable}: must be a JSON object, a member for each table or key") from error
