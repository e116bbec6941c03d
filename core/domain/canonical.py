"""Canonical JSON (RFC 8785) and digests over it: the one way this system names a value by its content."""

import hashlib
import json
from collections.abc import Mapping, Sequence

import rfc8785

Scalar = None | bool | int | float | str
Json = Scalar | Sequence["Json"] | Mapping[str, "Json"]


def canonical(value: Json) -> bytes:
    """Return the RFC 8785 form of a JSON value.

    Raises:
        ValueError: a number beyond the IEEE 754 range, a lone surrogate, or a key that is not a string.
    """
    return rfc8785.dumps(value)


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def compact(value: Json) -> str:
    """Return JSON text with sorted keys and no spaces; stored and hashed as it is, never parsed and written again."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
