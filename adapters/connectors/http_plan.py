"""What the HTTP connector was configured to do, as frozen values: requests, and what their answers mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from adapters.connectors.http_template import (
    MAX_TARGET,
    Arguments,
    BadArgumentError,
    Path,
    Text,
    Value,
    header_value,
    query_of,
)
from core.domain.canonical import compact
from core.domain.errors import ErrorClass
from core.domain.making import dataclass

_KEY = re.compile(r"[\x20-\x7e]{1,256}")

Steps = tuple[str, ...]
"""A path into a JSON document, () for all of it."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A request as it will be sent. ``target``: path and query below the connector's URL."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. ``body`` None: the arguments as they were frozen, where the method takes a body at all."""

    method: str
    path: Path
    query: Mapping[str, Text] = field(default_factory=dict)
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Value | None = None

    def of(self, arguments: Arguments, frozen: str) -> Outbound:
        """Return the request for these arguments, whose frozen text is ``frozen``.

        Raises:
            BadArgumentError: one does not fit where it is to go.
        """
        target = self.path.of(arguments) + query_of(self.query, arguments)
        if len(target) > MAX_TARGET:
            raise BadArgumentError(f"The arguments make a URL of over {MAX_TARGET} characters.")
        headers = {name: header_value(template, arguments) for name, template in self.headers.items()}
        given = {name: value for name, value in headers.items() if isinstance(value, str)}
        body = self._body(arguments, frozen)
        content_type = {"Content-Type": "application/json"} if body else {}
        return Outbound(self.method, target, {"Accept": "application/json", **content_type, **given}, body)

    def _body(self, arguments: Arguments, frozen: str) -> bytes:
        if self.body is not None:
            value = self.body.of(arguments)
            return compact({} if value is None or not isinstance(value, Mapping) else value).encode()
        return frozen.encode() if self.method in {"POST", "PUT", "PATCH"} else b""


@dataclass(frozen=True, slots=True)
class Key:
    """The header that bears the effect key; quoted, it is the String of RFC 8941 that the draft asks for."""

    header: str
    quoted: bool = True

    def of(self, effect_key: str) -> Mapping[str, str]:
        """Return the header; BadArgumentError where the key has no form in one."""
        if _KEY.fullmatch(effect_key) is None:
            raise BadArgumentError("The effect key cannot be sent as a header.")
        escaped = effect_key.replace("\\", "\\\\").replace('"', '\\"')
        return {self.header: f'"{escaped}"' if self.quoted else effect_key}


@dataclass(frozen=True, slots=True)
class ObjectNames:
    """Where the object's id and URL are: in the answer, or made from the arguments."""

    object_type: str
    id_at: Steps | None = None
    id_from: Text | None = None
    url_at: Steps | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """Which statuses prove what; all others prove nothing. ``match``: what an answer must show to be believed."""

    applied: frozenset[int]
    refused: Mapping[int, ErrorClass] = field(default_factory=dict)
    retryable: frozenset[int] = frozenset()
    not_sent: frozenset[int] = frozenset()
    match: Mapping[Steps, Value] = field(default_factory=dict)
    code_at: Steps | None = None
    message_at: Steps | None = None
    replayed_header: str | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """A read that settles doubt.

    ``items_at``: the list that a search found, of which those count that ``where`` holds of. ``match``: what the object
    must show. ``expects_absent``: the tool removes the object. ``gone``: statuses that say it was there once.
    """

    ask: Ask
    found: frozenset[int]
    absent: frozenset[int]
    gone: frozenset[int] = frozenset()
    items_at: Steps | None = None
    where: Mapping[Steps, Value] = field(default_factory=dict)
    match: Mapping[Steps, Value] = field(default_factory=dict)
    expects_absent: bool = False


@dataclass(frozen=True, slots=True)
class Imaging:
    """A read of what an update is about to change: the values at these paths, and the provider's version."""

    ask: Ask
    found: frozenset[int]
    image: Sequence[Steps]
    version: Steps | None = None

    @property
    def paths(self) -> Sequence[Steps]:
        """All paths of the image."""
        return (*self.image, *(() if self.version is None else (self.version,)))


@dataclass(frozen=True, slots=True)
class HttpTool:
    """One tool."""

    ask: Ask
    answers: Answers
    names: ObjectNames
    key: Key | None = None
    looking: Looking | None = None
    imaging: Imaging | None = None
