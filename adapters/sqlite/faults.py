"""The one place where SQLite's errors become ours."""

import sqlite3
from typing import NoReturn

from core.domain.errors import StoreUnavailableError

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def is_unavailable(error: BaseException | None) -> bool:
    """Tell whether it may work later: busy, locked, full, or an input or output error."""
    # An extended code carries the primary one in its low byte.
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and code & 0xFF in _UNAVAILABLE


def translated(error: sqlite3.Error) -> Exception:
    """Return the error that callers know; what waiting does not cure stays as it is."""
    if is_unavailable(error):
        return StoreUnavailableError(f"The store cannot be used now: {error.sqlite_errorname}.")
    return error


def reraise(error: sqlite3.Error) -> NoReturn:
    """Raise an error that was caught as the one that callers know."""
    known = translated(error)
    if known is error:
        raise known
    raise known from error
