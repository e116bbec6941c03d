"""Looking through many: executions, the operator's inbox, and what was turned away."""

from collections.abc import Sequence
from shlex import quote
from typing import Annotated

import typer

from core.domain.canonical import Json
from core.domain.errors import ConfigurationError
from core.domain.keys import IntentKey
from entrypoints.cli.checks import nothing_in_doubt
from entrypoints.cli.session import Account, AsJson, Tenant, session_of
from entrypoints.cli.show import aside, listed, say, say_json
from entrypoints.desk.listing import STATUSES
from entrypoints.desk.viewing import resolve_command
from ports.wire.listing import ParkedModel
from ports.wire.outcome import iso

PAGING = ("paging_secret",)
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
    with session.doors(needs=PAGING) as doors:
        page = doors.listing.page_of(tenant_id, account_id, status, limit=limit, place=place)
    found = [it.document() for it in page.executions]
    if as_json:
        for document in found:
            say_json(document)
    elif found:
        listed(f"Executions of {tenant_id}", COLUMNS, [_row(it) for it in found])
    else:
        say(f"There are no such executions {session.seen_of(tenant_id)}.")
    if page.next_token is not None:
        aside(f"There is more: --place {quote(page.next_token)}")


def counts(context: typer.Context, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """Count the newest executions of a tenant by where they stand, up to 1,000 of them; --json also by the hour.

    Example: actonce counts -t acme
    """
    session = session_of(context)
    tenant_id = session.tenant(tenant)
    with session.doors(needs=PAGING) as doors:
        found = doors.listing.counts(tenant_id)
    if as_json:
        say_json(found.document())
        return
    if not found.by_status:
        say(f"There are no executions {session.seen_of(tenant_id)}.")
        return
    rows = [(status, found.by_status[status]) for status in STATUSES if status in found.by_status]
    # Nothing in an answer of the API tells of which tenant it is.
    title = "Executions" if session.is_api else f"Executions of {tenant_id}"
    listed(title, ("status", "executions"), rows)
    if found.is_partial:
        say("Older ones are not counted.")


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
    tenant_id = session.tenant_or_all(tenant or session.told().defaults.tenant)
    with session.doors() as doors:
        found = doors.listing.inbox(tenant_id, limit=limit)
    if as_json:
        for it in found.executions:
            say_json({**it.document(), "resolve": resolve_command(_key(it))})
    elif found.executions:
        show_parked(found.executions)
    elif found.is_partial:
        say("Nothing that this token may see is among the newest in doubt.")
    else:
        say(f"The inbox is empty: {nothing_in_doubt(is_api=session.is_api)}.")
    if found.is_partial:
        aside("More is in doubt than was looked through or is shown.")


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


def show_parked(parked: Sequence[ParkedModel]) -> None:
    """Write what is parked, why, and the command that settles each."""
    rows = [(str(_key(it)), it.action_type, it.parked) for it in parked]
    listed("In doubt: look at the provider, then say what you found", ("intent", "action type", "why"), rows)
    for it in parked:
        say(f"  {resolve_command(_key(it))}")


def _key(parked: ParkedModel) -> IntentKey:
    return IntentKey(parked.tenant_id, parked.account_id, parked.action_intent_id)


def _row(document: dict[str, Json]) -> tuple[object, ...]:
    names = ("action_intent_id", "account_id", "action_type", "status", "error_code", "tool_name", "evidence")
    return (*(document.get(name) for name in names), document.get("started_at"))
