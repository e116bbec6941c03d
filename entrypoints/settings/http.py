"""The settings of the HTTP connector: a JSON API and what each tool does with it."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from core.domain.errors import ErrorClass
from entrypoints.settings.auth import ApiKeyAuth, Auth, NoAuth
from entrypoints.settings.guards import GuardedTable
from entrypoints.settings.tables import Given, Table, is_loopback, is_web_address
from ports.wire.bounds import ID_PATTERN

MEGABYTE = 1024 * 1024
MOST_TOOLS, MOST_TENANTS, MOST_MEMBERS = 64, 1_000, 64
ARGUMENT = r"\{[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*\}"
RESERVED = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers that are not configured: they are the transport's, or say who we are, which ``auth`` does."""


def _is_no_reserved_header(name: str) -> str:
    if name.lower() in RESERVED:
        raise ValueError(f"{name} is not for the configuration to set")
    return name


def _repeated(statuses: Iterable[int]) -> int | None:
    seen: set[int] = set()
    for status in statuses:
        if status in seen:
            return status
        seen.add(status)
    return None


Template = Annotated[str, Field(max_length=2_048, pattern=rf"^(?:[^{{}}]|\{{\{{|\}}\}}|{ARGUMENT})*$")]
"""A text in which {name} stands for an argument."""
PathTemplate = Annotated[str, Field(max_length=2_048, pattern=rf"^/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{ARGUMENT})*$")]
JsonPath = Annotated[str, Field(max_length=256, pattern=r"^(?:\.|[A-Za-z0-9_@$-]+(?:\.[A-Za-z0-9_@$-]+)*)$")]
"""Names and places with dots between, such as data.items.0.id; a dot alone is the whole document."""
HeaderName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"), AfterValidator(_is_no_reserved_header)
]
ToolName = Annotated[str, Field(pattern=r"^[a-z0-9_]+(?:\.[a-z0-9_]+)+$", max_length=128)]
Success = Annotated[int, Field(ge=200, le=299)]
Failure = Annotated[int, Field(ge=400, le=499)]
Match = Annotated[dict[JsonPath, Any], Field(max_length=MOST_MEMBERS)]


class HttpAsk(Table):
    """A request. ``body`` absent: the arguments as they are, where the method takes a body."""

    path: PathTemplate
    query: Annotated[dict[Given, Template], Field(max_length=MOST_MEMBERS)] = Field(default_factory=dict)
    headers: Annotated[dict[HeaderName, Template], Field(max_length=MOST_MEMBERS)] = Field(default_factory=dict)
    body: Annotated[dict[str, Any], Field(max_length=MOST_MEMBERS)] | None = None


class HttpAnswers(Table):
    """Which statuses prove what; all others prove nothing.

    ``refused`` lists by error class what proves that nothing was changed; of these ``retryable`` may be accepted later.
    ``not_sent``: turned away before anything was done. ``match``: what a success must show.
    """

    applied: Annotated[tuple[Success, ...], Field(min_length=1, max_length=32)] = (200, 201, 204)
    refused: dict[ErrorClass, Annotated[tuple[Failure, ...], Field(max_length=32)]] = Field(default_factory=dict)
    retryable: Annotated[tuple[Failure, ...], Field(max_length=32)] = ()
    not_sent: Annotated[tuple[Literal[429, 503], ...], Field(max_length=2)] = (429,)
    match: Match = Field(default_factory=dict)
    error_code: JsonPath | None = None
    error_message: JsonPath | None = None
    replayed_header: HeaderName | None = None

    @model_validator(mode="after")
    def _each_status_means_one_thing(self) -> Self:
        refused = [status for statuses in self.refused.values() for status in statuses]
        twice = _repeated([*self.applied, *refused, *self.not_sent])
        if twice is not None:
            raise ValueError(f"the status {twice} is listed twice")
        if stray := sorted(set(self.retryable) - set(refused)):
            raise ValueError(f"retryable: the status {stray[0]} is not refused")
        return self


