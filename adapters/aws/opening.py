"""Opening the session and its clients, so that what is missing is said as a fault of configuration."""

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, NoRegionError, ProfileNotFound

from adapters.aws.session import Aws, Patience
from core.domain.errors import ConfigurationError

T = TypeVar("T")


def open_session(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
    """Open the session.

    Raises:
        ConfigurationError: there is no such profile, or the files that hold profiles cannot be read.
    """
    return _opened(lambda: Aws(profile=profile, region=region, endpoint_url=endpoint_url))


def open_client(session: Aws, service: str, patience: Patience) -> Any:  # noqa: ANN401 - boto3 builds a class per service
    """Return a client of a service.

    Raises:
        ConfigurationError: no region is known, or it is none.
    """
    return _opened(lambda: session.client(service, patience))


def _opened(opening: Callable[[], T]) -> T:
    try:
        return opening()
    except NoRegionError as error:
        raise ConfigurationError("No AWS region is known: give --region, or set ACTONCE_AWS_REGION.") from error
    except ProfileNotFound as error:
        raise ConfigurationError("There is no such AWS profile: name another with --profile.") from error
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"The AWS session cannot be opened: {type(error).__name__}.") from error
