"""Opening the session and its clients, so that what is missing is said as a fault of configuration."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, NoRegionError, ProfileNotFound

from adapters.aws.session import Aws, Patience
from core.domain.errors import ConfigurationError, StoreUnavailableError

T = TypeVar("T")


def open_session(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
    """Open the session.

    Raises:
        ConfigurationError: there is no such profile, or the files that hold profiles cannot be read.
    """
    return _opened(lambda: Aws(profile=profile, region=region, endpoint_url=endpoint_url))


def open_client(session: Aws, service: str, patience: Patience) -> Any:  # noqa: ANN401 - botocore builds a class per service
    """Return a client of a service.

    Raises:
        ConfigurationError: no region is known, or it is none.
    """
    return _opened(lambda: session.client(service, patience))


def late_client(session: Aws, service: str, patience: Patience) -> Any:  # noqa: ANN401 - botocore builds a class per service
    """Return what becomes a client of a service when it is first used; one that cannot is a store out of reach."""
    return LateClient(partial(open_client, session, service, patience))


class LateClient:
    """A client that is opened by its first use: to read a service's model takes as long as dozens of calls.

    By then something may have been sent, so whatever keeps it from being opened is a store that cannot be reached, and
    never a verdict about an action.
    """

    def __init__(self, opening: Callable[[], Any]) -> None:
        """Keep how it is opened."""
        self._opening = opening
        self._lock = threading.Lock()
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        """Return what the client has by this name, and keep it at hand.

        Raises:
            StoreUnavailableError: it cannot be opened.
        """
        with self._lock:
            if self._client is None:
                self._client = self._opened()
        kept = self.__dict__[name] = getattr(self._client, name)
        return kept

    def _opened(self) -> Any:  # noqa: ANN401 - botocore builds a class per service
        try:
            return self._opening()
        except ConfigurationError as fault:
            raise StoreUnavailableError(fault.message) from fault
        except Exception as fault:
            # Files used up, a package without its data: the text of such a fault may name anything.
            raise StoreUnavailableError(f"A client of AWS cannot be opened: {type(fault).__name__}.") from fault


def _opened(opening: Callable[[], T]) -> T:
    try:
        return opening()
    except NoRegionError as error:
        raise ConfigurationError("No AWS region is known: give --region, or set ACTONCE_AWS_REGION.") from error
    except ProfileNotFound as error:
        raise ConfigurationError("There is no such AWS profile: name another with --profile.") from error
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"The AWS session cannot be opened: {type(error).__name__}.") from error
