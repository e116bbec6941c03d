"""Looking through many: executions, the operator's inbox, and what was turned away."""

from collections.abc import Sequence
from typing import Annotated

import typer

from core.domain.canonical import Json
from core.domain.errors import ConfigurationError
from core.domain.execution import Execution
from entrypoints.cli.session import Account, AsJson, Tenant, session_of
from entrypoints.cli.show import aside, listed, say, say_json
from ports.listings import Listings, Page
from ports.wire.outcome import iso, status_document

STATUSES = ("SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "RUNNING")
MAX_PAGES = 1_000
COLUMNS = ("intent", "account", "action type", "status", "code", "tool", "evidence", "started")

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many at most.")]
Documents = list[tuple[Execution, dict[str, Json]]]


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
        now_ms = container.clock().now_ms()
        found, next_place = _found(container.listings(), tenant_id, account_id, status, limit, place, now_ms)
    if as_json:
        for _, document in found:
            say_json(document)
    elif found:
        listed(f"Executions of {tenant_id}", COLUMNS, [_row(it) for _, it in found])
    else:
        say(f"There are no such executions of {tenant_id}.")
    if next_place is not None:
        aside(f"There is more: --place '{next_place}'")


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
        parked = container.listings().parked(tenant or settings.defaults.tenant, limit=limit)
    if as_json:
        for execution in parked:
            say_json(parked_document(execution))
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


def parked_document(execution: Execution) -> dict[str, Json]:
    """Return a parked execution's outcome, why it is parked, and the commands that settle it."""
    document = status_document(execution, None, 0) or {}
    return {**document, "parked": execution.attempt.parked, "resolve": resolve_command(execution)}


def resolve_command(execution: Execution) -> str:
    """Return the command that settles a parked execution, to be pasted; the operator says which, and how he knows."""
    key = execution.attempt.key
    place = f"{key.intent_id} -t {key.tenant_id} -a {key.account_id}"
    return f"actonce resolve {place} --happened -e 'how you know'  # or --did-not-happen"


def _found(
    listings: Listings,
    tenant_id: str,
    account_id: str | None,
    status: str | None,
    limit: int,
    place: str | None,
    now_ms: int,
) -> tuple[Documents, str | None]:
    """Go from page to page until enough are found; a page is never cut, so that its place stays right."""
    found: Documents = []
    for _ in range(MAX_PAGES):
        page = _page(listings, tenant_id, account_id, limit - len(found), place)
        documents = ((it, status_document(it, None, now_ms) or {}) for it in page.executions)
        found += [(it, document) for it, document in documents if status in {None, document.get("status")}]
        place = page.next_place
        if place is None or len(found) >= limit:
            break
    return found, place


def _page(listings: Listings, tenant_id: str, account_id: str | None, limit: int, place: str | None) -> Page:
    if account_id is None:
        return listings.by_tenant(tenant_id, limit=limit, place=place)
    return listings.by_account(tenant_id, account_id, limit=limit, place=place)


def _row(document: dict[str, Json]) -> tuple[object, ...]:
    names = ("action_intent_id", "account_id", "action_type", "status", "error_code", "tool_name", "evidence")
    return (*(document.get(name) for name in names), document.get("started_at"))
