"""The HTTP API as a Lambda function behind API Gateway, whose authorizer verified the token."""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from entrypoints import telemetry
from entrypoints.api.resolver import Api
from entrypoints.container.desk import desk_of
from entrypoints.container.functions import build_function
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from entrypoints.version import VERSION

NEEDS = ("paging_secret", "queue_url")

log = logging.getLogger("actonce.api")


class Function:
    """Answers, counts, and logs which route was asked and with which status it was answered; nothing of either."""

    def __init__(self, api: Api, meters: Meters, remaining: Remaining) -> None:
        """Keep the parts."""
        self._api = api
        self._meters = meters
        self._remaining = remaining

    def __call__(self, event: dict[str, Any], context: Invocation) -> Mapping[str, Any]:
        """Answer one request."""
        self._remaining.begin(context)
        try:
            answer = self._api(event, context)
            status = int(answer["statusCode"])
            self._meters.add(telemetry.ANSWERS, answer=f"{status // 100}xx")
            log.info("answered", extra={"fields": {Key.ROUTE: self._api.name_of(event), Key.HTTP_STATUS: status}})
            return answer
        finally:
            self._meters.flush()


@cache
def _function() -> Callable[[dict[str, Any], Invocation], Mapping[str, Any]]:
    """Build everything once; the first invocation pays for it."""
    meters, remaining, logger = Meters(), Remaining(), function_logger()
    with starting():
        container = build_function(settings(), needs=NEEDS, meter=meters, is_over=remaining.is_over)
        api = Api(desk_of(container), VERSION, container.settings().api.sign_in)
        function = Function(api, meters, remaining)
    answering: Callable[[dict[str, Any], Invocation], Mapping[str, Any]] = logger.inject_lambda_context(function)
    return answering


def handler(event: dict[str, Any], context: Invocation) -> Mapping[str, Any]:
    """Answer a request that API Gateway hands on in the format 2.0."""
    return _function()(event, context)
