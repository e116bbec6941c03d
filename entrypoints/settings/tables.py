"""The tables of the configuration file, each a frozen value whose every key has a default."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

Target = Literal["embedded", "aws", "api"]
AWS_SWEEP_EVERY_S = 30.0
MOST_LOG_FIELDS = 32
SECRET_WORDS = ("authorization", "credential", "password", "secret", "token")
MACHINE = r"^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[0-9A-Za-z_-]{1,80}$"
Given = Annotated[str, Field(min_length=1, max_length=2_048)]
TABLES = frozenset(
    {
        "api",
        "aws",
        "client",
        "connectors",
        "defaults",
        "egress",
        "events",
        "gateway_target",
        "logs",
        "paths",
        "run",
        "tenants",
    }
)


class Table(BaseModel):
    """A table that refuses a key that it does not know. Its validator is made by the first that is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Top(Table):
    """What stands beside the tables."""

    target: Target = "embedded"
    timing: dict[str, Annotated[int, Field(strict=True)]] = Field(default_factory=dict)


class Paths(Table):
    """Where things are kept; a relative path starts at the configuration file's folder.

    ``registry``: folders of registry entries; none is for those that come with this system. ``heads`` is the folder of
    what is signed of the ledger, ``sealing_key`` the private key that signs it where no KMS does, ``trusted_keys`` are
    further public keys that its signatures may be of.
    """

    database: Path = Path("actonce.db")
    signals: Path = Path("signals.jsonl")
    registry: tuple[Path, ...] = ()
    heads: Path = Path("heads")
    sealing_key: Path = Path("sealing-key.pem")
    trusted_keys: tuple[Path, ...] = ()


class Run(Table):
    """How the worker works.

    ``visibility_s`` is how long a delivery that a dead worker held stays away; a longer call is safe, since its
    redelivery finds the prepared effect. ``max_wait_s`` bounds how long a draining worker waits for what is not due.
    ``stop_s`` is what calls under way are given to end when the worker is stopped. ``sweep_every_s`` has another
    default on AWS, where looking costs money. ``max_receives`` bounds redeliveries after an unforeseen fault.
    ``one_core`` keeps the threads of an embedded worker on one core of Linux, another one for each process on the file:
    only one of them runs Python at a time, and waking one elsewhere takes longer than the work between two waits.
    """

    workers: Annotated[int, Field(ge=1, le=256)] = 8
    max_wait_s: Annotated[float, Field(ge=0, le=86_400)] = 90.0
    visibility_s: Annotated[float, Field(gt=0, le=43_200)] = 60.0
    sweep_every_s: Annotated[float, Field(gt=0, le=3_600)] = 2.0
    stop_s: Annotated[float, Field(ge=0, le=3_600)] = 30.0
    max_receives: Annotated[int, Field(ge=1, le=1_000)] = 5
    one_core: bool = True

    def paced(self, target: Target) -> "Run":
        """Return it with the default of its target for what nobody set."""
        if target != "aws" or "sweep_every_s" in self.model_fields_set:
            return self
        return self.model_copy(update={"sweep_every_s": AWS_SWEEP_EVERY_S})


class Events(Table):
    """Whose events are ours."""

    source: Annotated[str, Field(min_length=1)] = "cc-native"


class Tenants(Table):
    """What holds for a tenant that nobody opened: closed, unless the deployment says otherwise."""

    unknown: Literal["closed", "enabled"] = "closed"

    @property
    def are_unknown_enabled(self) -> bool:
        """Tell whether a tenant that nobody opened may act."""
        return self.unknown == "enabled"


class Defaults(Table):
    """What the command line takes where an option is left out."""

    tenant: str | None = None
    account: str | None = None
    operator: str | None = None


class Logs(Table):
    """Which arguments of a tool may stand in the logs, by their names; none unless they are named.

    A name that speaks of a secret is refused. Only texts, numbers and truth values are shown, shortened.
    """

    fields: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")], ...], Field(max_length=MOST_LOG_FIELDS)
    ] = ()

    @field_validator("fields")
    @classmethod
    def _is_no_secret(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if any(word in name.lower() for word in SECRET_WORDS):
                raise ValueError(f"{name} speaks of a secret, which has no place in a log")
        return names


class AwsTable(Table):
    """Where things are kept on AWS; what is absent is missed only by a command that needs it.

    ``profile`` and ``region`` are found as the AWS command line finds them where they are absent. ``endpoint_url``
    points every service at an emulator. ``paging_secret`` names a secret that signs the places of listings.
    ``heads_bucket`` keeps what ``heads_key``, a KMS key's id, ARN or alias, signs of the ledger; where they are absent,
    nothing is. ``archive`` is EventBridge's of approved events. ``state_machine_arn`` is that of the orchestrator,
    where there is one.
    """

    profile: Given | None = None
    region: Given | None = None
    endpoint_url: Given | None = None
    table_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = "actonce-"
    queue_url: Given | None = None
    dead_letter_queue_url: Given | None = None
    bus_name: Given | None = None
    artifacts_bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    paging_secret: Given | None = None
    heads_bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    heads_key: Given | None = None
    archive: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,48}$")] | None = None
    state_machine_arn: Annotated[str, Field(pattern=MACHINE)] | None = None

    @field_validator("endpoint_url", "queue_url", "dead_letter_queue_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None and not is_web_address(url):
            raise ValueError("must be an https address without a user name")
        return url

    @field_validator("endpoint_url")
    @classmethod
    def _is_not_read_on_the_way(cls, url: str | None) -> str | None:
        # A queue's URL is a name and no place that something is sent to.
        return None if url is None else private_address(url)


def private_address(url: str) -> str:
    """Return an address whose traffic nobody reads on the way: https, or one of this machine.

    Raises:
        ValueError: it is another.
    """
    if not is_web_address(url):
        raise ValueError("must be an https address without a user name")
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must be https, unless it is an address of this machine")
    return url


def is_web_address(url: str) -> bool:
    """Tell whether this is an http or https address with a host, a port that can be and no user name."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
