"""Serving: the HTTP API and its page on this machine."""

from typing import Annotated, Literal

import typer

from entrypoints import logs
from entrypoints.cli.session import Session, Tenant, session_of
from entrypoints.cli.show import say
from entrypoints.container.wiring import Container
from entrypoints.tokens import Tokens
from entrypoints.version import VERSION

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
    logs.set_up_worker(verbose=session.is_verbose)
    with session.open(creating=True, needs=("queue_url",)) as container:
        tokens, fragment = _tokens(session, container, tenant, accounts or [], role)
        _run(session, container, tokens, fragment, host, port)


def _tokens(
    session: Session, container: Container, tenant: str | None, accounts: list[str], role: str
) -> tuple[Tokens, str]:
    from entrypoints.container.service import issued_tokens, own_tokens  # noqa: PLC0415 - other commands do without

    api = session.settings().api
    if api.is_trusting or api.sign_in is not None:
        # Nobody here would take the tokens of a sign-in without an issuer, which is then said to be missing.
        return issued_tokens(api), ""
    keys = [session.key("any", tenant, it) for it in (accounts or (None,))]
    tokens = own_tokens()
    names = [it.account_id for it in keys]
    now_s = container.clock().now_ms() // 1000
    return tokens, "#token=" + tokens.made_for(session.operator(), keys[0].tenant_id, names, role, now_s)


def _run(session: Session, container: Container, tokens: Tokens, fragment: str, host: str, port: int) -> None:
    from entrypoints.api.resolver import Api  # noqa: PLC0415 - other commands do without
    from entrypoints.container.service import service_desk  # noqa: PLC0415
    from entrypoints.serving import Application, hosts_of, listening, serve_until_stopped  # noqa: PLC0415

    settings = session.settings().api
    api = Api(service_desk(container), VERSION, settings.sign_in)
    with listening(host, port) as (socket, taken):
        hosts = hosts_of(host, taken, settings.hosts)
        shown = f"[{host}]" if ":" in host else host
        say(f"Serving http://{shown}:{taken}/console{fragment}")
        serve_until_stopped(Application(api, tokens, hosts), socket)
