"""Credentials that are one header and never change: a key of an API, or a user and a password."""

import base64
import re
from collections.abc import Callable, Mapping

from adapters.connectors.authorizing import NotReadyError, Outgoing, Redaction, Secret, revealed
from core.domain.errors import ConfigurationError

# Neither a quotation mark nor a backslash: both have many spellings in what comes back, and none may be overlooked.
_SECRET = re.compile(r"[!#-\[\]-~]{8,8192}")
_USER = re.compile(r"[!-9;-~]{1,256}")


class FixedHeader:
    """One header with a secret in it, which is read when it is needed."""

    is_secret = True

    def __init__(self, name: str, secret: Secret, value: Callable[[str], str] = str) -> None:
        """Keep where the secret is read. ``value``: what the header says, given the secret."""
        self._name = name
        self._secret = secret
        self._value = value
        self.redact = Redaction()

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the protocol
        secret = revealed(self._secret)
        if _SECRET.fullmatch(secret) is None:
            raise NotReadyError("a secret is 8 or more characters of printable ASCII, without quotes and backslashes")
        value = self._value(secret)
        self.redact.add(secret)
        # Whatever is made of it may come back as well.
        self.redact.add(value.rpartition(" ")[2])
        return {self._name: value}

    def rejected(self) -> None:
        """Whoever configured it must change it."""


def api_key(name: str, key: Secret) -> FixedHeader:
    """Return a key in a header of this name."""
    return FixedHeader(name, key)


def basic(user: str, password: Secret) -> FixedHeader:
    """Return a user and a password as RFC 7617 has them.

    Raises:
        ConfigurationError: the user has a colon or a blank.
    """
    if _USER.fullmatch(user) is None:
        raise ConfigurationError("A user is printable ASCII without a colon.")
    return FixedHeader("Authorization", password, lambda it: f"Basic {_pair(user, it)}")


def _pair(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()
