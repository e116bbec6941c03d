"""Settings: one TOML file and the environment, each read once, into frozen values."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, SecretStr
from pydantic import ValidationError as PydanticError

from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from core.domain.timing import Timing
from entrypoints.settings.api import ApiTable
from entrypoints.settings.auth import with_secrets
from entrypoints.settings.client import ClientTable
from entrypoints.settings.connectors import ConnectorSettings, McpSettings
from entrypoints.settings.gateway_target import GatewayTargetSettings
from entrypoints.settings.guards import Egress
from entrypoints.settings.json_tables import tables_in
from entrypoints.settings.tables import AwsTable, Defaults, Events, Logs, Paths, Run, Table, Target, Tenants
from entrypoints.settings.variables import API_TOKEN, ENVIRONMENT, is_path, variable_of

DEFAULT_FILE = Path("actonce.toml")
DURATIONS = frozenset({"max_skew_ms"})
CONNECTORS = "ACTONCE_CONNECTORS"
LOG_FIELDS = "ACTONCE_LOG_FIELDS"
EGRESS_HOSTS = "ACTONCE_EGRESS_HOSTS"
GATEWAY_TARGET = "ACTONCE_GATEWAY_TARGET"

Parsed = TypeVar("Parsed", bound=BaseModel)


class _Connectors(Table):
    connectors: dict[str, Annotated[ConnectorSettings, Field(discriminator="kind")]] = Field(default_factory=dict)


class _File(_Connectors):
    target: Target = "embedded"
    paths: Paths = Paths()
    run: Run = Run()
    events: Events = Events()
    timing: dict[str, Annotated[int, Field(strict=True)]] = Field(default_factory=dict)
    tenants: Tenants = Tenants()
    defaults: Defaults = Defaults()
    aws: AwsTable = AwsTable()
    logs: Logs = Logs()
    api: ApiTable = ApiTable()
    client: ClientTable = ClientTable()
    egress: Egress = Egress()
    gateway_target: GatewayTargetSettings | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over file and environment."""

    config: Path | None = None
    database: Path | None = None
    registry: tuple[Path, ...] = ()
    target: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an installation is told from outside."""

    paths: Paths
    run: Run
    events: Events
    timing: Timing
    tenants: Tenants
    defaults: Defaults
    connectors: Mapping[str, ConnectorSettings]
    source: str = "defaults"
    target: Target = "embedded"
    aws: AwsTable = AwsTable()
    logs: Logs = Logs()
    api: ApiTable = ApiTable()
    client: ClientTable = ClientTable()
    egress: Egress = Egress()
    gateway_target: GatewayTargetSettings | None = None

    @property
    def is_aws(self) -> bool:
        """Tell whether the stores are those of AWS."""
        return self.target == "aws"

    @property
    def is_api(self) -> bool:
        """Tell whether there are no stores here, but the HTTP API of an installation."""
        return self.target == "api"

    @property
    def look_every_s(self) -> float:
        """How often a worker looks for signals that others left; on AWS a relay of its own publishes them."""
        return self.run.sweep_every_s if self.is_aws else 0.0

    def with_run(
        self, *, workers: int | None = None, max_wait_s: float | None = None, stop_s: float | None = None
    ) -> "Settings":
        """Return the settings with what a command's own options say."""
        given = {"workers": workers, "max_wait_s": max_wait_s, "stop_s": stop_s}
        changed = {name: value for name, value in given.items() if value is not None}
        return replace(self, run=_parsed(Run, self.run.model_dump() | changed, "options", "run"))

    def with_registry(self, folders: Sequence[Path]) -> "Settings":
        """Return the settings with a command's own registry folders, where it was given some."""
        if not folders:
            return self
        return replace(self, paths=self.paths.model_copy(update={"registry": tuple(folders)}))

    def require(self, *names: str) -> None:
        """Say which of these keys under ``[aws]`` are missing, all in one line.

        Raises:
            ConfigurationError: some are, and the target is AWS.
        """
        missing = self.missing(*names)
        if missing:
            variables = ", ".join(variable_of(name) for name in missing)
            keys = ", ".join(missing)
            raise ConfigurationError(f"{self.source}: set {keys} under [aws], or {variables} in the environment.")

    def missing(self, *names: str) -> list[str]:
        """Return which of these keys under ``[aws]`` are missing; none where the target is another one."""
        return [name for name in names if self.is_aws and getattr(self.aws, name) is None]


