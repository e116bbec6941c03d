"""Where one external system is reached, who we are there, and which addresses it may lead to."""

import ipaddress
import re
from urllib.parse import urlsplit

import httpcore

from adapters.connectors.addresses import is_loopback, is_nobodys, is_public
from adapters.connectors.authorizing import ANONYMOUS, Authorizer
from core.domain.errors import ConfigurationError

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_TARGET = re.compile(r"[\x21-\x7e]{0,2048}")
_PORTS = {"http": 80, "https": 443}
# What the system's resolver takes for an address though it looks like a name: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")


class Endpoint:
    """One URL, contacted at exactly its scheme, host and port. No secret of it is ever shown."""

    def __init__(self, url: str, auth: Authorizer = ANONYMOUS, *, allows_private: bool = False) -> None:
        """Check and keep them. ``allows_private``: it may lead to addresses that are not of the public internet.

        Raises:
            ConfigurationError: the URL is not a plain http or https one, or a secret would travel in the clear to a
                host that is not this one.
        """
        self.url = _parsed(url)
        self.host = self.url.host.decode("ascii")
        self.auth = auth
        self._allows_private = allows_private
        self._is_here = _is_loopback_name(self.host)
        self.is_confidential = self._is_here or self.url.scheme == b"https"
        if auth.is_secret and not self.is_confidential:
            raise ConfigurationError("Credentials go over https or to the loopback address, and nowhere else.")

    def __repr__(self) -> str:
        """Name the place, without path, query and credentials."""
        return f"Endpoint({self.url.origin})"

    def at(self, target: str | None) -> httpcore.URL:
        """Return the URL of another path and query of the same place.

        Raises:
            ValueError: it is none.
        """
        if target is None:
            return self.url
        if not target.startswith("/") or _TARGET.fullmatch(target) is None or "#" in target:
            raise ValueError("A target is a path and a query, in printable ASCII.")
        url = self.url
        return httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=target.encode())

    def may_contact(self, address: str) -> bool:
        """Tell whether what the host's name leads to may be contacted.

        A name may resolve to anything. This host is contacted only where the URL says so; what sends a secret in the
        clear stays on it; and what is private to a network, or to its machines, is not reached by accident.
        """
        if self._is_here:
            return is_loopback(address)
        if not self._allows_private:
            return is_public(address)
        # What no name may lead to is contacted only where the URL itself says so.
        return address == self.host or not is_nobodys(address)


def _parsed(url: str) -> httpcore.URL:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise ConfigurationError("The endpoint is not a URL.") from fault
    host = parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in _PORTS or not _is_host(host):
        raise ConfigurationError("An endpoint is an http or https URL with a host.")
    if "@" in parts.netloc or parts.fragment or _TARGET.fullmatch(target) is None:
        raise ConfigurationError("An endpoint's URL has no user, no fragment and no blanks.")
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=host.encode(),
        port=_PORTS[parts.scheme] if port is None else port,
        target=target.encode(),
    )


def _is_host(host: str) -> bool:
    last = host.rstrip(".").rpartition(".")[2]
    return _is_address(host) or (_HOST.fullmatch(host) is not None and _NUMBER.fullmatch(last) is None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_name(host: str) -> bool:
    return is_loopback(host) if _is_address(host) else host.rstrip(".").lower() == "localhost"
