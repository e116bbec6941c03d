"""AWS Signature Version 4: requests signed with the credentials of this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from adapters.connectors.authorizing import NotReadyError, Outgoing, Redaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import Credentials


class SignedRequests:
    """The authorizer of an endpoint of AWS; ``service`` is its signing name, such as ``bedrock-agentcore``."""

    is_secret = True

    def __init__(self, credentials: Callable[[], Credentials | None], service: str, region: str) -> None:
        """Keep where credentials come from; botocore renews them by itself."""
        self._credentials = credentials
        self._service = service
        self._region = region
        self.redact = Redaction()

    def headers(self, outgoing: Outgoing, *, wait_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - botocore has bounds
        try:
            credentials = self._credentials()
            if credentials is None:
                raise NotReadyError("there are no AWS credentials")
            frozen = credentials.get_frozen_credentials()
            request = AWSRequest(outgoing.method, outgoing.url, headers=dict(outgoing.headers), data=outgoing.body)
            SigV4Auth(frozen, self._service, self._region).add_auth(request)
        except BotoCoreError as fault:
            raise NotReadyError(f"the request could not be signed: {type(fault).__name__}") from None
        for secret in (frozen.secret_key, frozen.token):
            if secret is not None:
                self.redact.add(secret)
        signed = dict(request.headers.items())
        return {name: value for name, value in signed.items() if name not in outgoing.headers}

    def rejected(self) -> None:
        """Botocore renews what is about to end; a signature that is refused is a matter of permissions."""
