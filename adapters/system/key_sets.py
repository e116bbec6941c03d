"""Public keys of an issuer: a JSON Web Key Set of a file or an address, read within bounds and kept for a while."""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any

import httpcore
import jwt

from core.domain.errors import ConfigurationError, StoreUnavailableError

MAX_BYTES = 64 * 1024
TIMEOUT_S = 5.0
WHOLE_S = 10.0
"""How long one part of the answer may take, and how long all of it."""

KEPT_S, AGAIN_S, TROUBLE_S = 600.0, 30.0, 5.0
"""How long a set is kept; how often at most it is read for a key that it lacks, and how often after trouble."""


class KeySet:
    """The keys, by their ids. An issuer changes them, so that an unknown one is looked for once more."""

    def __init__(self, read: Callable[[], bytes], *, clock: Callable[[], float] = monotonic) -> None:
        """Keep how the set is read, and the clock, in seconds, that tells its age."""
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")

    def key(self, key_id: str) -> jwt.PyJWK | None:
        """Return a key, None where the set has none of this id.

        Raises:
            StoreUnavailableError: the set could not be read.
        """
        with self._lock:
            now = self._clock()
            age_s = now - self._read_at
            if age_s > KEPT_S or (key_id not in self._keys and age_s > AGAIN_S):
                if now - self._tried_at <= TROUBLE_S:
                    raise _unreadable()
                self._tried_at = now
                self._keys = _parsed(self._read())
                self._read_at = now
            return self._keys.get(key_id)


def of_file(path: Path) -> KeySet:
    """Return the keys of a file, which must be there from the beginning.

    Raises:
        ConfigurationError: it cannot be read, or is no key set.
    """
    try:
        _parsed(_content(path))
    except StoreUnavailableError as error:
        raise ConfigurationError(f"{path}: this is no JSON Web Key Set that can be read.") from error
    return KeySet(lambda: _content(path))


def of_address(url: str) -> KeySet:
    """Return the keys that an address gives."""
    return KeySet(lambda: _fetched(url))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise _unreadable() from error


def _fetched(url: str) -> bytes:
    """Read a body of bounded size; nothing is followed to another address."""
    times = {"connect": TIMEOUT_S, "read": TIMEOUT_S, "write": TIMEOUT_S, "pool": TIMEOUT_S}
    body, begun = b"", monotonic()
    try:
        with httpcore.stream("GET", url, headers={"Accept": "application/json"}, extensions={"timeout": times}) as got:
            for part in got.iter_stream():
                body += part
                if len(body) > MAX_BYTES or monotonic() - begun > WHOLE_S:
                    raise _unreadable()
            status = got.status
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise _unreadable() from error
    if status != HTTPStatus.OK:
        raise _unreadable()
    return body


def _parsed(body: bytes) -> dict[str, jwt.PyJWK]:
    try:
        document: Any = json.loads(body)
        found = jwt.PyJWKSet.from_dict(document)
    except (ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
        raise _unreadable() from error
    return {it.key_id: it for it in found.keys if it.key_id}


def _unreadable() -> StoreUnavailableError:
    return StoreUnavailableError("The issuer's keys cannot be read.")
