"""Bounds on everything that comes in: size, depth, numbers, texts; each broken one is named, never shown."""

import json
import re
from collections.abc import Mapping, Sequence

from core.domain.canonical import Json
from core.domain.errors import InvalidEventError

MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_SAFE_NUMBER = 2**53 - 1
ID_PATTERN = r"^[A-Za-z0-9_.:@-]{1,128}$"
TIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"

_NAME = re.compile(r"[A-Za-z0-9_.:@/ -]{1,64}")
# A string that nobody closed reaches to the end, so that the scan stays linear whatever it is given.
_TOKEN = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]+|\\.|\\\Z)*+(?:"|\Z)', re.DOTALL)


def load(body: str | bytes) -> Json:
    """Parse JSON text within the bounds on size, depth, keys, numbers and characters.

    Raises:
        InvalidEventError: it is not JSON, or breaks a bound.
    """
    text = _text(body)
    # With no more brackets than that it cannot be deeper; only what could be is scanned.
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise InvalidEventError(f"The JSON is nested more than {MAX_DEPTH} deep.")
    try:
        value: Json = _DECODER.decode(text)
    except _OddNumberError:
        value = None
    except ValueError as fault:
        raise InvalidEventError("The body is not JSON.") from fault
    else:
        # A surrogate can only be here as an escape, for the text is UTF-8.
        if "\\ud" not in text and "\\uD" not in text:
            return value
    return _odd(text)


def _odd(text: str) -> Json:
    """Look at every value, for it may hold a number or a text out of bounds, and its place is to be named."""
    try:
        value: Json = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except ValueError as fault:
        # Also what Python says of an integer with thousands of digits.
        raise InvalidEventError("The body is not JSON.") from fault
    return plain(value)


def plain(value: object, path: str = "", *, max_depth: int = MAX_DEPTH) -> Json:
    """Return a copy made of dicts, lists and scalars that every JSON reader understands alike.

    Raises:
        InvalidEventError: nested too deep, a number without an exact JSON form, a lone surrogate, or no JSON at all.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _whole(value, path)
    if isinstance(value, int | float):
        return _safe(value, path)
    if max_depth == 0:
        raise InvalidEventError(f"{_at(path)} is nested too deep.")
    if isinstance(value, Mapping):
        return {_key(name, path): plain(it, _below(path, name), max_depth=max_depth - 1) for name, it in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(it, path, max_depth=max_depth - 1) for it in value]
    raise InvalidEventError(f"{_at(path)} is not JSON.")


def shown(name: object) -> str:
    """Return a name that somebody else chose, if it is safe to show."""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "(odd name)"


def _text(body: str | bytes) -> str:
    try:
        octets = body if isinstance(body, bytes) else body.encode()
        if len(octets) > MAX_BODY_BYTES:
            raise InvalidEventError(f"The body is over {MAX_BODY_BYTES} bytes.")
        return body if isinstance(body, str) else body.decode()
    except UnicodeError as fault:
        raise InvalidEventError("The body is not UTF-8.") from fault


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if token[0] in {"[", "{"}:
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in {"]", "}"}:
            depth -= 1
    return deepest


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    found.clear()
    for name, value in pairs:
        if name in found:
            raise InvalidEventError(f"The key {shown(name)} occurs twice in one object.")
        found[name] = value
    return found


def _no_constant(name: str) -> Json:
    raise InvalidEventError(f"{name} is not a JSON number.")


def _whole(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise InvalidEventError(f"{_at(path)} has a lone surrogate.") from fault
    return text


def _key(name: object, path: str) -> str:
    if not isinstance(name, str):
        raise InvalidEventError(f"{_at(path)} has a key that is not a text.")
    return _whole(name, path)


def _safe(number: float, path: str) -> int | float:
    # Beyond this two different numbers may share one RFC 8785 form; NaN fails every comparison.
    if not -MAX_SAFE_NUMBER <= number <= MAX_SAFE_NUMBER:
        raise InvalidEventError(f"{_at(path)} is a number beyond 2^53 - 1, or none at all.")
    return number


def _below(path: str, name: object) -> str:
    return f"{path}.{shown(name)}" if path else shown(name)


def _at(path: str) -> str:
    return path or "The document"


class _OddNumberError(Exception):
    """There is a number out of bounds; where, is not known yet."""


def _integer(digits: str) -> int:
    number = int(digits)
    if not -MAX_SAFE_NUMBER <= number <= MAX_SAFE_NUMBER:
        raise _OddNumberError
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if not -MAX_SAFE_NUMBER <= number <= MAX_SAFE_NUMBER:
        raise _OddNumberError
    return number


# Made once: ``json.loads`` makes a decoder for every call that has hooks.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_repeats, parse_constant=_no_constant, parse_int=_integer, parse_float=_real
)
