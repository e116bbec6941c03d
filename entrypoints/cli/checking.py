"""Doctor: what must be there for work to be done, each line ok, warn or fail, with what to do."""

import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import typer

from core.domain.errors import ConfigurationError, ExecutionError
from core.domain.switches import Switch
from entrypoints.cli.session import Session, session_of
from entrypoints.cli.show import listed
from entrypoints.container import Container, registry_entries
from entrypoints.settings import McpSettings, Settings

CHECK_FAILED = 5
OLDEST_PYTHON = (3, 11)
CONNECT_S = 3.0
STUCK_MS = 5 * 60_000
SAMPLE = 100
OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's."""

    verdict: str
    what: str
    found: str
    advice: str = ""


def doctor(context: typer.Context) -> None:
    """Check this installation; exits with 5 when something must be mended.

    Example: actonce doctor
    """
    session = session_of(context)
    checks = list(_checks(session, session.settings()))
    listed("", ("", "check", "found", "what to do"), [(it.verdict, it.what, it.found, it.advice) for it in checks])
    if any(it.verdict == FAIL for it in checks):
        raise typer.Exit(CHECK_FAILED)


def _checks(session: Session, settings: Settings) -> Iterator[Check]:
    yield _python()
    yield Check(OK, "configuration", settings.source)
    yield _registry_files(settings)
    for name, one in settings.connectors.items():
        if isinstance(one, McpSettings):
            yield from _connector(name, one)
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


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check(FAIL, "python", version, "Install Python 3.11 or newer.")
    return Check(OK, "python", version)


def _registry_files(settings: Settings) -> Check:
    try:
        entries = registry_entries(settings)
    except ExecutionError as error:
        return Check(FAIL, "registry files", error.message, "Mend the file; a version that was used gets a new number.")
    return Check(OK, "registry files", f"{len(entries)} entries")


def _connector(name: str, one: McpSettings) -> Iterator[Check]:
    what = f"connector {name}"
    if one.token_env is not None and one.token is None:
        yield Check(FAIL, what, f"{one.token_env} is not set", "Set it to the token of this server.")
    parts = urlsplit(one.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout=CONNECT_S).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield Check(FAIL, what, f"{host}:{port}: {reason}", "Start the server, or mend its url.")
    else:
        yield Check(OK, what, f"{host}:{port} answers, for {', '.join(one.tools)}")


def _installed(container: Container) -> Iterator[Check]:
    yield _registry_rows(container)
    yield from _switches(container)
    yield _stuck(container)
    yield _parked(container)
    letters = container.dead_letters().count()
    advice = "Read why: actonce dead-letters"
    yield Check(WARN, "dead letters", str(letters), advice) if letters else Check(OK, "dead letters", "none")
    pending = len(container.outbox().pending(SAMPLE))
    advice = "They go out while `actonce run` runs."
    yield Check(WARN, "signals", f"{pending} unpublished", advice) if pending else Check(OK, "signals", "all published")


def _registry_rows(container: Container) -> Check:
    entries = container.registry().entries()
    without = {it.tool for it in entries if container.connectors().offering(it.tool, "any") is None}
    if without:
        advice = "Add a [connectors] table for them, where their action types are used."
        return Check(WARN, "tools", f"no connector offers {', '.join(sorted(without))}", advice)
    return Check(OK, "tools", f"a connector offers each tool of {len(entries)} registry entries")


def _switches(container: Container) -> Iterator[Check]:
    closed = container.kill_switches().closed()
    for switch in closed:
        yield Check(WARN, "kill switch", f"closed: {switch}", f"actonce resume {_options(switch)}")
    if Switch() in closed:
        return
    for tenant in container.listings().tenants():
        is_enabled = container.kill_switches().read(tenant).tenant_enabled
        if not is_enabled and Switch(tenant) not in closed:
            yield Check(WARN, "tenant", f"nobody opened {tenant}", f"actonce resume --tenant {tenant}")
    if not closed:
        yield Check(OK, "kill switches", "none is closed")


def _options(switch: Switch) -> str:
    if switch.tenant_id is None:
        return "--global"
    action_type = f" --action-type {switch.action_type}" if switch.action_type else ""
    return f"--tenant {switch.tenant_id}{action_type}"


def _stuck(container: Container) -> Check:
    overdue = container.executions().due(container.clock().now_ms() - STUCK_MS, SAMPLE)
    if not overdue:
        return Check(OK, "stuck work", "none")
    return Check(
        WARN, "stuck work", f"{len(overdue)} due for 5 minutes or more", "Start `actonce run`, or actonce sweep."
    )


def _parked(container: Container) -> Check:
    parked = len(container.listings().parked(None, limit=SAMPLE))
    if not parked:
        return Check(OK, "inbox", "nothing is in doubt")
    return Check(WARN, "inbox", f"{parked} in doubt", "Settle them: actonce inbox")
