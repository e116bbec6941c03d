"""The HTTP API: API Gateway's events in, answers out; each route parses, calls the desk, and tells."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from entrypoints.api.admission import Admission, Need, admitted, translate
from entrypoints.api.answers import JSON, TooLargeError, refused
from entrypoints.api.claims import Caller
from entrypoints.api.describing import SECURITY, describe
from entrypoints.api.doing import Doing
from entrypoints.api.looking import Looking
from entrypoints.api.public import Public
from entrypoints.api.routes import Route, table
from entrypoints.desk.desk import Desk
from entrypoints.settings.sign_in import SignIn
from ports.wire.bounds import load

MAX_BODY_BYTES = 16 * 1024
CONTENT_TYPE = "content-type"


class Api:
    """Answers events, one at a time: the resolver keeps the event at hand for the whole process."""

    def __init__(self, desk: Desk, version: str, sign_in: SignIn | None = None) -> None:
        """Put up every route; ``sign_in`` is where the page sends a person."""
        self.desk = desk
        self._app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=_read, debug=False)
        caller = _caller_of(self._app)
        public = Public(version, lambda: describe(self._app, version), sign_in)
        self.routes = table(Looking(desk, caller), Doing(desk, caller), public)
        for route in self.routes:
            self._put_up(route)
        translate(self._app)
        self._app.exception_handler(NotFoundError)(self._unrouted)

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:  # noqa: ANN401 - Lambda's
        """Answer an event of API Gateway in the format 2.0."""
        return self._app.resolve(_of_json(event), context)

    def name_of(self, event: Mapping[str, Any]) -> str | None:
        """Return the route that an event asks for, as the table writes it, None where there is none."""
        method, path = event["requestContext"]["http"]["method"], event.get("rawPath", "")
        found = (it for it in self.routes if it.method == method and _pattern(it.rule).fullmatch(path))
        return next((f"{it.method} {it.rule}" for it in found), None)

    def _put_up(self, route: Route) -> None:
        self._app.route(
            route.rule,
            route.method,
            summary=(route.run.__doc__ or "").strip(),
            operation_id=route.run.__name__,
            responses=route.responses,
            security=None if route.need is Need.NOTHING else SECURITY,
            include_in_schema=bool(route.answers),
            middlewares=[Admission(route.need, takes_unknown=route.is_returned_to)],
        )(route.run)

    def _unrouted(self, _: Exception) -> Response[str]:
        """Tell a path that is there for another method from one that is not."""
        path = self._app.current_event.path
        allowed = sorted({it.method for it in self.routes if _pattern(it.rule).fullmatch(path)})
        if not allowed:
            return refused(HTTPStatus.NOT_FOUND, "Not found")
        return refused(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed", headers={"Allow": ", ".join(allowed)})


def _caller_of(app: APIGatewayHttpResolver) -> Callable[[], Caller]:
    return lambda: admitted(app)


@cache
def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<\w+>", "[^/]+", rule))


def _read(body: str) -> Any:  # noqa: ANN401 - whatever JSON there is; its model says what it must be
    """Parse a body within our bounds, before anything else is made of it."""
    if len(body) > MAX_BODY_BYTES or len(body.encode()) > MAX_BODY_BYTES:
        raise TooLargeError
    return load(body)


def _of_json(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event; what does not say that it is JSON is not read as a form or as anything else."""
    headers = {str(name).lower(): value for name, value in (event.get("headers") or {}).items()}
    media_type = str(headers.get(CONTENT_TYPE, JSON)).partition(";")[0].strip().lower()
    headers[CONTENT_TYPE] = JSON if media_type == JSON else "application/octet-stream"
    return {**event, "headers": headers}
