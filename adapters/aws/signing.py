"""AWS Signature Version 4 for requests that are not sent by botocore."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from adapters.aws.session import Aws
from core.domain.errors import ConfigurationError


class RequestSigner:
    """Signs with the credentials of this process, which botocore renews by itself."""

    def __init__(self, session: Aws, service: str, region: str | None = None) -> None:
        """Keep whose requests; ``service`` is the signing name, ``region`` by default that of the session.

        Raises:
            ConfigurationError: no region is known.
        """
        # At DEBUG it writes down what it signs, a session's token among it.
        logging.getLogger("botocore.auth").setLevel(logging.INFO)
        self._session = session.session
        self._service = service
        found = region or session.region
        if found is None:
            raise ConfigurationError("A signature needs a region.")
        self._region = found

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """Return the headers that sign a request, and the secrets that they were made with.

        Raises:
            ConfigurationError: there are no credentials, or they could not be had now.
        """
        try:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise ConfigurationError("there are no AWS credentials")
            frozen = credentials.get_frozen_credentials()
            request = AWSRequest(method, url, headers=dict(headers), data=body)
            SigV4Auth(frozen, self._service, self._region).add_auth(request)
        except BotoCoreError as fault:
            raise ConfigurationError(f"the request could not be signed: {type(fault).__name__}") from None
        signed = {name: value for name, value in request.headers.items() if name not in headers}
        return signed, tuple(secret for secret in (frozen.secret_key, frozen.token) if secret)
