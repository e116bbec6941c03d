"""The routes that need nobody: that it answers, what it offers, and the page; none of them reads a store."""

import json
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from entrypoints.api.answers import SAFE, answer, refused, told
from entrypoints.api.parameters import File
from entrypoints.api.static import CONSOLE, INDEX, found
from ports.wire.service import HealthModel


class Public:
    """Each method is a route."""

    def __init__(self, version: str, describe: Callable[[], object]) -> None:
        """Keep the version, and what describes the API when it is first asked for."""
        self._version = version
        self._describe = describe

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

    def file(self, file: File) -> Response[str]:
        """Return a file of the page."""
        page = found(file)
        if page is None:
            return refused(HTTPStatus.NOT_FOUND, "Not found")
        return Response(
            status_code=HTTPStatus.OK.value,
            body=page.text,
            headers={**SAFE, **page.headers},
        )

    @cached_property
    def _described(self) -> str:
        return json.dumps(self._describe(), ensure_ascii=False)
