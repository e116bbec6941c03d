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
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Overrides, Settings, load

if TYPE_CHECKING:
    from entrypoints.container.aws import AwsContainer
    from entrypoints.container.embedded import EmbeddedContainer

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
    loaded: Settings | None = None

    def settings(self) -> Settings:
        """Return the settings; file and environment are read once, when a command first needs them."""
        if self.loaded is None:
            self.loaded = load(self.overrides)
        return self.loaded

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
        """Return who acts: --operator, the settings, or the user of this machine."""
        name = self.operator_name or self.settings().defaults.operator or getpass.getuser()
        return Operator(name, reason)

    @property
    def who_works(self) -> str:
        """Name the command that carries out what is queued or asked for."""
        return "actonce worker" if self.settings().is_aws else "actonce run"

    def tenant(self, given: str | None) -> str:
        """Return the tenant that is meant."""
        return _checked("tenant", given or self.settings().defaults.tenant)

    def key(self, intent_id: str, tenant: str | None, account: str | None) -> IntentKey:
        """Return the key that is meant."""
        account_id = _checked("account", account or self.settings().defaults.account)
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
    return session


def _checked(name: str, value: str | None) -> str:
    if value is None:
        raise ConfigurationError(
            f"--{name} is missing: give it, set ACTONCE_{name.upper()}, or set {name} under [defaults] in actonce.toml."
        )
    if not is_id(value):
        raise ConfigurationError(f"The {name} is not an id: 1 to 128 of the characters A-Z a-z 0-9 _ . : @ -")
    return value
