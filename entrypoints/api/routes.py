"""The table of routes: what is called how, by whom, and what it answers."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from core.domain.making import dataclass
from entrypoints.api.admission import Need
from entrypoints.api.answers import JSON
from entrypoints.api.doing import Doing
from entrypoints.api.looking import Looking
from entrypoints.api.public import Public
from ports.wire.act import ActModel, RehearsalModel, SwitchesModel, SwitchModel
from ports.wire.listing import CountsModel, InboxModel, ListingModel
from ports.wire.service import ErrorModel, HealthModel, RegistryModel, SignInModel
from ports.wire.status import StatusModel
from ports.wire.timeline import TimelineModel

NAMED = (HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED)
ADMITTED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
STORED = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)
ACTED = (HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@dataclass(frozen=True, slots=True)
class Route:
    """One route. ``answers`` are the models of its documents; none is for what is no JSON.

    ``is_returned_to``: a provider sends people here, and may add parameters of its own.
    """

    method: str
    rule: str
    need: Need
    run: Callable[..., Any]
    answers: tuple[type[BaseModel], ...] = ()
    refusals: Sequence[HTTPStatus] = ()
    is_returned_to: bool = False

    @property
    def responses(self) -> dict[int, Any]:
        """The documented answers, as Powertools takes them."""
        documented: dict[int, Any] = {it.value: _response(it.phrase, (ErrorModel,)) for it in sorted(self.refusals)}
        return {HTTPStatus.OK.value: _response("What was asked for.", self.answers), **documented}


def table(looking: Looking, doing: Doing, public: Public) -> tuple[Route, ...]:
    """Return every route there is."""
    one = "/executions/<action_intent_id>"
    return (
        _look(f"{one}/status", looking.status, StatusModel, of_one=True),
        _look(f"{one}/timeline", looking.timeline, TimelineModel, of_one=True),
        _look("/accounts/<account_id>/executions", looking.account_executions, ListingModel, of_one=True),
        _look("/executions", looking.executions, ListingModel),
        _look("/in-doubt", looking.in_doubt, InboxModel),
        _look("/counts", looking.counts, CountsModel),
        _look("/kill-switches", looking.kill_switches, SwitchesModel),
        _look("/registry", looking.registry, RegistryModel),
        _act("POST", f"{one}/cancel", doing.cancel, ActModel, RehearsalModel),
        _act("POST", f"{one}/retry", doing.retry, ActModel, RehearsalModel),
        _act("POST", f"{one}/resolve", doing.resolve, ActModel, RehearsalModel),
        _act("POST", f"{one}/undo", doing.undo, ActModel, RehearsalModel),
        _act("PUT", "/kill-switches", doing.throw_switch, SwitchModel),
        Route("GET", "/health", Need.NOTHING, public.health, (HealthModel,), NAMED),
        Route("GET", "/openapi.json", Need.NOTHING, public.openapi),
        Route("GET", "/", Need.NOTHING, public.root),
        Route("GET", "/console", Need.NOTHING, public.index, is_returned_to=True),
        Route("GET", "/console/sign-in.json", Need.NOTHING, public.sign_in, (SignInModel,), NAMED),
        Route("GET", "/console/<file>", Need.NOTHING, public.file),
    )


def _look(rule: str, run: Callable[..., Any], model: type[BaseModel], *, of_one: bool = False) -> Route:
    absent = (HTTPStatus.NOT_FOUND,) if of_one else ()
    return Route("GET", rule, Need.READER, run, (model,), (*NAMED, *ADMITTED, *STORED, *absent))


def _act(method: str, rule: str, run: Callable[..., Any], *models: type[BaseModel]) -> Route:
    refusals = (*NAMED, *ADMITTED, *STORED, *ACTED, HTTPStatus.NOT_FOUND)
    return Route(method, rule, Need.OPERATOR, run, models, refusals)


def _response(description: str, models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    model: Any = models[0] if len(models) == 1 else None
    for it in models if model is None else ():
        model = it if model is None else model | it
    content = {"content": {JSON: {"model": model}}} if model is not None else {}
    return {"description": description, **content}
