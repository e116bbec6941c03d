"""Serving: the HTTP API and its page on this machine."""

import signal
from importlib.metadata import version
from types import FrameType
from typing import Annotated, Literal

import typer

from core.domain.errors import ConfigurationError
from entrypoints.cli.session import Session, Tenant, session_of
from entrypoints.cli.show import say
from entrypoints.container.wiring import Container
from entrypoints.tokens import Tokens

THREADS = 4
Host = Annotated[str, typer.Option("--host", help="The address to listen at.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="The port; 0 takes one that is free.")]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", "-a", help="An account; may be repeated.", show_default=False)
]
Role = Annotated[
    Literal["reader", "operator", "installation-operator"],
    typer.Option("--role", help="What the token that is printed lets its bearer do."),
]


def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    tenant: Tenant = None,
    accounts: Accounts = None,
    role: Role = "operator",
) -> None:
    """Serve the HTTP API and its page until SIGTERM or Ctrl-C.

    Without an issuer under [api] it prints an address with a token for --tenant and --account, and takes nothing else.
    Example: actonce serve -t acme -a emea
    """
    session = session_of(context)
    with session.open(creating=True, needs=("queue_url",)) as container:
        tokens, fragment = _tokens(session, container, tenant, accounts or [], role)
        _run(session, container, tokens, fragment, host, port)


def _tokens(
    session: Session, container: Container, tenant: str | None, accounts: list[str], role: str
) -> tuple[Tokens, str]:
    from entrypoints.container.service import issued_tokens, own_tokens  # noqa: PLC0415 - other commands do without

    api = session.settings().api
    if api.is_trusting:
        return issued_tokens(api), ""
    keys = [session.key("any", tenant, it) for it in (accounts or (None,))]
    tokens = own_tokens()
    names = [it.account_id for it in keys]
    now_s = container.clock().now_ms() // 1000
    return tokens, "#token=" + tokens.made_for(session.operator(), keys[0].tenant_id, names, role, now_s)


def _run(session: Session, container: Container, tokens: Tokens, fragment: str, host: str, port: int) -> None:
    from waitress.server import create_server  # noqa: PLC0415 - other commands do without

    from entrypoints.api.resolver import Api  # noqa: PLC0415
    from entrypoints.container.service import service_desk  # noqa: PLC0415
    from entrypoints.serving import MAX_BODY_BYTES, MAX_HEADER_BYTES, Application, hosts_of  # noqa: PLC0415

    api = Api(service_desk(container), version("actonce"))
    application = Application(api, tokens)
    try:
        server = create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident="actonce",
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
        )
    except OSError as error:
        raise ConfigurationError(f"Cannot listen at {host}, port {port}: {error.strerror}.") from error
    application.hosts = hosts_of(host, server.effective_port, session.settings().api.hosts)
    say(f"Serving http://{host}:{server.effective_port}/console{fragment}")
    signal.signal(signal.SIGTERM, _stop)
    server.run()


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)
