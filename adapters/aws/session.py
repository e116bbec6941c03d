"""One session per process, and one client per service and purpose; none is built per call."""

import threading
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.session import Session

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
    """The session of this process; ``endpoint_url`` points every service at an emulator.

    It is botocore's: what boto3 puts around it, resources and transfers of files, nobody here uses, and to import that
    is a part of every cold start.
    """

    def __init__(
        self, *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
    ) -> None:
        """Open the session; credentials are found by botocore's own chain when the first call is made.

        Raises:
            ProfileNotFound: there is no such profile.
        """
        self.session = Session(profile=profile)
        if region is not None:
            self.session.set_config_variable("region", region)
        # It reads the profile, which would else be missed by the first client only.
        self.session.get_component("data_loader")
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()

    @property
    def region(self) -> str | None:
        """The region that was named, or that is found as the AWS command line finds it."""
        region: str | None = self.session.get_config_variable("region")
        return region

    def client(self, service: str, patience: Patience) -> Any:  # noqa: ANN401 - botocore builds a class per service
        """Return a client of a service; the caller names its type."""
        # Threads share clients, but a session makes one at a time.
        with self._lock:
            return self.session.create_client(
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
