"""Kill switches: closed means that nothing new is sent."""

from typing import Annotated

import typer

from core.domain.errors import ConfigurationError
from core.domain.keys import is_id
from core.domain.switches import Switch
from entrypoints.cli.session import AsJson, Reason, Session, session_of
from entrypoints.cli.show import listed, say, say_json

Everything = Annotated[bool, typer.Option("--global", help="Every tenant.")]
OneTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="One tenant.", show_default=False)]
ActionType = Annotated[str | None, typer.Option("--action-type", help="Only this action type.", show_default=False)]


def stop(
    context: typer.Context,
    everything: Everything = False,
    tenant: OneTenant = None,
    action_type: ActionType = None,
    reason: Reason = "",
) -> None:
    """Close a kill switch; no call starts later than a second after this returns.

    Example: actonce stop --tenant acme --action-type CREATE_CRM_TASK --reason "wrong owners"
    """
    session = session_of(context)
    switch = _meant(session, everything=everything, tenant=tenant, action_type=action_type)
    with session.doors(creating=True) as doors:
        doors.switching.throw(switch, session.operator(reason), closed=True)
    say(f"Closed: {switch}. Within a second nothing new is sent; what was sent is still settled.")


def resume(
    context: typer.Context,
    everything: Everything = False,
    tenant: OneTenant = None,
    action_type: ActionType = None,
    reason: Reason = "",
) -> None:
    """Open a kill switch; opening a tenant's admits a tenant that was unknown.

    Example: actonce resume --tenant acme
    """
    session = session_of(context)
    switch = _meant(session, everything=everything, tenant=tenant, action_type=action_type)
    with session.doors(creating=True) as doors:
        doors.switching.throw(switch, session.operator(reason), closed=False)
    say(f"Open: {switch}.")


def switches(context: typer.Context, tenant: OneTenant = None, as_json: AsJson = False) -> None:
    """Show the switches that are closed; of one tenant what bears on it, and so also that nobody opened it.

    Through the API always of the token's tenant. Example: actonce switches
    """
    session = session_of(context)
    tenant_id = session.tenant_or_all(tenant)
    with session.doors() as doors:
        closed = doors.switching.closed(tenant_id).switches
    if as_json:
        for switch in closed:
            say_json(switch.document())
        return
    if closed:
        rows = [(it.tenant_id or "every tenant", it.action_type or "every action type") for it in closed]
        listed("Closed switches", ("tenant", "action type"), rows)
    else:
        say("No switch is closed.")
    if tenant_id is None:
        say(f"Tenants that nobody opened are {session.settings().tenants.unknown}.")


def _meant(session: Session, *, everything: bool, tenant: str | None, action_type: str | None) -> Switch:
    if everything == (tenant is not None):
        raise ConfigurationError("Say which switch: --global, or --tenant T, or --tenant T --action-type A.")
    if everything and action_type is not None:
        raise ConfigurationError("--action-type goes with --tenant; there is no global switch of one action type.")
    for value in (tenant, action_type):
        if value is not None and not is_id(value):
            raise ConfigurationError("A tenant and an action type are 1 to 128 of the characters A-Z a-z 0-9 _ . : @ -")
    return Switch(tenant if tenant is None else session.tenant(tenant), action_type)
