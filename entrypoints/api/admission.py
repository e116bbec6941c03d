"""Admission: which callers a route takes; who is not admitted is told nothing else that is wrong."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler, NextMiddleware

from entrypoints.api.answers import TRANSLATIONS, BadRequestError
from entrypoints.api.claims import Caller, ForbiddenError, UnauthorizedError, caller_of, claims_of
from ports.wire.bounds import shown


class Need(StrEnum):
    """What a route needs of its caller."""

    NOTHING = "nothing"
    READER = "reader"
    OPERATOR = "operator"


class Admission(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """The middleware of one route."""

    def __init__(self, need: Need, *, takes_unknown: bool = False) -> None:
        """Keep what is needed, and whether parameters that nobody knows are passed over."""
        self._need = need
        self._takes_unknown = takes_unknown

    def handler(self, app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[str]:
        """Go on with the caller that was admitted."""
        self.check(app)
        if not self._takes_unknown:
            _refuse_unknown(app)
        answer: Response[str] = next_middleware(app)
        return answer

    def check(self, app: APIGatewayHttpResolver) -> None:
        """Admit the caller of the event at hand.

        Raises:
            UnauthorizedError: nobody vouches for him.
            ForbiddenError: he has no tenant, or not the role.
        """
        if self._need is Need.NOTHING:
            return
        caller = caller_of(claims_of(app.current_event.raw_event))
        if self._need is Need.OPERATOR and not caller.is_operator:
            raise ForbiddenError
        app.append_context(caller=caller)  # type: ignore[no-untyped-call]


def _refuse_unknown(app: APIGatewayHttpResolver) -> None:
    """A parameter that is misspelt must not be passed over: what was to be a dry run would act."""
    known = {it.alias for it in app.context["_route"].dependant.query_params}
    for name, _ in parse_qsl(app.current_event.raw_event.get("rawQueryString") or "", keep_blank_values=True):
        if name not in known:
            raise BadRequestError(shown(name), "is not known")


def admitted(app: APIGatewayHttpResolver) -> Caller:
    """Return the caller that the route at hand admitted."""
    caller = app.context.get("caller")
    if not isinstance(caller, Caller):
        raise UnauthorizedError
    return caller


def translate(app: APIGatewayHttpResolver) -> None:
    """Let every error be translated; one that comes before the admission does not come instead of it."""

    def first_admitting(translation: Callable[..., Response[str]]) -> Callable[[Exception], Response[str]]:
        def translated(fault: Exception) -> Response[str]:
            try:
                for it in app.context["_route"].middlewares:
                    if isinstance(it, Admission):
                        it.check(app)
            except (UnauthorizedError, ForbiddenError) as refusal:
                return TRANSLATIONS[type(refusal)](refusal)
            return translation(fault)

        return translated

    translations: Mapping[type[Exception], Callable[..., Response[str]]] = TRANSLATIONS
    for error, translation in translations.items():
        app.exception_handler(error)(first_admitting(translation))
