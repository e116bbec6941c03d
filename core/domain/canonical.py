"""Canonical JSON (RFC 8785) and digests over it: the one way this system names a value by its content."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from json import JSONEncoder, encoder

import rfc8785

Scalar = None | bool | int | float | str
Json = Scalar | Sequence["Json"] | Mapping[str, "Json"]

_MAX_SAFE = 2**53 - 1
_LEAST_PLAIN, _MAX_PLAIN = 1e-4, 1e15
# Above U+D7FF come the surrogates, and characters that UTF-16 sorts in another order than Python does. In UTF-8 they
# start with these bytes; a pattern of characters takes far longer to compile.
_HIGH = re.compile(rb"[\xee-\xf4]|\xed[\xa0-\xbf]")
# What is encoded here is a tree, so no cycle is looked for.
_ENCODER = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False)
# ``JSONEncoder.encode`` makes one of these for every call, which for our small documents is a third of its time.
_make_parts = getattr(encoder, "c_make_encoder", None)
_parts_of = _make_parts and _make_parts(
    None, _ENCODER.default, encoder.encode_basestring, None, ":", ",", True, False, False
)


def canonical(value: Json) -> bytes:
    """Return the RFC 8785 form of a JSON value.

    Raises:
        ValueError: a number beyond the IEEE 754 range, a lone surrogate, or a key that is not a string.
    """
    if _is_written_alike(value):
        text = compact(value)
        if _is_sorted_alike(text):
            return text.encode()
    return rfc8785.dumps(value)


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sealed(value: Json) -> tuple[str, str]:
    """Return what ``compact`` and ``digest`` say of one value, written once where both write it alike.

    Raises:
        ValueError: as ``canonical`` does.
    """
    if _is_written_alike(value):
        text = compact(value)
        if _is_sorted_alike(text):
            return text, text_digest(text)
    name = hashlib.sha256(rfc8785.dumps(value)).hexdigest()
    return compact(value), name


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def compact(value: Json) -> str:
    """Return JSON text with sorted keys and no spaces; stored and hashed as it is, never parsed and written again."""
    return _ENCODER.encode(value) if _parts_of is None else "".join(_parts_of(value, 0))


def _is_sorted_alike(text: str) -> bool:
    return text.isascii() or _HIGH.search(text.encode("utf-8", "surrogatepass")) is None


def _is_written_alike(value: Json) -> bool:
    """Tell whether Python's own encoder writes a value as RFC 8785 does, but for characters above U+D7FF.

    Only what is proved: other types, numbers that the two write differently and odd keys are left to rfc8785.
    """
    if not isinstance(value, dict):
        return _are_written_alike(value if isinstance(value, list) else (value,))
    try:
        # The quickest proof that every key is a text.
        "".join(value)
    except TypeError:
        return False
    return _are_written_alike(value.values())


def _are_written_alike(values: Iterable[Json]) -> bool:
    for value in values:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            continue
        if not (_is_written_alike(value) if kind is dict or kind is list else _is_plain_number(value)):
            return False
    return True


def _is_plain_number(value: object) -> bool:
    if type(value) is int:
        return -_MAX_SAFE <= value <= _MAX_SAFE
    # Within these both write the shortest digits that name it, with a point and without an exponent.
    return type(value) is float and _LEAST_PLAIN <= abs(value) < _MAX_PLAIN and not value.is_integer()
