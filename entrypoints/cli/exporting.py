"""An export: one tenant's ledger and outcomes with their proof, for somebody who has nothing else."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from core.domain.errors import ConfigurationError
from entrypoints.cli.ledger import trusted_keys
from entrypoints.cli.session import Session, Tenant, session_of
from entrypoints.cli.show import aside, say
from entrypoints.container.checking import check_export
from entrypoints.exporting import Export, Wanted

CHECK_FAILED = 5
DAY = ["%Y-%m-%d"]

Key = Annotated[
    list[Path] | None, typer.Option("--public-key", help="Trust this key alone, a PEM file; may be repeated.")
]


def export(
    context: typer.Context,
    tenant: Tenant = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="The first day, UTC.")] = None,
    through: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="The last day, UTC.")] = None,
    verify: Annotated[Path | None, typer.Option("--verify", help="Check this file instead, offline.")] = None,
    public_key: Key = None,
) -> None:
    """Write a tenant's ledger and outcomes as JSON Lines with what proves them, or check such a file.

    Example: actonce export -t acme > acme.jsonl
    """
    if verify is not None:
        _verify(verify, public_key or [])
        return
    if since is not None and through is not None and through < since:
        raise ConfigurationError("--to must not be before --from.")
    _export(session_of(context), tenant, since, through)


def _export(session: Session, tenant: str | None, since: datetime | None, through: datetime | None) -> None:
    wanted = Wanted(session.tenant(tenant), _day(since), _day(through))
    settings = session.settings()
    with session.open(settings) as container:
        is_sealed = container.verify_days() is not None
        heads = container.ledger_heads() if is_sealed else None
        export_ = Export(container.ledger(), heads, container.listings(), settings.timing, sys.stdout.write)
        counts = export_(wanted, trusted_keys(container, settings), container.clock().now_ms())
    sys.stdout.flush()
    aside(f"{counts.entries} entries, {counts.heads} sealed days, {counts.outcomes} outcomes.")


def _verify(path: Path, public_keys: list[Path]) -> None:
    try:
        file = path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        checked = check_export(file, public_keys, lambda what: say(f"BROKEN  {what}"))
    if checked.faults:
        aside(f"actonce: {checked.faults} faults in {path}.")
        raise typer.Exit(CHECK_FAILED)
    say(
        f"Verified: {checked.entries} entries of {checked.tenant_id}."
        f" {checked.outcomes} outcomes stand beside them; nobody signs those."
    )
    if checked.through is None:
        say("No day of it is sealed: nothing but the file itself says that it is whole.")
        return
    say(f"Sealed: {checked.heads} days, from {checked.first} through {checked.through}.")
    if not public_keys:
        for signer in sorted(checked.signers):
            say(f"Signed by {signer}, which the file brings itself: compare it, or give --public-key.")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.replace(tzinfo=UTC).date()
