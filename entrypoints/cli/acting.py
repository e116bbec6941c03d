"""What an operator may do to one intent; each act is refused unless it is proved safe."""

from typing import Annotated

import typer

from entrypoints.cli.session import Account, Reason, Session, Tenant, session_of
from entrypoints.cli.show import aside, facts, say
from entrypoints.desk.doors import Came
from ports.wire.act import ActModel

REFUSED = 4
Intent = Annotated[str, typer.Argument(help="The intent's id.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say only what would come of it, and write nothing.")]
QUEUE = ("queue_url",)
SENT = ("retry", "undo")
"""Acts that ask for a send."""


def cancel(
    context: typer.Context,
    intent: Intent,
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Cancel what has prepared nothing yet.

    Example: actonce cancel intent-7 -t acme -a emea --reason "approved by mistake"
    """
    session = session_of(context)
    key, operator = session.key(intent, tenant, account), session.operator(reason)
    with session.doors() as doors:
        came = doors.acting.cancel(key, operator, dry_run=dry_run)
    _told(session, came)


def retry(
    context: typer.Context,
    intent: Intent,
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Open a new run of what is proved not to have happened.

    Example: actonce retry intent-7 -t acme -a emea --reason "the CRM is back"
    """
    session = session_of(context)
    key, operator = session.key(intent, tenant, account), session.operator(reason)
    with session.doors(needs=QUEUE) as doors:
        came = doors.acting.retry(key, operator, dry_run=dry_run)
    _told(session, came)


def resolve(  # noqa: PLR0913, PLR0917 - each is an option
    context: typer.Context,
    intent: Intent,
    happened: Annotated[bool, typer.Option("--happened/--did-not-happen", help="What you found.", show_default=False)],
    evidence: Annotated[str, typer.Option("--evidence", "-e", help="How you know.", show_default=False)],
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Settle doubt by your word; what the provider says later outranks it.

    Example: actonce resolve intent-7 --did-not-happen --evidence "no such letter in the outbox" -t acme -a emea
    """
    session = session_of(context)
    key, operator = session.key(intent, tenant, account), session.operator(reason)
    with session.doors(needs=QUEUE) as doors:
        came = doors.acting.resolve(key, operator, happened=happened, evidence=evidence, dry_run=dry_run)
    _told(session, came)


def undo(
    context: typer.Context,
    intent: Intent,
    while_stopped: Annotated[
        bool, typer.Option("--while-stopped", help="Even though a kill switch is closed.")
    ] = False,
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Remove what an effect is proved to have written.

    Example: actonce undo intent-7 -t acme -a emea --reason "wrong customer"
    """
    session = session_of(context)
    key, operator = session.key(intent, tenant, account), session.operator(reason)
    with session.doors(needs=QUEUE) as doors:
        came = doors.acting.undo(key, operator, while_stopped=while_stopped, dry_run=dry_run)
    _told(session, came)


def _told(session: Session, came: Came) -> None:
    if isinstance(came, ActModel):
        say(came.told)
        if came.act in SENT and not session.is_api:
            aside(f"Where no worker runs, start one: {session.who_works}")
        return
    facts(
        [
            ("act", came.act),
            ("allowed", "yes" if came.allowed else "no"),
            ("would repeat a write", "yes, if an earlier send happened" if came.would_repeat_a_write else "no"),
            ("reason", came.reason),
        ]
    )
    say("Nothing was written.")
    if not came.allowed:
        raise typer.Exit(REFUSED)
