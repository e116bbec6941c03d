"""What the doctor looks at where the target is the HTTP API: that it answers, and what the token lets it tell."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain.errors import ConfigurationError
from entrypoints.claim_names import ACCOUNTS
from entrypoints.cli.checks import FAIL, OK, WARN, Check, closed, parked, python, tried
from entrypoints.cli.session import Session
from entrypoints.desk.switching import switch_of
from entrypoints.version import VERSION
from ports.wire.outcome import iso

if TYPE_CHECKING:
    from entrypoints.container.remote import Remote

SAMPLE = 100


def api_checks(session: Session) -> Iterator[Check]:
    """Yield each line; without a url and a token there is nothing more to look at."""
    yield python()
    yield Check(OK, "configuration", session.told().source)
    try:
        remote = session.remote()
    except ConfigurationError as error:
        yield Check(FAIL, "api", error.message, "Name the API, and give its token.")
        return
    yield from tried("api", lambda: [_service(remote)])
    yield _token(remote)
    if not remote.accounts:
        yield Check(WARN, "accounts", "the token names none, so that no execution is seen", f"Get one with {ACCOUNTS}.")
    yield from tried("kill switches", lambda: _switches(remote))
    yield from tried("inbox", lambda: [_inbox(remote)])


def _service(remote: "Remote") -> Check:
    version = remote.doors.health().version
    if version != VERSION:
        return Check(WARN, "api", f"{remote.host} is of version {version}", f"This is {VERSION}: install the same.")
    return Check(OK, "api", f"{remote.host} is reached, of version {version}")


def _token(remote: "Remote") -> Check:
    """Tell what the token says; whether it is taken is seen in what follows."""
    if remote.ends_at_ms is None:
        return Check(WARN, "token", f"for {remote.tenant_id}; it does not say when it ends", "Get one that does.")
    ends = f"for {remote.tenant_id}, until {iso(remote.ends_at_ms)}"
    if remote.has_ended:
        return Check(FAIL, "token", ends, "It has ended: get a new one.")
    return Check(OK, "token", ends)


def _switches(remote: "Remote") -> list[Check]:
    found = [closed(switch_of(it)) for it in remote.doors.switching.closed(remote.tenant_id).switches]
    return found or [Check(OK, "kill switches", "none is closed")]


def _inbox(remote: "Remote") -> Check:
    found = remote.doors.listing.inbox(remote.tenant_id, limit=SAMPLE)
    if found.is_partial and not found.executions:
        seen = "nothing that this token may see is among the newest in doubt; there are more"
        return Check(WARN, "inbox", seen, "Look with a token of the accounts that they are of.")
    return parked(len(found.executions), is_api=True)
