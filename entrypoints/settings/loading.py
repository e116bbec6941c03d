"""Settings: one TOML file and the environment, each read once, into frozen values."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from core.domain.timing import Timing
from entrypoints.late import found
from entrypoints.settings.egress import Egress
from entrypoints.settings.json_tables import tables_in
from entrypoints.settings.parsing import Parsed, line, parsed
from entrypoints.settings.reaching import Named, require_meant
from entrypoints.settings.tables import (
    TABLES,
    AwsTable,
    Defaults,
    Events,
    Logs,
    Paths,
    Run,
    Target,
    Tenants,
    Top,
)
from entrypoints.settings.variables import API_TOKEN, ENVIRONMENT, is_path, variable_of

if TYPE_CHECKING:
    from entrypoints.settings.api import ApiTable
    from entrypoints.settings.client import ClientTable
    from entrypoints.settings.connectors import ConnectorSettings
    from entrypoints.settings.gateway_target import GatewayTargetSettings

DEFAULT_FILE = Path("actonce.toml")
DURATIONS = frozenset({"max_skew_ms"})
CONFIG = "ACTONCE_CONFIG"
CONNECTORS = "ACTONCE_CONNECTORS"
LOG_FIELDS = "ACTONCE_LOG_FIELDS"
EGRESS_HOSTS = "ACTONCE_EGRESS_HOSTS"
GATEWAY_TARGET = "ACTONCE_GATEWAY_TARGET"

CLIENT_TABLE = "entrypoints.settings.client.ClientTable"
API_TABLE = "entrypoints.settings.api.ApiTable"
TOML = "tomllib.loads"
CONNECTORS_IN = "entrypoints.settings.configured.connectors_in"
GATEWAY_TARGET_IN = "entrypoints.settings.configured.gateway_target_in"


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
    connectors: "Mapping[str, ConnectorSettings]"
    source: str = "defaults"
    target: Target = "embedded"
    aws: AwsTable = AwsTable.model_construct()
    logs: Logs = Logs.model_construct()
    served: "ApiTable | None" = None
    asked: "ClientTable | None" = None
    egress: Egress = Egress.model_construct()
    gateway_target: "GatewayTargetSettings | None" = None

    @property
    def is_aws(self) -> bool:
        """Tell whether the stores are those of AWS."""
        return self.target == "aws"

    @property
    def is_api(self) -> bool:
        """Tell whether there are no stores here, but the HTTP API of an installation."""
        return self.target == "api"

    @property
    def client(self) -> "ClientTable":
        """The table of how an API elsewhere is asked, which is imported by whoever asks."""
        client: ClientTable = self.asked or found(CLIENT_TABLE).model_construct()
        return client

    @property
    def api(self) -> "ApiTable":
        """The table of what is served, which is imported by whoever serves."""
        api: ApiTable = self.served or found(API_TABLE).model_construct()
        return api

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
        return replace(self, run=parsed(Run, self.run.model_dump() | changed, "options", "run"))

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
        ConfigurationError: one line that names the file and the key, or the option or variable.
    """
    env = dict(os.environ) if environment is None else dict(environment)
    path = _file_of(overrides, env)
    source = str(path) if path else "defaults"
    document = _with_options(_with_environment(_document(path), env), overrides)
    is_named = overrides.config is not None or bool(env.get(CONFIG))
    found_in = None if path is None or is_named else path.parent
    require_meant(Named(document.get("target"), document.get("client"), overrides.url, found_in), env)
    connectors = _connectors(document, source, env)
    top = parsed(Top, {name: it for name, it in document.items() if name not in TABLES}, source)
    return Settings(
        paths=_placed(_table(Paths, document, source), path, overrides),
        run=_table(Run, document, source).paced(top.target),
        events=_table(Events, document, source),
        timing=_timing(top.timing, source),
        tenants=_table(Tenants, document, source),
        defaults=_table(Defaults, document, source),
        connectors=connectors,
        source=source,
        target=top.target,
        aws=_table(AwsTable, document, source, "aws"),
        logs=_table(Logs, document, source),
        served=_served(document, source, path),
        asked=_asked(document, source, path, env),
        egress=_table(Egress, document, source),
        gateway_target=_gateway_target(document, source, env),
    )


def _table(model: type[Parsed], document: Mapping[str, Any], source: str, name: str | None = None) -> Parsed:
    """Return a table. One that nobody wrote needs no validator, the making of which would be most of a start."""
    name = name or model.__name__.lower()
    return parsed(model, document[name], source, name) if name in document else model.model_construct()


def _connectors(document: Mapping[str, Any], source: str, env: Mapping[str, str]) -> "Mapping[str, ConnectorSettings]":
    """Return the connectors of the environment, in place of all those of the file."""
    tables = tables_in(CONNECTORS, env[CONNECTORS]) if env.get(CONNECTORS) else document.get("connectors", {})
    if tables == {}:
        return {}
    read: Mapping[str, ConnectorSettings] = found(CONNECTORS_IN)(
        tables, CONNECTORS if env.get(CONNECTORS) else source, env
    )
    return read


def _served(document: Mapping[str, Any], source: str, path: Path | None) -> "ApiTable | None":
    if "api" not in document:
        return None
    model: type[ApiTable] = found(API_TABLE)
    return parsed(model, document["api"], source, "api").beside(path)


def _asked(document: Mapping[str, Any], source: str, path: Path | None, env: Mapping[str, str]) -> "ClientTable | None":
    if "client" not in document and not env.get(API_TOKEN):
        return None
    model: type[ClientTable] = found(CLIENT_TABLE)
    return parsed(model, document.get("client", {}), source, "client").beside(path).with_token(env.get(API_TOKEN))


def _gateway_target(document: Mapping[str, Any], source: str, env: Mapping[str, str]) -> "GatewayTargetSettings | None":
    told = document.get("gateway_target")
    settings: GatewayTargetSettings | None = None if told is None else found(GATEWAY_TARGET_IN)(told, source, env)
    return settings


def _file_of(overrides: Overrides, env: Mapping[str, str]) -> Path | None:
    named = overrides.config or (Path(env[CONFIG]) if env.get(CONFIG) else None)
    if named is None:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    if not named.is_file():
        raise ConfigurationError(f"{named}: there is no such file. Name another with --config.")
    return named


def _document(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        document: dict[str, Any] = found(TOML)(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {line(str(error))}") from error
    return document


def _with_environment(document: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Put what the environment says over what the file says; an empty variable says nothing."""
    merged = document
    for variable, place in ENVIRONMENT.items():
        if env.get(variable):
            value = str(Path(env[variable]).absolute()) if is_path(place) else env[variable]
            merged = _placed_in(merged, place, value)
    if env.get(GATEWAY_TARGET):
        merged = {**merged, "gateway_target": tables_in(GATEWAY_TARGET, env[GATEWAY_TARGET])}
    for name, place in ((LOG_FIELDS, ("logs", "fields")), (EGRESS_HOSTS, ("egress", "hosts"))):
        if env.get(name):
            merged = _placed_in(merged, place, [it.strip() for it in env[name].split(",")])
    return merged


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


def _placed(paths: Paths, file: Path | None, overrides: Overrides) -> Paths:
    if file is None and overrides.database is None and not overrides.registry:
        return paths
    folder = file.parent if file else Path()
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
