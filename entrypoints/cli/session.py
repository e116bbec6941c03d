"""The session: what one command line was told before its command, and the installation it opens."""

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from core.domain.errors import ConfigurationError
from core.domain.keys import IntentKey, is_id
from core.domain.operating import Operator
from entrypoints.container.building import build, build_aws, build_embedded, close
from entrypoints.container.desk import InstalledDoors
from entrypoints.container.wiring import Container
from entrypoints.desk.doors import Doors
from entrypoints.settings.loading import Overrides, Settings, load

if TYPE_CHECKING:
    from entrypoints.container.aws import AwsContainer
    from entrypoints.container.embedded import EmbeddedContainer
    from entrypoints.container.remote import Remote

Tenant = Annotated[str | None, typer.Option("--tenant", "-t", help="The tenant.", show_default=False)]
Account = Annotated[str | None, typer.Option("--account", "-a", help="The account.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it goes into the ledger.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else.")]


@dataclass(slots=True)
class Session:
    """Options that stand before the command."""

    overrides: Overrides
    operator_name: str | None = None
    is_verbose: bool = False
    command: str = ""
    loaded: Settings | None = None
    opened: "Remote | None" = None

    def told(self) -> Settings:
        """Return what file and environment say, whatever the target; they are read once, when a command needs them."""
        if self.loaded is None:
            self.loaded = load(self.overrides)
        return self.loaded

    def settings(self) -> Settings:
        """Return the settings of an installation whose stores are reached from here.

        Raises:
            ConfigurationError: there are none behind the target api, which so does not have this command.
        """
        if self.told().is_api:
            raise ConfigurationError(
                f"The target api does not have `actonce {self.command}`: it works on an installation's own stores."
            )
        return self.told()

    @property
    def is_api(self) -> bool:
        """Tell whether what is asked for is asked of the HTTP API."""
        return self.told().is_api

    def remote(self) -> "Remote":
        """Return the desk behind the HTTP API.

        Raises:
            ConfigurationError: its url or its token is missing or wrong.
        """
        if self.opened is None:
            from entrypoints.container.remote import remote_of  # noqa: PLC0415 - the other targets do without

            self.opened = remote_of(self.told().client)
        return self.opened

    @contextmanager
    def doors(self, *, creating: bool = False, needs: Iterable[str] = ()) -> Iterator[Doors]:
        """Open the operators' desk, wherever it is. The arguments are those of ``open``."""
        if self.is_api:
            yield self.remote().doors
            return
        with self.open(creating=creating, needs=needs) as container:
            yield InstalledDoors(container)

    @contextmanager
    def open(
        self, settings: Settings | None = None, *, creating: bool = False, needs: Iterable[str] = ()
    ) -> Iterator[Container]:
        """Open the installation, and close it when the command is done; only ``creating`` may begin a new one.

        ``needs``: what the command needs of the settings under ``[aws]``, where the target is AWS.
        """
        with _closed(build(settings or self.settings(), creating=creating, needs=needs)) as container:
            yield container

    @contextmanager
    def open_embedded(self, settings: Settings) -> Iterator["EmbeddedContainer"]:
        """Open or begin an embedded installation, and close it when the command is done."""
        container = build_embedded(settings)
        with _closed(container):
            yield container

    @contextmanager
    def open_aws(self, settings: Settings) -> Iterator["AwsContainer"]:
        """Open what is on AWS, and close it when the command is done."""
        container = build_aws(settings)
        with _closed(container):
            yield container

    def operator(self, reason: str = "") -> Operator:
        """Return who acts: --operator, the settings, or the user of this machine; the API takes it from the token."""
        if not self.is_api:
            name = self.operator_name or self.settings().defaults.operator or getpass.getuser()
            return Operator(name, reason)
        if self.operator_name is not None:
            raise ConfigurationError("--operator is not for the target api: there the token says who acts.")
        return Operator("", reason)

    @property
    def who_works(self) -> str:
        """Name the command that carries out what is queued or asked for."""
        return "actonce worker" if self.settings().is_aws else "actonce run"

    def tenant(self, given: str | None) -> str:
        """Return the tenant that is meant; the API has that of the token, and what is said must be the same."""
        said = given or self.told().defaults.tenant
        if not self.is_api:
            return _checked("tenant", said)
        tenant_id = self.remote().tenant_id
        if said not in {None, tenant_id}:
            raise ConfigurationError(f"The token is for the tenant {tenant_id}, and for no other one.")
        return tenant_id

    def tenant_or_all(self, given: str | None) -> str | None:
        """Return the tenant that is meant, None for the whole installation, which the API shows to nobody."""
        return self.tenant(given) if given is not None or self.is_api else None

    def seen_of(self, tenant_id: str) -> str:
        """Return in words what a listing is of: of the tenant, or through the API what the token lets be seen of it."""
        return "that this token may see" if self.is_api else f"of {tenant_id}"

    def key(self, intent_id: str, tenant: str | None, account: str | None) -> IntentKey:
        """Return the key that is meant."""
        account_id = _checked("account", account or self.told().defaults.account)
        return IntentKey(self.tenant(tenant), account_id, _checked("intent", intent_id))


@contextmanager
def _closed(container: Container) -> Iterator[Container]:
    try:
        yield container
    finally:
        close(container)


def session_of(context: typer.Context) -> Session:
    """Return the session that the callback put there."""
    session = context.obj
    if not isinstance(session, Session):
        raise TypeError("the command line has no session")
    session.command = _name(context)
    return session


def _name(context: typer.Context) -> str:
    """Return a command with the group that it is in."""
    outer = context.parent
    group = f"{outer.info_name} " if outer is not None and outer.parent is not None else ""
    return f"{group}{context.info_name}"


def _checked(name: str, value: str | None) -> str:
    if value is None:
        raise ConfigurationError(
            f"--{name} is missing: give it, set ACTONCE_{name.upper()}, or set {name} under [defaults] in actonce.toml."
        )
    if not is_id(value):
        raise ConfigurationError(f"The {name} is not an id: 1 to 128 of the characters A-Z a-z 0-9 _ . : @ -")
    return value
