"""The ledger as a whole: is every hash chain unbroken, and all of it for somebody else to check."""

import typer

from core.domain.ledger import verify as fault_of
from entrypoints.cli.looking import entry_document
from entrypoints.cli.session import Tenant, session_of
from entrypoints.cli.show import aside, say, say_json

CHECK_FAILED = 5


def verify(context: typer.Context, tenant: Tenant = None) -> None:
    """Check every hash chain, of one tenant or of all; exits with 5 when one is broken.

    Example: actonce ledger verify
    """
    session = session_of(context)
    chains = entries = broken = 0
    with session.open() as container:
        ledger = container.ledger()
        for chain, head in ledger.chains(tenant):
            rows = ledger.entries(chain)
            fault = fault_of(rows, head)
            chains += 1
            entries += len(rows)
            if fault is not None:
                broken += 1
                say(f"BROKEN  {chain.tenant_id} {chain.subject}: {fault}")
    if broken:
        aside(f"actonce: {broken} of {chains} chains are broken. Keep the file, and compare it with an export.")
        raise typer.Exit(CHECK_FAILED)
    say(f"Verified: {entries} entries in {chains} chains.")


def export(context: typer.Context, tenant: Tenant = None) -> None:
    """Write every entry as a JSON line; body is the text that was hashed.

    Example: actonce ledger export -t acme > ledger.jsonl
    """
    session = session_of(context)
    with session.open() as container:
        ledger = container.ledger()
        for chain, _ in ledger.chains(tenant):
            for entry in ledger.entries(chain):
                say_json(entry_document(entry))
