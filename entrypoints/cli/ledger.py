"""The ledger as a whole: is it still what was written, seal what is over, and all of it for somebody else to check."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from core.domain.errors import LedgerUnreadableError, SealedOtherwiseError
from core.domain.sealing import Finding, PublicKey
from core.usecases.seal import MOST_DAYS, Sealed
from core.usecases.verify_ledger import Verified
from entrypoints.cli.looking import entry_document
from entrypoints.cli.session import Tenant, session_of
from entrypoints.cli.show import aside, say, say_json
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Settings

CHECK_FAILED, UNAVAILABLE = 5, 7

Heads = Annotated[
    str | None, typer.Option("--heads", help="Where heads are kept, if not as configured: a folder; on AWS a bucket.")
]


def verify(context: typer.Context, tenant: Tenant = None, heads: Heads = None) -> None:
    """Check every hash chain and every sealed day, of one tenant or of all; exits with 5 when something is wrong.

    Example: actonce ledger verify
    """
    session = session_of(context)
    settings = _with_heads(session.settings(), heads)
    with session.open(settings) as container:
        keys = trusted_keys(container, settings)
        verified = container.verify_ledger()(tenant, keys, _say_finding)
    if verified.findings:
        aside(
            f"actonce: {verified.findings} findings in {verified.chains} chains and {verified.days} sealed days. "
            "Keep the file, and compare it with an export."
        )
        raise typer.Exit(CHECK_FAILED)
    say(f"Verified: {verified.entries} entries in {verified.chains} chains.")
    say(_through(verified))


def seal(
    context: typer.Context,
    tenant: Tenant = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many days at most.")] = MOST_DAYS,
) -> None:
    """Sign and keep what the ledger held on each day that is over, of one tenant or of all.

    Example: actonce ledger seal
    """
    session = session_of(context)
    with session.open(needs=("heads_bucket", "heads_key")) as container:
        done = container.seal()(None if tenant is None else [session.tenant(tenant)], limit=limit)
    say(f"{done.days} days sealed.")
    if done.oldest_open is not None and not done.troubles:
        say(f"There is more, from {done.oldest_open} on: run it again.")
    _tell_troubles(done)


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


def trusted_keys(container: Container, settings: Settings) -> list[PublicKey]:
    """Return the keys that heads may be signed by: ours, where there is one, and those that are configured."""
    has_key = settings.aws.heads_key is not None if settings.is_aws else settings.paths.sealing_key.exists()
    return [*([container.head_signer().public_key()] if has_key else []), *container.trusted_keys()]


def _with_heads(settings: Settings, heads: str | None) -> Settings:
    if heads is None:
        return settings
    if settings.is_aws:
        return replace(settings, aws=settings.aws.model_copy(update={"heads_bucket": heads}))
    return replace(settings, paths=settings.paths.model_copy(update={"heads": Path(heads)}))


def _say_finding(finding: Finding) -> None:
    say(f"BROKEN  {finding}")


def _through(verified: Verified) -> str:
    if not verified.through:
        return "No day is sealed: a chain that is gone as a whole would not show. See actonce ledger seal."
    last = min(verified.through.values())
    return f"Sealed: {verified.days} days of {len(verified.through)} tenants, of all of them through {last}."


def _tell_troubles(done: Sealed) -> None:
    for tenant_id, trouble in done.troubles:
        aside(f"actonce: {tenant_id}: {trouble.message}")
    if done.troubles:
        is_broken = any(isinstance(it, LedgerUnreadableError | SealedOtherwiseError) for _, it in done.troubles)
        raise typer.Exit(CHECK_FAILED if is_broken else UNAVAILABLE)
