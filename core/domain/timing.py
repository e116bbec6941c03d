"""The declared bounds within which the guarantees hold (design 3.3)."""

from core.domain.making import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """All in milliseconds but where the name says otherwise.

    Attributes:
        max_skew_ms: how far two machines' clocks may lie apart.
        lease_ms: how long a claim lasts before anything is prepared.
        switch_age_ms: how old a reading of the kill switches may be when a call starts.
        call_slack_ms: time between prepare and the first byte of the call.
        settle_slack_ms: time between a call's deadline and the end of the lease.
        backoff_ms: first wait before a send is repeated; doubles each time.
        max_backoff_ms: longest such wait.
        look_up_limit: look-ups spent on one doubt before it waits for the operator alone.
        max_sends: bound on prepares of one effect, whatever the policy says.
        intent_grace_ms: how long an event may wait for its intent to appear.
        seal_margin_ms: how long after its end a day of the ledger is sealed; longer than any commit can take, which
            stamps its entries before it is tried for minutes at most, and than an index lags.
    """

    max_skew_ms: int = 2_000
    lease_ms: int = 30_000
    switch_age_ms: int = 1_000
    call_slack_ms: int = 5_000
    settle_slack_ms: int = 5_000
    backoff_ms: int = 1_000
    max_backoff_ms: int = 300_000
    look_up_limit: int = 8
    max_sends: int = 64
    intent_grace_ms: int = 60_000
    seal_margin_ms: int = 3_600_000

    def backoff(self, times: int) -> int:
        """Return the wait before try number ``times`` + 1, for ``times`` of 1 or more."""
        return min(self.max_backoff_ms, self.backoff_ms << min(times - 1, 20))

    def deadline(self, now_ms: int, timeout_ms: int) -> int:
        """Return the latest end of a call prepared now."""
        return now_ms + self.call_slack_ms + timeout_ms + self.max_skew_ms

    def lease_end(self, deadline_ms: int) -> int:
        """Return the end of a lease that covers a call with this deadline, with skew to spare."""
        return deadline_ms + self.max_skew_ms + self.settle_slack_ms
