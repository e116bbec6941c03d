"""Looking through many: executions, the operator's inbox, and what was turned away."""

from collections.abc import Sequence
from typing import Annotated

import typer

from core.domain.canonical import Json
from core.domain.errors import ConfigurationError
from core.domain.execution import Execution
from entrypoints.cli.session import Account, AsJson, Tenant, session_of
from entrypoints.cli.show import aside, listed, say, say_json
from entrypoints.container.desk import listing_of
from entrypoints.desk.listing import STATUSES, Wanted
from entrypoints.desk.viewing import resolve_command
from ports.wire.outcome import iso

COLUMNS = ("intent", "account", "action type", "status", "code", "tool", "evidence", "started")

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many at most.")]


def list_executions(
    context: typer.Context,
    tenant: Tenant = None,
    account: Account = None,
    status: Annotated[str | None, typer.Option("--status", help="Only these: " + ", ".join(STATUSES))] = None,
    limit: Limit = 50,
    place: Annotated[str | None, typer.Option("--place", help="Where the last page ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List executions of a tenant, newest first.

    Example: actonce list -t acme --status IN_DOUBT
    """
    if status is not None and status not in STATUSES:
        raise ConfigurationError(f"--status is one of {', '.join(STATUSES)}.")
    session = session_of(context)
    tenant_id = session.tenant(tenant)
    account_id = session.key("any", tenant_id, account).account_id if account else None
    with session.open(needs=("paging_secret",)) as container:
        wanted = Wanted(tenant_id, account_id, status=status)
        page = listing_of(container).page(wanted, limit=limit, place=place)
    found = [it.document() for it in page.executions]
    if as_json:
        for document in found:
            say_json(document)
    elif found:
        listed(f"Executions of {tenant_id}", COLUMNS, [_row(it) for it in found])
    else:
        say(f"There are no such executions of {tenant_id}.")
    if page.next_token is not None:
        aside(f"There is more: --place '{page.next_token}'")


def inbox(
    context: typer.Context,
    tenant: Tenant = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Show what waits for an operator: it is in doubt, and nothing is sent until it is settled.

    Without --tenant and without a default tenant: of all tenants. Example: actonce inbox
    """
    session = session_of(context)
    settings = session.settings()
    with session.open(settings) as container:
        listing = listing_of(container)
        parked = listing.parked(tenant or settings.defaults.tenant, limit=limit)
        documents = [it.document() for it in listing.inbox(parked).executions]
    if as_json:
        for execution, document in zip(parked, documents, strict=True):
            say_json({**document, "resolve": resolve_command(execution)})
        return
    if not parked:
        say("The inbox is empty: nothing is in doubt.")
        return
    show_parked(parked)


def dead_letters(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """Show the newest messages that were turned away, and why.

    Example: actonce dead-letters --limit 5
    """
    session = session_of(context)
    with session.open(needs=("dead_letter_queue_url",)) as container:
        letters, count = container.dead_letters().newest(limit), container.dead_letters().count()
    if as_json:
        for it in letters:
            say_json({"message_id": it.message_id, "reason": it.reason, "at": iso(it.at_ms), "body": it.body})
        return
    if not letters:
        say("There are no dead letters.")
        return
    rows = [(iso(it.at_ms), it.message_id, it.reason) for it in letters]
    listed(f"Dead letters ({count} in all)", ("at", "message", "reason"), rows)
    say("Their bodies: actonce dead-letters --json. Publish a corrected event with actonce publish.")


def show_parked(parked: Sequence[Execution]) -> None:
    """Write what is parked, why, and the command that settles each."""
    rows = [(str(it.attempt.key), it.attempt.brief.action_type, it.attempt.parked) for it in parked]
    listed("In doubt: look at the provider, then say what you found", ("intent", "action type", "why"), rows)
    for execution in parked:
        say(f"  {resolve_command(execution)}")


def _row(document: dict[str, Json]) -> tuple[object, ...]:
    names = ("action_intent_id", "account_id", "action_type", "status", "error_code", "tool_name", "evidence")
    return (*(document.get(name) for name in names), document.get("started_at"))
