"""The routes that need nobody: that it answers, what it offers, the page and its sign-in; none reads a store."""

import json
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from entrypoints.api.answers import SAFE, answer, refused, told
from entrypoints.api.parameters import File
from entrypoints.api.static import CONSOLE, INDEX, found, policy
from entrypoints.settings.sign_in import SignIn
from ports.wire.service import HealthModel, ProviderModel, SignInModel


class Public:
    """Each method is a route."""

    def __init__(self, version: str, describe: Callable[[], object], sign_in: SignIn | None) -> None:
        """Keep the version, what describes the API when it is first asked for, and where a person signs in."""
        self._version = version
        self._describe = describe
        self._sign_in = sign_in
        self._policy = policy(sign_in)

    def health(self) -> Response[str]:
        """Say that the service answers."""
        return told(HealthModel(status="ok", version=self._version))

    def openapi(self) -> Response[str]:
        """Return this document."""
        return answer(HTTPStatus.OK, self._described)

    def root(self) -> Response[str]:
        """Send a browser to the page."""
        return Response(status_code=HTTPStatus.FOUND.value, body="", headers={**SAFE, "Location": CONSOLE})

    def index(self) -> Response[str]:
        """Return the page."""
        return self.file(INDEX)

    def sign_in(self) -> Response[str]:
        """Say where a person signs in, if anywhere."""
        it = self._sign_in
        if it is None:
            return told(SignInModel(provider=None))
        provider = ProviderModel(
            authorize_url=it.authorize_url, token_url=it.token_url, client_id=it.client_id, scopes=it.scopes
        )
        return told(SignInModel(provider=provider))

    def file(self, file: File) -> Response[str]:
        """Return a file of the page."""
        page = found(file)
        if page is None:
            return refused(HTTPStatus.NOT_FOUND, "Not found")
        return Response(
            status_code=HTTPStatus.OK.value,
            body=page.text,
            headers={**SAFE, "Content-Type": page.media_type, "Content-Security-Policy": self._policy},
        )

    @cached_property
    def _described(self) -> str:
        return json.dumps(self._describe(), ensure_ascii=False)
