"""Requests that are signed one by one."""

from collections.abc import Callable, Mapping

from adapters.connectors.authorizing import NotReadyError, Outgoing, Redaction
from core.domain.errors import ExecutionError

Sign = Callable[[str, str, Mapping[str, str], bytes], tuple[Mapping[str, str], tuple[str, ...]]]
"""Given method, URL, headers and body: the headers that sign them, and what nobody may see of it."""


class SignedRequests:
    """The authorizer of an endpoint that takes signatures."""

    is_secret = True

    def __init__(self, sign: Sign) -> None:
        """Keep who signs."""
        self._sign = sign
        self.redact = Redaction()

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - signing is local
        try:
            headers, secrets = self._sign(outgoing.method, outgoing.url, outgoing.headers, outgoing.body)
        except ExecutionError as fault:
            raise NotReadyError(fault.message) from None
        for secret in secrets:
            self.redact.add(secret)
        return headers

    def rejected(self) -> None:
        """A signature that is refused is a matter of permissions; the next is made anew in any case."""
