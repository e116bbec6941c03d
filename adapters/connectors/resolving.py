"""Resolving a host's name within a bound, which the system's own call does not have."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence

Ask = Callable[[str, int], Sequence[str]]

MOST_WAITING = 16


def ask_system(host: str, port: int) -> Sequence[str]:
    """Return a host's IP addresses in the system's order of preference; OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for _family, _type, _proto, _name, sockaddr in found]


class Resolver:
    """Asks in a thread of its own, and stops waiting in time.

    A question that hangs in the system cannot be called back: its thread stays until the system answers, ends with
    the process, and at most ``MOST_WAITING`` of them are left standing before further questions are turned away.
    """

    def __init__(self, ask: Ask = ask_system) -> None:
        """Keep whom to ask."""
        self._ask = ask
        self._free = threading.BoundedSemaphore(MOST_WAITING)

    def addresses(self, host: str, port: int, wait_s: float) -> Sequence[str]:
        """Return a host's IP addresses; an address is its own.

        Raises:
            TimeoutError: no answer within ``wait_s``, or too many questions are hanging already.
            OSError: the name has no address.
        """
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return self._resolved(host, port, wait_s)
        return [host]

    def _resolved(self, host: str, port: int, wait_s: float) -> Sequence[str]:
        if not self._free.acquire(blocking=False):
            raise TimeoutError("Too many look-ups of host names are hanging.")
        answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._ask(host, port))
            except OSError as fault:
                answers.put(fault)
            finally:
                self._free.release()

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=wait_s)
        except queue.Empty as late:
            raise TimeoutError("The host's name was not resolved in time.") from late
        if isinstance(answer, OSError):
            raise answer
        return answer
