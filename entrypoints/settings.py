"""Settings: one TOML file and the environment, each read once, into frozen values."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic import ValidationError as PydanticError

from core.domain.errors import ConfigurationError
from core.domain.timing import Timing

DEFAULT_FILE = Path("actonce.toml")
MEGABYTE = 1024 * 1024
DURATIONS = frozenset({"max_skew_ms"})


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(_Table):
    """Where things are kept; a relative path starts at the configuration file's folder.

    ``registry``: folders of registry entries; none is for those that come with this system.
    """

    database: Path = Path("actonce.db")
    signals: Path = Path("signals.jsonl")
    registry: tuple[Path, ...] = ()


class Run(_Table):
    """How the worker works.

    ``visibility_s`` is how long a delivery that a dead worker held stays away; a longer call is safe, since its
    redelivery finds the prepared effect. ``max_wait_s`` bounds how long a draining worker waits for what is not due.
    ``stop_s`` is what calls under way are given to end when the worker is stopped.
    ``max_receives`` bounds redeliveries after an unforeseen fault.
    """

    workers: Annotated[int, Field(ge=1, le=256)] = 8
    max_wait_s: Annotated[float, Field(ge=0, le=86_400)] = 90.0
    visibility_s: Annotated[float, Field(gt=0, le=43_200)] = 60.0
    sweep_every_s: Annotated[float, Field(gt=0, le=3_600)] = 2.0
    stop_s: Annotated[float, Field(ge=0, le=3_600)] = 30.0
    max_receives: Annotated[int, Field(ge=1, le=1_000)] = 5


class Events(_Table):
    """Whose events are ours."""

    source: Annotated[str, Field(min_length=1)] = "cc-native"


class Tenants(_Table):
    """What holds for a tenant that nobody opened: closed, unless the deployment says otherwise."""

    unknown: Literal["closed", "enabled"] = "closed"

    @property
    def are_unknown_enabled(self) -> bool:
        """Tell whether a tenant that nobody opened may act."""
        return self.unknown == "enabled"


class Defaults(_Table):
    """What the command line takes where an option is left out."""

    tenant: str | None = None
    account: str | None = None
    operator: str | None = None


class InternalSettings(_Table):
    """The connector of the notes and tasks that this system keeps itself."""

    kind: Literal["internal"]


class McpSettings(_Table):
    """One MCP server. ``tools`` are the prefixes of the tools it offers; ``token_env`` names a variable.

    ``errors_precede_tools`` declares that no tool of this server raises JSON-RPC errors.
    """

    kind: Literal["mcp"]
    url: str
    tools: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    token_env: str | None = None
    errors_precede_tools: bool = False
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * MEGABYTE)] = 10 * MEGABYTE
    token: Annotated[SecretStr | None, Field(exclude=True)] = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError("must be an http or https address without a user name")
        return url

    @field_validator("token")
    @classmethod
    def _is_not_written_down(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            raise ValueError("a secret has no place in the file; name its environment variable as token_env")
        return token

    @model_validator(mode="after")
    def _token_travels_safely(self) -> Self:
        parts = urlsplit(self.url)
        if self.token_env is not None and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError("a token goes over https only, or to this machine; change url or drop token_env")
        return self


Parsed = TypeVar("Parsed", bound=BaseModel)
ConnectorSettings = Annotated[McpSettings | InternalSettings, Field(discriminator="kind")]


class _File(_Table):
    paths: Paths = Paths()
    run: Run = Run()
    events: Events = Events()
    timing: dict[str, Annotated[int, Field(strict=True)]] = {}
    tenants: Tenants = Tenants()
    defaults: Defaults = Defaults()
    connectors: dict[str, ConnectorSettings] = {}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over file and environment."""

    config: Path | None = None
    database: Path | None = None
    registry: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an installation is told from outside."""

    paths: Paths
    run: Run
    events: Events
    timing: Timing
    tenants: Tenants
    defaults: Defaults
    connectors: Mapping[str, McpSettings | InternalSettings]
    source: str = "defaults"

    def with_run(self, *, workers: int | None = None, max_wait_s: float | None = None) -> "Settings":
        """Return the settings with what a command's own options say."""
        given = {"workers": workers, "max_wait_s": max_wait_s}
        changed = {name: value for name, value in given.items() if value is not None}
        return replace(self, run=_parsed(Run, self.run.model_dump() | changed, "options", "run"))

    def with_registry(self, folders: Sequence[Path]) -> "Settings":
        """Return the settings with a command's own registry folders, where it was given some."""
        if not folders:
            return self
        return replace(self, paths=self.paths.model_copy(update={"registry": tuple(folders)}))