def load(overrides: Overrides = Overrides(), environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file and the environment.

    Raises:
        ConfigurationError: one line that names the file and the key.
    """
    env = dict(os.environ) if environment is None else dict(environment)
    path = _file_of(overrides, env)
    source = str(path) if path else "defaults"
    document = _with_options(_with_environment(_document(path), env), overrides)
    file = _parsed(_File, document, source)
    return Settings(
        paths=_placed(file.paths, path.parent if path else Path(), overrides),
        run=file.run.paced(file.target),
        events=file.events,
        timing=_timing(file.timing, source),
        tenants=file.tenants,
        defaults=file.defaults,
        connectors={name: _with_token(one, env) for name, one in file.connectors.items()},
        source=source,
        target=file.target,
        aws=file.aws,
        logs=file.logs,
        api=file.api.beside(path),
        client=file.client.beside(path).with_token(env.get(API_TOKEN)),
        egress=file.egress,
        gateway_target=file.gateway_target and with_secrets(file.gateway_target, env),
    )


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


def _with_environment(document: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Put what the environment says over what the file says; an empty variable says nothing."""
    merged = document
    for variable, place in ENVIRONMENT.items():
        if env.get(variable):
            value = str(Path(env[variable]).absolute()) if is_path(place) else env[variable]
            merged = _placed_in(merged, place, value)
    if env.get(CONNECTORS):
        merged = {**merged, "connectors": _connectors(env[CONNECTORS])}
    if env.get(GATEWAY_TARGET):
        merged = {**merged, "gateway_target": tables_in(GATEWAY_TARGET, env[GATEWAY_TARGET])}
    for name, place in ((LOG_FIELDS, ("logs", "fields")), (EGRESS_HOSTS, ("egress", "hosts"))):
        if env.get(name):
            merged = _placed_in(merged, place, [it.strip() for it in env[name].split(",")])
    return merged


def _connectors(text: str) -> object:
    """Return the tables of connectors that the environment holds, in place of all those of the file."""
    tables = tables_in(CONNECTORS, text)
    _parsed(_Connectors, {"connectors": tables}, CONNECTORS)
    return tables


def _with_options(document: dict[str, Any], overrides: Overrides) -> dict[str, Any]:
    given = {
        ("target",): overrides.target,
        ("aws", "profile"): overrides.profile,
        ("aws", "region"): overrides.region,
        ("aws", "endpoint_url"): overrides.endpoint_url,
        ("client", "url"): overrides.url,
    }
    merged = document
    for place, value in given.items():
        if value is not None:
            merged = _placed_in(merged, place, value)
    return merged


def _placed_in(document: dict[str, Any], place: Sequence[str], value: object) -> dict[str, Any]:
    """Return the document with a value at a place; a table that is none is left for the parser to refuse."""
    if len(place) == 1:
        return {**document, place[0]: value}
    table = document.get(place[0], {})
    return {**document, place[0]: {**table, place[1]: value} if isinstance(table, dict) else table}


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
        if first["type"] == "union_tag_invalid":  # pydantic would repeat what stands there
            reason = f"no such kind; the kinds are {first['ctx']['expected_tags']}"
        raise ConfigurationError(f"{source}: {where}: {_line(reason)}") from error


def _placed(paths: Paths, folder: Path, overrides: Overrides) -> Paths:
    return Paths(
        database=overrides.database or folder / paths.database,
        signals=folder / paths.signals,
        registry=overrides.registry or tuple(folder / one for one in paths.registry),
        heads=folder / paths.heads,
        sealing_key=folder / paths.sealing_key,
        trusted_keys=tuple(folder / one for one in paths.trusted_keys),
    )


def _timing(given: Mapping[str, int], source: str) -> Timing:
    known = {field.name for field in fields(Timing)}
    for name, value in given.items():
        if name not in known:
            raise ConfigurationError(f"{source}: timing.{name}: no such key; the keys are {', '.join(sorted(known))}")
        if value < (0 if name in DURATIONS else 1):
            raise ConfigurationError(f"{source}: timing.{name}: must not be {value}")
    return replace(Timing(), **given)


def _with_token(one: ConnectorSettings, env: Mapping[str, str]) -> ConnectorSettings:
    """Read the token now; that one is missing matters only to whoever is about to call."""
    one = with_secrets(one, env)
    if not isinstance(one, McpSettings) or one.token_env is None or not env.get(one.token_env):
        return one
    return one.model_copy(update={"token": SecretStr(env[one.token_env])})


def _line(text: str) -> str:
    return " ".join(text.split())
