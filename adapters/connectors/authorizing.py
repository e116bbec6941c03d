"""How a call says who it is: what a connector's endpoint asks for just before it connects, and what nobody may see."""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from core.domain.errors import ExecutionError
from core.domain.making import dataclass

REDACTED = "[redacted]"
MAX_SECRETS = 8
"""How many of the latest tokens of one endpoint are looked for in what comes back."""

# RFC 6750, and the exclamation mark that Salesforce puts into its tokens; below eight characters redacting it would
# deface what is shown.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/!-]{8,8192}=*")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it will leave: its method, its whole URL, its headers and its body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class NotReadyError(Exception):
    """No credentials could be had now, so nothing is sent. The message is safe to show."""


Secret = Callable[[], str]
"""Reads a secret, from memory while it is young. Raises ExecutionError where it is not there or cannot be read now."""


def revealed(secret: Secret) -> str:
    """Return a secret's text.

    Raises:
        NotReadyError: it could not be read.
    """
    try:
        return secret()
    except ExecutionError as fault:
        raise NotReadyError(fault.message) from None


class Authorizer(Protocol):
    """Credentials of one endpoint. They go to it and to no other host, and no text of this system shows them."""

    @property
    def is_secret(self) -> bool:
        """Tell whether there is anything to keep secret."""
        ...

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:
        """Return the headers that say who calls, within ``wait_ms``.

        Raises:
            NotReadyError: there are none now.
        """
        ...

    def rejected(self) -> None:
        """Note that the endpoint did not accept them, so that what is kept of them is asked for anew."""
        ...

    def redact(self, text: str) -> str:
        """Return the text without any secret, in whatever way JSON or a URL lets it be spelled."""
        ...


class Redaction:
    """Finds secrets in texts: the latest ``MAX_SECRETS`` that pass, such as tokens, and as many that last."""

    def __init__(self) -> None:
        """Look for none yet."""
        self._lasting: dict[str, re.Pattern[str]] = {}
        self._passing: dict[str, re.Pattern[str]] = {}

    def add(self, secret: str) -> None:
        """Look for one more that passes."""
        self._passing = _with(self._passing, secret)

    def keep(self, secret: str) -> None:
        """Look for one more that lasts, however many pass."""
        self._lasting = _with(self._lasting, secret)

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        for pattern in (*self._lasting.values(), *self._passing.values()):
            text = pattern.sub(REDACTED, text)
        return text


def _with(known: dict[str, re.Pattern[str]], secret: str) -> dict[str, re.Pattern[str]]:
    """Return a new dictionary, for other threads may be reading the old one."""
    if secret in known:
        return known
    return {**dict(list(known.items())[-(MAX_SECRETS - 1) :]), secret: _pattern(secret)}


class Anonymous:
    """No credentials."""

    is_secret = False

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the protocol
        return {}

    def rejected(self) -> None:
        """There is nothing to ask for anew."""

    def redact(self, text: str) -> str:
        return text


ANONYMOUS = Anonymous()


class Bearer:
    """One token that was configured, read when it is needed: whoever only asks what is offered need not know it."""

    is_secret = True

    def __init__(self, token: Secret) -> None:
        """Keep where it is read."""
        self._token = token
        self.redact = Redaction()

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the protocol
        token = revealed(self._token)
        if not is_token(token):
            raise NotReadyError("the bearer token is malformed")
        self.redact.add(token)
        return {"Authorization": f"Bearer {token}"}

    def rejected(self) -> None:
        """Whoever configured it must change it."""


def is_token(text: str) -> bool:
    """Tell whether a text can be sent as a bearer token."""
    return _TOKEN.fullmatch(text) is not None


def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(_spellings(it) for it in secret))


def _spellings(character: str) -> str:
    # Several backslashes: a tool's answer is JSON in a text in JSON, up to three times over.
    slashed = r"\\{0,8}" if character == "/" else ""
    code = rf"(?i:{ord(character):02x})"
    return rf"(?:{slashed}{re.escape(character)}|\\{{1,8}}u00{code}|%(?:25)?{code})"
