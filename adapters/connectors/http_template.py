"""Templates of the HTTP connector: texts and JSON values in which ``{name}`` stands for an argument of the call.

``{target.entity_id}`` looks into an object; ``{{`` and ``}}`` are braces. An argument can change neither the host nor
the shape of the path: it is percent-encoded, and one that would be a step or several steps of a path is refused.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from core.domain.canonical import Json, canonical, compact
from core.domain.errors import ConfigurationError
from core.domain.making import dataclass

MAX_TARGET = 2_048

_PART = re.compile(r"(\{\{|\}\}|\{[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*\})")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*")
_HEADER = re.compile(r"[\x20-\x7e]{0,1024}")
_BRACES = {"{{": "{", "}}": "}"}

Arguments = Mapping[str, Json]


class BadArgumentError(Exception):
    """An argument does not fit where it is to go. The message is safe to show."""


class Absent:
    """What a template stands for whose argument was not given."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Name:
    """The place of an argument."""

    steps: tuple[str, ...]

    def of(self, arguments: Arguments) -> Json | Absent:
        """Return the argument; one that is null was not given."""
        value = found_at(arguments, self.steps)
        return ABSENT if value is None else value

    def __str__(self) -> str:
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with places in it."""

    parts: tuple[str | Name, ...]

    @classmethod
    def parsed(cls, text: str) -> "Text":
        """Read a template.

        Raises:
            ConfigurationError: a brace stands alone, or names nothing.
        """
        parts: list[str | Name] = []
        for piece in filter(None, _PART.split(text)):
            if piece in _BRACES:
                parts.append(_BRACES[piece])
            elif _PART.fullmatch(piece):
                parts.append(Name(tuple(piece[1:-1].split("."))))
            elif "{" in piece or "}" in piece:
                raise ConfigurationError(f"{text!r} has a brace that names no argument; a plain one is written twice")
            else:
                parts.append(piece)
        return cls(tuple(parts))

    def of(self, arguments: Arguments) -> str | Absent:
        """Return the text; ABSENT where an argument was not given.

        Raises:
            BadArgumentError: an argument is a list or an object.
        """
        texts = [_spelled(part, arguments) for part in self.parts]
        known = [text for text in texts if isinstance(text, str)]
        return "".join(known) if len(known) == len(texts) else ABSENT


@dataclass(frozen=True, slots=True)
class Path:
    """A path, step by step."""

    steps: tuple[Text, ...]

    @classmethod
    def parsed(cls, text: str) -> "Path":
        """Read a template.

        Raises:
            ConfigurationError: it is no path.
        """
        steps = tuple(Text.parsed(step) for step in text.split("/")[1:])
        fixed = "".join(f"/{''.join(it for it in step.parts if isinstance(it, str))}" for step in steps)
        if not text.startswith("/") or _PATH.fullmatch(fixed) is None or {".", ".."} & set(fixed.split("/")):
            raise ConfigurationError(f"{text!r} is no path: it begins with / and has no query")
        return cls(steps)

    def of(self, arguments: Arguments) -> str:
        """Return the path, percent-encoded.

        Raises:
            BadArgumentError: an argument is missing, or would be more or less than a part of one step.
        """
        return "".join(f"/{self._step(step, arguments)}" for step in self.steps)

    def _step(self, step: Text, arguments: Arguments) -> str:
        for part in step.parts:
            value = _spelled(part, arguments)
            if isinstance(part, Name) and (isinstance(value, Absent) or not value or "/" in value or "\\" in value):
                raise BadArgumentError(f"{part} must be a text without slashes that says something.")
        text = step.of(arguments)
        if isinstance(text, Absent) or text in {".", ".."}:
            raise BadArgumentError("An argument would be a step up or down the path.")
        # What was configured keeps its own punctuation.
        return quote(text, safe="!$&'()*+,;=:@~" if all(isinstance(it, str) for it in step.parts) else "")


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value in which each text is a template. A text that is one place stands for the argument as it is."""

    shape: Json | Text | Sequence["Value"] | Mapping[str, "Value"]

    @classmethod
    def parsed(cls, value: Json) -> "Value":
        """Read a template; ConfigurationError where a text is none."""
        if isinstance(value, str):
            return cls(Text.parsed(value))
        if isinstance(value, Mapping):
            return cls({name: cls.parsed(one) for name, one in value.items()})
        return cls([cls.parsed(one) for one in value]) if isinstance(value, list) else cls(value)

    def of(self, arguments: Arguments) -> Json | Absent:
        """Return the value; members and items whose arguments were not given are left out."""
        shape = self.shape
        if isinstance(shape, Text):
            only = shape.parts[0] if len(shape.parts) == 1 else None
            return only.of(arguments) if isinstance(only, Name) else shape.of(arguments)
        if isinstance(shape, Mapping):
            members = {name: one.of(arguments) for name, one in shape.items() if isinstance(one, Value)}
            return {name: value for name, value in members.items() if not isinstance(value, Absent)}
        if isinstance(shape, list):
            items = [one.of(arguments) for one in shape if isinstance(one, Value)]
            return [value for value in items if not isinstance(value, Absent)]
        return shape if shape is None or isinstance(shape, bool | int | float) else ABSENT


def header_value(template: Text, arguments: Arguments) -> str | Absent:
    """Return a header's value; BadArgumentError where it is not printable ASCII."""
    value = template.of(arguments)
    if isinstance(value, str) and _HEADER.fullmatch(value) is None:
        raise BadArgumentError("A header takes printable ASCII, at most 1024 characters.")
    return value


def query_of(templates: Mapping[str, Text], arguments: Arguments) -> str:
    """Return the query with its question mark; what was not given is left out."""
    values = {name: template.of(arguments) for name, template in templates.items()}
    pairs = [f"{quote(name, safe='')}={quote(it, safe='')}" for name, it in values.items() if isinstance(it, str)]
    return f"?{'&'.join(pairs)}" if pairs else ""


def found_at(document: Json, steps: Sequence[str]) -> Json:
    """Return what lies at a path through objects and lists, None where there is nothing."""
    value = document
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def is_same(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    try:
        return canonical(one) == canonical(other)
    except ValueError:
        return False


def _spelled(part: str | Name, arguments: Arguments) -> str | Absent:
    value = part if isinstance(part, str) else part.of(arguments)
    if isinstance(value, str | Absent):
        return value
    if isinstance(value, bool | int | float):
        return compact(value)
    raise BadArgumentError(f"{part} must be a text, a number or a truth value.")
