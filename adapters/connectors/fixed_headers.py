"""Credentials that are one header and never change: a key of an API, or a user and a password."""

import base64
import re
from collections.abc import Mapping

from adapters.connectors.authorizing import Outgoing, Redaction
from core.domain.errors import ConfigurationError

# Neither a quotation mark nor a backslash: both have many spellings in what comes back, and none may be overlooked.
_SECRET = re.compile(r"[!#-\[\]-~]{8,8192}")
_USER = re.compile(r"[!-9;-~]{1,256}")


class FixedHeader:
    """One header with a secret in it."""

    is_secret = True

    def __init__(self, name: str, value: str, *secrets: str) -> None:
        """Keep them. ``secrets``: what nobody may see of the value."""
        self._headers = {name: value}
        self.redact = Redaction(*secrets)

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the protocol
        return self._headers

    def rejected(self) -> None:
        """Whoever configured it must change it."""


def api_key(name: str, key: str) -> FixedHeader:
    """Return a key in a header of this name.

    Raises:
        ConfigurationError: it is no key.
    """
    return FixedHeader(name, _checked(key), key)


def basic(user: str, password: str) -> FixedHeader:
    """Return a user and a password as RFC 7617 has them.

    Raises:
        ConfigurationError: the user has a colon or a blank, or the password is none.
    """
    if _USER.fullmatch(user) is None:
        raise ConfigurationError("A user is printable ASCII without a colon.")
    pair = base64.b64encode(f"{user}:{_checked(password)}".encode()).decode()
    return FixedHeader("Authorization", f"Basic {pair}", password, pair)


def _checked(secret: str) -> str:
    if _SECRET.fullmatch(secret) is None:
        raise ConfigurationError("A secret is 8 or more characters of printable ASCII, without quotes and backslashes.")
    return secret
