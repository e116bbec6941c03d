"""Doctor: what must be there for work to be done, each line ok, warn or fail, with what to do."""

from collections.abc import Iterator

import typer

from core.domain.errors import ConfigurationError, ExecutionError
from core.domain.switches import Switch
from entrypoints.cli.checking_api import api_checks
from entrypoints.cli.checks import FAIL, OK, WARN, Check, closed, parked, python, tried
from entrypoints.cli.session import Session, session_of
from entrypoints.cli.show import listed
from entrypoints.container.probes import probe
from entrypoints.container.registering import registry_entries
from entrypoints.container.wiring import Container
from entrypoints.settings.connectors import ConnectorSettings
from entrypoints.settings.internal import InternalSettings
from entrypoints.settings.loading import Settings

CHECK_FAILED = 5
STUCK_MS = 5 * 60_000
SAMPLE = 100
PART_ADVICE = "Make it, name it under [aws], or allow it to these credentials."


def doctor(context: typer.Context) -> None:
    """Check this installation, or the API and the token for it; exits with 5 when something must be mended.

    Example: actonce doctor
    """
    session = session_of(context)
    checks = list(api_checks(session) if session.is_api else _checks(session, session.settings()))
    listed("", ("", "check", "found", "what to do"), [(it.verdict, it.what, it.found, it.advice) for it in checks])
    if any(it.verdict == FAIL for it in checks):
        raise typer.Exit(CHECK_FAILED)


def _checks(session: Session, settings: Settings) -> Iterator[Check]:
    yield python()
    yield Check(OK, "configuration", settings.source)
    yield _registry_files(settings)
    for name, one in settings.connectors.items():
        yield from _connector(settings, name, one)
    yield from _aws(session, settings) if settings.is_aws else _embedded(session, settings)


def _embedded(session: Session, settings: Settings) -> Iterator[Check]:
    if not settings.paths.database.exists():
        yield Check(WARN, "database", f"{settings.paths.database} is not there yet", "actonce run makes it.")
        return
    try:
        with session.open(settings) as container:
            yield Check(OK, "database", str(settings.paths.database))
            yield from _installed(container)
    except ConfigurationError as error:
        yield Check(FAIL, "configuration", error.message, "Mend it; actonce doctor tells when it is right.")
    except ExecutionError as error:
        yield Check(FAIL, "database", error.message, "Check its folder, its rights and the free space, or give --db.")


def _aws(session: Session, settings: Settings) -> Iterator[Check]:
    try:
        with session.open_aws(settings) as container:
            for part in container.checkup().parts():
                fault = part.fault and f"{part.found}: {part.fault}".removeprefix(": ")
                yield Check(FAIL, part.what, fault, PART_ADVICE) if fault else Check(OK, part.what, part.found)
            yield from tried("paging secret", lambda: [_paging(container, settings)])
            yield from _installed(container)
    except ExecutionError as error:
        yield Check(FAIL, "aws", error.message, "Mend it; actonce doctor tells when it is right.")


def _paging(container: Container, settings: Settings) -> Check:
    if settings.aws.paging_secret is None:
        return Check(WARN, "paging secret", "it is not configured", "actonce list needs it: set aws.paging_secret.")
    container.listings()
    return Check(OK, "paging secret", settings.aws.paging_secret)


def _registry_files(settings: Settings) -> Check:
    try:
        entries = registry_entries(settings)
    except ExecutionError as error:
        return Check(FAIL, "registry files", error.message, "Mend the file; a version that was used gets a new number.")
    return Check(OK, "registry files", f"{len(entries)} entries")


def _connector(settings: Settings, name: str, one: ConnectorSettings) -> Iterator[Check]:
    what = f"connector {name}"
    if isinstance(one, InternalSettings):
        yield Check(OK, what, "it is always there")
        return
    try:
        place, fault = probe(settings, name, one)
    except ExecutionError as error:
        yield Check(FAIL, what, error.message, "Mend its table, or give the secret that it names.")
        return
    if fault is not None:
        yield Check(FAIL, what, f"{place}: {fault}", "Start the server, or mend its url, its credentials, or the way.")
    else:
        yield Check(OK, what, f"{place} is reached, for {', '.join(one.tools)}")


def _installed(container: Container) -> Iterator[Check]:
    yield from tried("registry", lambda: [_registry_rows(container)])
    yield from tried("kill switches", lambda: _switches(container))
    yield from tried("stuck work", lambda: [_stuck(container)])
    yield from tried("inbox", lambda: [parked(len(container.listings().parked(None, limit=SAMPLE)))])
    yield from tried("dead letters", lambda: [_letters(container)])
    yield from tried("signals", lambda: [_signals(container)])


def _letters(container: Container) -> Check:
    letters = container.dead_letters().count()
    if not letters:
        return Check(OK, "dead letters", "none")
    return Check(WARN, "dead letters", str(letters), "Read why: actonce dead-letters")


def _signals(container: Container) -> Check:
    pending = len(container.outbox().pending(SAMPLE))
    if not pending:
        return Check(OK, "signals", "all published")
    return Check(WARN, "signals", f"{pending} unpublished", "They go out while a worker runs.")


def _registry_rows(container: Container) -> Check:
    entries = container.registry().entries()
    without = {it.tool for it in entries if container.connectors().offering(it.tool, "any") is None}
    if without:
        advice = "Add a [connectors] table for them, where their action types are used."
        return Check(WARN, "tools", f"no connector offers {', '.join(sorted(without))}", advice)
    return Check(OK, "tools", f"a connector offers each tool of {len(entries)} registry entries")


def _switches(container: Container) -> Iterator[Check]:
    shut = container.kill_switches().closed()
    yield from (closed(it) for it in shut)
    if Switch() in shut:
        return
    for tenant in container.listings().tenants():
        is_enabled = container.kill_switches().read(tenant).tenant_enabled
        if not is_enabled and Switch(tenant) not in shut:
            yield Check(WARN, "tenant", f"nobody opened {tenant}", f"actonce resume --tenant {tenant}")
    if not shut:
        yield Check(OK, "kill switches", "none is closed")


def _stuck(container: Container) -> Check:
    overdue = container.executions().due(container.clock().now_ms() - STUCK_MS, SAMPLE)
    if not overdue:
        return Check(OK, "stuck work", "none")
    return Check(WARN, "stuck work", f"{len(overdue)} due for 5 minutes or more", "Start a worker, or actonce sweep.")
