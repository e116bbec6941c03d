"""Where one external system is reached, and the secret that may go there and nowhere else."""

import ipaddress
import re
from urllib.parse import urlsplit

import httpcore

from core.domain.errors import ConfigurationError

REDACTED = "[redacted]"

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_TARGET = re.compile(r"[\x21-\x7e]{0,2048}")
# RFC 6750; below eight characters redacting it would deface what is shown.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{8,8192}=*")
_PORTS = {"http": 80, "https": 443}


class Endpoint:
    """One URL, contacted at exactly its scheme, host and port. No secret of it is ever shown."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Check and keep them.

        Raises:
            ConfigurationError: the URL is not a plain http or https one, the token is malformed, or it would travel
                in the clear to a host that is not this one.
        """
        self.url = _parsed(url)
        self.host = self.url.host.decode("ascii")
        self._token = token
        self._spelled = None if token is None else re.compile("".join(_spellings(it) for it in token))
        is_clear = self.url.scheme == b"http"
        if token is not None and _TOKEN.fullmatch(token) is None:
            raise ConfigurationError("The bearer token is malformed.")
        if token is not None and is_clear and not _is_loopback_name(self.host):
            raise ConfigurationError("A bearer token goes over https or to the loopback address, and nowhere else.")
        # A name may resolve to anything: what is sent in the clear with a token stays on this host.
        self.is_loopback_only = token is not None and is_clear

    def __repr__(self) -> str:
        """Name the place, without path, query and token."""
        return f"Endpoint({self.url.origin})"

    def authorization(self) -> dict[str, str]:
        """Return the header that carries the token, or none."""
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    def redact(self, text: str) -> str:
        """Return the text without the token, in whatever way JSON lets it be spelled."""
        return text if self._spelled is None else self._spelled.sub(REDACTED, text)


def is_loopback(address: str) -> bool:
    """Tell whether an IP address, in text, is one of this host."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _parsed(url: str) -> httpcore.URL:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise ConfigurationError("The endpoint is not a URL.") from fault
    host = parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in _PORTS or not (_is_address(host) or _HOST.fullmatch(host)):
        raise ConfigurationError("An endpoint is an http or https URL with a host.")
    if "@" in parts.netloc or parts.fragment or _TARGET.fullmatch(target) is None:
        raise ConfigurationError("An endpoint's URL has no user, no fragment and no blanks.")
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=host.encode(),
        port=_PORTS[parts.scheme] if port is None else port,
        target=target.encode(),
    )


def _spellings(character: str) -> str:
    # Several backslashes: a tool's answer is JSON in a text in JSON, up to three times over.
    slashed = r"\\{0,8}" if character == "/" else ""
    return rf"(?:{slashed}{re.escape(character)}|\\{{1,8}}u00(?i:{ord(character):02x}))"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_name(host: str) -> bool:
    return is_loopback(host) if _is_address(host) else host == "localhost"
