"""One session per process, and one client per service and purpose; none is built per call."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from core.domain.making import dataclass

MAX_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one try of a call may take, and how many tries there are, the first included; times in seconds.

    ``tries`` above 1 lets botocore wait and repeat what was throttled, cut off or failed with a 5xx. Whoever calls
    through such a client must not repeat it once more (no retries nested in retries).
    """

    connect_s: float
    read_s: float
    tries: int


STORE = Patience(connect_s=1.0, read_s=4.0, tries=5)
"""Our own stores, but for commits."""

COMMIT = Patience(connect_s=1.0, read_s=4.0, tries=1)
"""Commits: the core asks again by itself, for as long as what is at stake is worth it."""

OBJECTS = Patience(connect_s=0.4, read_s=0.4, tries=1)
"""Internal notes and tasks are somebody's effect: one call per send, over before the shortest timeout of a policy."""

ARTIFACTS = Patience(connect_s=1.0, read_s=5.0, tries=2)
"""Large responses, which are stored before a settle and must not keep it waiting."""

SWITCH = Patience(connect_s=0.4, read_s=0.4, tries=2)
"""Kill switches: a reading older than a second is worth nothing, and an unreadable switch is a closed one."""

POLL = Patience(connect_s=2.0, read_s=30.0, tries=3)
"""A long poll of the queue, which is answered after up to twenty seconds."""


class Aws:
    """The session of this process; ``endpoint_url`` points every service at an emulator."""

    def __init__(
        self, *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
    ) -> None:
        """Open the session; credentials are found by boto3's own chain when the first call is made."""
        self.session = boto3.session.Session(profile_name=profile, region_name=region)
        self._endpoint_url = endpoint_url

    def client(self, service: str, patience: Patience) -> Any:  # noqa: ANN401 - boto3 builds a class per service
        """Return a client of a service; the caller names its type."""
        return self.session.client(  # type: ignore[call-overload]
            service, endpoint_url=self._endpoint_url, config=Config(**self._options(service, patience))
        )

    def _options(self, service: str, patience: Patience) -> Mapping[str, Any]:
        options: dict[str, Any] = {
            "connect_timeout": patience.connect_s,
            "read_timeout": patience.read_s,
            "retries": {"mode": "standard", "total_max_attempts": patience.tries},
            "max_pool_connections": MAX_CONNECTIONS,
            "tcp_keepalive": True,
        }
        if service == "s3" and self._endpoint_url is not None:
            # An emulator has no host name per bucket.
            options["s3"] = {"addressing_style": "path"}
        return options
