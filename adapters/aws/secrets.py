"""Secrets in Secrets Manager, kept for some minutes by Powertools."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.faults import code_of, unavailable
from core.domain.errors import ConfigurationError, ExecutionError, StoreUnavailableError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

MAX_NAMES = 64

_ABSENT = frozenset({"InvalidRequestException", "ResourceNotFoundException"})


class SecretsManagerSecrets:
    """The secrets port. One thread asks at a time, so that an expired secret is fetched once."""

    def __init__(self, client: SecretsManagerClient, max_age_s: int = 300) -> None:
        """Keep the client; a value is at most ``max_age_s`` old, which is how long a rotation may take to be seen."""
        self._client = client
        self._provider = SecretsProvider(boto3_client=client)
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._names: set[str] = set()

    def get(self, name: str) -> str:
        """Return the text, from memory while it is young enough."""
        with self._lock:
            self._make_room(name)
            try:
                value = self._provider.get(name, max_age=self._max_age_s)
            except GetParameterError as error:
                # Neither its text nor what it came from is passed on: both are the service's own words.
                raise _fault(name, error.__context__) from None
        if not isinstance(value, str):
            raise ConfigurationError(f"The secret {name} is not text.")
        return value

    def _make_room(self, name: str) -> None:
        """Powertools forgets nothing by itself; beyond the bound we begin anew."""
        if name not in self._names and len(self._names) >= MAX_NAMES:
            self._provider = SecretsProvider(boto3_client=self._client)
            self._names.clear()
        self._names.add(name)


def _fault(name: str, cause: BaseException | None) -> ExecutionError:
    """Return why a secret was not given; Powertools makes one error of all, and leaves the cause in its context."""
    if isinstance(cause, ClientError) and code_of(cause) in _ABSENT:
        return ConfigurationError(f"The secret {name} is not there.")
    if isinstance(cause, ClientError | BotoCoreError):
        return unavailable(cause)
    return StoreUnavailableError(f"The secret {name} could not be read.")
