"""Building what speaks to a JSON API as it was configured."""

from collections.abc import Mapping

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.http import HttpConnector
from adapters.connectors.http_plan import Answers, Ask, HttpTool, Imaging, Key, Looking, ObjectNames, Steps
from adapters.connectors.http_template import Path, Text, Value
from core.domain.canonical import Json
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.http import HttpAnswers, HttpAsk, HttpBefore, HttpLookUp, HttpSettings, HttpToolSettings


def http_connector(one: HttpSettings, around: Surroundings) -> HttpConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a template is none, or a secret is not there; the field is named.
        StoreUnavailableError: a secret could not be read now.
    """
    return HttpConnector(http_exchange(one, around), one.system, tools_of(one))


def http_exchange(one: HttpSettings, around: Surroundings) -> Exchange:
    """Build the way to the API; raises as the connector does."""
    endpoint = Endpoint(one.url, authorizer_of(one.auth, around), allows_private=one.allows_private)
    return around.exchange(endpoint, one.max_response_bytes)


def tools_of(one: HttpSettings) -> Mapping[str, HttpTool]:
    """Return what each tool does; ConfigurationError names the tool whose template is none."""
    tools = {}
    for name, tool in one.tools.items():
        try:
            tools[name] = _tool(tool)
        except ConfigurationError as fault:
            raise ConfigurationError(f"tools.{name}: {fault.message}") from fault
    return tools


def _tool(tool: HttpToolSettings) -> HttpTool:
    return HttpTool(
        ask=_ask(tool, tool.method),
        answers=_answers(tool.answers),
        names=ObjectNames(
            tool.object_type,
            _steps(tool.object_id),
            None if tool.object_id_from is None else Text.parsed(tool.object_id_from),
            _steps(tool.object_url),
        ),
        key=None if tool.idempotency_header is None else Key(tool.idempotency_header, quoted=tool.quoted),
        looking=None if tool.look_up is None else _looking(tool.look_up),
        imaging=None if tool.before is None else _imaging(tool.before),
    )


def _ask(one: HttpAsk, method: str) -> Ask:
    return Ask(
        method=method,
        path=Path.parsed(one.path),
        query={name: Text.parsed(text) for name, text in one.query.items()},
        headers={name: Text.parsed(text) for name, text in one.headers.items()},
        body=None if one.body is None else Value.parsed(one.body),
    )


def _answers(one: HttpAnswers) -> Answers:
    return Answers(
        applied=frozenset(one.applied),
        refused={status: kind for kind, statuses in one.refused.items() for status in statuses},
        retryable=frozenset(one.retryable),
        not_sent=frozenset(one.not_sent),
        match=_match(one.match),
        code_at=_steps(one.error_code),
        message_at=_steps(one.error_message),
        replayed_header=one.replayed_header,
    )


def _looking(one: HttpLookUp) -> Looking:
    return Looking(
        ask=_ask(one, one.method),
        found=frozenset(one.found),
        absent=frozenset(one.absent),
        gone=frozenset(one.gone),
        items_at=_steps(one.items),
        where=_match(one.where),
        match=_match(one.match),
        expects_absent=one.expects == "absent",
    )


def _imaging(one: HttpBefore) -> Imaging:
    image = [steps for path in one.image if (steps := _steps(path)) is not None]
    return Imaging(_ask(one, one.method), frozenset(one.found), image, _steps(one.version))


def _match(given: Mapping[str, Json]) -> Mapping[Steps, Value]:
    return {steps: Value.parsed(value) for path, value in given.items() if (steps := _steps(path)) is not None}


def _steps(path: str | None) -> Steps | None:
    if path is None:
        return None
    return () if path == "." else tuple(path.split("."))
