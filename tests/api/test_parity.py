"""Whatever the API looks at or does, the command line does too."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from entrypoints.cli import acting, listing, looking, registry, switching
from entrypoints.cli.main import COMMANDS
from tests.api.asking import ACTS, GUARDED, OF_ONE

VERBS: dict[str, tuple[Callable[..., None], ...]] = {
    "GET /executions/<action_intent_id>/status": (looking.status,),
    "GET /executions/<action_intent_id>/timeline": (looking.timeline,),
    "GET /accounts/<account_id>/executions": (listing.list_executions,),
    "GET /executions": (listing.list_executions,),
    "GET /in-doubt": (listing.inbox,),
    "GET /counts": (listing.counts,),
    "GET /kill-switches": (switching.switches,),
    "GET /registry": (registry.list_entries,),
    "POST /executions/<action_intent_id>/cancel": (acting.cancel,),
    "POST /executions/<action_intent_id>/retry": (acting.retry,),
    "POST /executions/<action_intent_id>/resolve": (acting.resolve,),
    "POST /executions/<action_intent_id>/undo": (acting.undo,),
    "PUT /kill-switches": (switching.stop, switching.resume),
}


def test_every_route_that_looks_or_acts_has_a_verb_of_the_command_line() -> None:
    assert VERBS.keys() == GUARDED.keys()
    offered = {command for _, command, _ in COMMANDS} | {registry.list_entries}
    assert {verb for verbs in VERBS.values() for verb in verbs} <= offered


def test_what_can_be_rehearsed_through_the_api_can_be_rehearsed_from_the_command_line() -> None:
    for name in ACTS.keys() & OF_ONE.keys():
        (verb,) = VERBS[name]
        assert "dry_run" in inspect.signature(verb).parameters, name


def test_what_is_said_of_an_act_through_the_api_can_be_said_from_the_command_line() -> None:
    for name, shape in ACTS.items():
        for verb in VERBS[name]:
            missing = set(shape.body or ()) - inspect.signature(verb).parameters.keys() - {"closed"}
            assert missing == set(), name
