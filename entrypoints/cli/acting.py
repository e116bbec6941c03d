"""What an operator may do to one intent; each act is refused unless it is proved safe."""

from typing import Annotated

import typer

from core.domain.execution import Execution
from entrypoints.cli.session import Account, Reason, Session, Tenant, session_of
from entrypoints.cli.show import say

Intent = Annotated[str, typer.Argument(help="The intent's id.", show_default=False)]
QUEUE = ("queue_url",)


def cancel(
    context: typer.Context, intent: Intent, tenant: Tenant = None, account: Account = None, reason: Reason = ""
) -> None:
    """Cancel what has prepared nothing yet.

    Example: actonce cancel intent-7 -t acme -a emea --reason "approved by mistake"
    """
    session = session_of(context)
    with session.open() as container:
        done = container.cancel()(session.key(intent, tenant, account), session.operator(reason))
    _told(done, "Nothing was sent, and nothing will be.")


def retry(
    context: typer.Context, intent: Intent, tenant: Tenant = None, account: Account = None, reason: Reason = ""
) -> None:
    """Open a new run of what is proved not to have happened.

    Example: actonce retry intent-7 -t acme -a emea --reason "the CRM is back"
    """
    session = session_of(context)
    with session.open(needs=QUEUE) as container:
        done = container.retry()(session.key(intent, tenant, account), session.operator(reason))
    _told(done, _sent_by(session))


def resolve(
    context: typer.Context,
    intent: Intent,
    happened: Annotated[bool, typer.Option("--happened/--did-not-happen", help="What you found.", show_default=False)],
    evidence: Annotated[str, typer.Option("--evidence", "-e", help="How you know.", show_default=False)],
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
) -> None:
    """Settle doubt by your word; what the provider says later outranks it.

    Example: actonce resolve intent-7 --did-not-happen --evidence "no such letter in the outbox" -t acme -a emea
    """
    session = session_of(context)
    with session.open(needs=QUEUE) as container:
        done = container.resolve()(
            session.key(intent, tenant, account), session.operator(reason), happened=happened, evidence=evidence
        )
    _told(done, "")


def undo(
    context: typer.Context,
    intent: Intent,
    while_stopped: Annotated[
        bool, typer.Option("--while-stopped", help="Even though a kill switch is closed.")
    ] = False,
    tenant: Tenant = None,
    account: Account = None,
    reason: Reason = "",
) -> None:
    """Remove what an effect is proved to have written.

    Example: actonce undo intent-7 -t acme -a emea --reason "wrong customer"
    """
    session = session_of(context)
    with session.open(needs=QUEUE) as container:
        done = container.undo()(
            session.key(intent, tenant, account), session.operator(reason), while_stopped=while_stopped
        )
    _told(done, f"The undo is asked for. {_sent_by(session)}")


def _sent_by(session: Session) -> str:
    return f"A worker sends it now, where one runs; otherwise start `{session.who_works}`."


def _told(execution: Execution, hint: str) -> None:
    attempt = execution.attempt
    say(f"{attempt.key}: {attempt.status.value}, run {attempt.run}. {hint}".rstrip())