def load(overrides: Overrides = Overrides(), environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file and the environment.

    Raises:
        ConfigurationError: one line that names the file and the key.
    """
    env = dict(os.environ) if environment is None else dict(environment)
    path = _file_of(overrides, env)
    source = str(path) if path else "defaults"
    document = _with_environment(_document(path), env)
    file = _parsed(_File, document, source)
    return Settings(
        paths=_placed(file.paths, path.parent if path else Path(), overrides),
        run=file.run,
        events=file.events,
        timing=_timing(file.timing, source),
        tenants=file.tenants,
        defaults=file.defaults,
        connectors={name: _with_token(one, env) for name, one in file.connectors.items()},
        source=source,
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _file_of(overrides: Overrides, env: Mapping[str, str]) -> Path | None:
    named = overrides.config or (Path(env["ACTONCE_CONFIG"]) if env.get("ACTONCE_CONFIG") else None)
    if named is None:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    if not named.is_file():
        raise ConfigurationError(f"{named}: there is no such file. Name another with --config.")
    return named


def _document(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {_line(str(error))}") from error


ENVIRONMENT = {
    "ACTONCE_DB": ("paths", "database"),
    "ACTONCE_SIGNALS": ("paths", "signals"),
    "ACTONCE_WORKERS": ("run", "workers"),
    "ACTONCE_MAX_WAIT": ("run", "max_wait_s"),
    "ACTONCE_UNKNOWN_TENANTS": ("tenants", "unknown"),
    "ACTONCE_TENANT": ("defaults", "tenant"),
    "ACTONCE_ACCOUNT": ("defaults", "account"),
    "ACTONCE_OPERATOR": ("defaults", "operator"),
}


def _with_environment(document: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Put what the environment says over what the file says."""
    merged = dict(document)
    for variable, (table, key) in ENVIRONMENT.items():
        if variable in env:
            before = merged.get(table, {})
            # A path in the environment starts where the command was started, not at the file.
            value = str(Path(env[variable]).absolute()) if table == "paths" else env[variable]
            merged[table] = {**before, key: value} if isinstance(before, dict) else before
    return merged


def _parsed(model: type[Parsed], document: object, source: str, *place: str) -> Parsed:
    try:
        return model.model_validate(document)
    except PydanticError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        loc = list(first["loc"])
        if loc[:1] == ["connectors"]:
            # The third part is the union's tag, which nobody wrote.
            del loc[2:3]
        where = ".".join(str(part) for part in (*place, *loc))
        reason = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"{source}: {where}: {_line(reason)}") from error


def _placed(paths: Paths, folder: Path, overrides: Overrides) -> Paths:
    return Paths(
        database=overrides.database or folder / paths.database,
        signals=folder / paths.signals,
        registry=overrides.registry or tuple(folder / one for one in paths.registry),
    )


def _timing(given: Mapping[str, int], source: str) -> Timing:
    known = {field.name for field in fields(Timing)}
    for name, value in given.items():
        if name not in known:
            raise ConfigurationError(f"{source}: timing.{name}: no such key; the keys are {', '.join(sorted(known))}")
        if value < (0 if name in DURATIONS else 1):
            raise ConfigurationError(f"{source}: timing.{name}: must not be {value}")
    return replace(Timing(), **given)


def _with_token(one: McpSettings | InternalSettings, env: Mapping[str, str]) -> McpSettings | InternalSettings:
    """Read the token now; that one is missing matters only to whoever is about to call."""
    if isinstance(one, InternalSettings) or one.token_env is None or not env.get(one.token_env):
        return one
    return one.model_copy(update={"token": SecretStr(env[one.token_env])})


def _line(text: str) -> str:
    return " ".join(text.split())
