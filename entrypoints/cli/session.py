"""The session: what one command line was told before its command, and the installation it opens."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from core.domain.errors import ConfigurationError
from core.domain.keys import IntentKey, is_id
from core.domain.operating import Operator
from entrypoints.container import Container, build, close
from entrypoints.settings import Overrides, Settings, load

Tenant = Annotated[str | None, typer.Option("--tenant", "-t", help="The tenant.", show_default=False)]
Account = Annotated[str | None, typer.Option("--account", "-a", help="The account.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it goes into the ledger.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else.")]


@dataclass(slots=True)
class Session:
    """Options that stand before the command."""

    overrides: Overrides
    operator_name: str | None = None
    loaded: Settings | None = None

    def settings(self) -> Settings:
        """Return the settings; file and environment are read once, when a command first needs them."""
        if self.loaded is None:
            self.loaded = load(self.overrides)
        return self.loaded

    @contextmanager
    def open(self, settings: Settings | None = None, *, creating: bool = False) -> Iterator[Container]:
        """Open the installation, and close it when the command is done; only ``creating`` may begin a new one."""
        container = build(settings or self.settings(), creating=creating)
        try:
            yield container
        finally:
            close(container)

    def operator(self, reason: str = "") -> Operator:
        """Return who acts: --operator, the settings, or the user of this machine."""
        name = self.operator_name or self.settings().defaults.operator or getpass.getuser()
        return Operator(name, reason)

    def tenant(self, given: str | None) -> str:
        """Return the tenant that is meant."""
        return _checked("tenant", given or self.settings().defaults.tenant)

    def key(self, intent_id: str, tenant: str | None, account: str | None) -> IntentKey:
        """Return the key that is meant."""
        account_id = _checked("account", account or self.settings().defaults.account)
        return IntentKey(self.tenant(tenant), account_id, _checked("intent", intent_id))


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