class HttpLookUp(HttpAsk):
    """A read that settles doubt.

    ``items``: where a search has its list, of which those count that ``where`` holds of. ``match``: what the object
    must show. ``expects``: absent, for a tool that removes. ``gone``: statuses that say that it was there once.
    """

    method: Literal["GET", "POST"] = "GET"
    found: Annotated[tuple[Success, ...], Field(min_length=1, max_length=32)] = (200,)
    absent: Annotated[tuple[Literal[404, 410], ...], Field(max_length=2)] = (404,)
    gone: Annotated[tuple[Literal[404, 410], ...], Field(max_length=2)] = ()
    items: JsonPath | None = None
    where: Match = Field(default_factory=dict)
    match: Match = Field(default_factory=dict)
    expects: Literal["present", "absent"] = "present"

    @model_validator(mode="after")
    def _a_search_says_what_is_meant(self) -> Self:
        if (twice := _repeated([*self.absent, *self.gone])) is not None:
            raise ValueError(f"the status {twice} is listed twice")
        if (self.items is None) != (not self.where):
            raise ValueError("items and where belong together: which of those that a search finds is meant?")
        return self


class HttpBefore(HttpAsk):
    """A read of what an update is about to change: the values at the paths of ``image``, and the version."""

    method: Literal["GET"] = "GET"
    found: Annotated[tuple[Success, ...], Field(min_length=1, max_length=32)] = (200,)
    image: Annotated[tuple[JsonPath, ...], Field(min_length=1, max_length=MOST_MEMBERS)]
    version: JsonPath | None = None


class HttpToolSettings(HttpAsk):
    """One tool. ``idempotency_header`` bears the effect key, quoted as RFC 8941 has it unless ``quoted`` is false."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    idempotency_header: HeaderName | None = None
    quoted: bool = True
    object_type: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "object"
    object_id: JsonPath | None = None
    object_id_from: Template | None = None
    object_url: JsonPath | None = None
    answers: HttpAnswers = HttpAnswers()
    look_up: HttpLookUp | None = None
    before: HttpBefore | None = None

    @model_validator(mode="after")
    def _its_parts_fit(self) -> Self:
        if self.object_id is not None and self.object_id_from is not None:
            raise ValueError("object_id and object_id_from exclude each other; drop one")
        if self.before is not None and (self.look_up is None or self.look_up.expects == "absent"):
            raise ValueError("before needs a look_up that expects the object to be present")
        if self.before is not None and self.look_up is not None:
            stray = sorted(set(self.look_up.match) - set(self.before.image))
            if stray or not self.look_up.match:
                raise ValueError(f"before.image must name what look_up.match compares: {', '.join(stray) or 'nothing'}")
        return self


class HttpSettings(GuardedTable):
    """One JSON API. ``tools``: what each does, by its whole name. ``system``: its name in references to objects.

    ``tenants``: whom it serves; everybody where there are none. ``allows_private`` as for an MCP server.
    """

    kind: Literal["http"]
    url: str
    system: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    tools: Annotated[dict[ToolName, HttpToolSettings], Field(min_length=1, max_length=MOST_TOOLS)]
    auth: Auth = NoAuth(kind="none")
    tenants: Annotated[tuple[Annotated[str, Field(pattern=ID_PATTERN)], ...], Field(max_length=MOST_TENANTS)] = ()
    allows_private: bool = False
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * MEGABYTE)] = 10 * MEGABYTE

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not is_web_address(url) or urlsplit(url).query:
            raise ValueError("must be an http or https address without a user name and without a query")
        return url

    @model_validator(mode="after")
    def _secrets_travel_safely(self) -> Self:
        parts = urlsplit(self.url)
        if isinstance(self.auth, ApiKeyAuth) and self.auth.header.lower() in RESERVED - {"authorization", "cookie"}:
            raise ValueError(f"auth.header: {self.auth.header} is not for the configuration to set")
        if self.auth.kind != "none" and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError("credentials go over https only, or to this machine; change url or drop auth")
        return self
