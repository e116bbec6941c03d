"""Every route times every caller who may not: nothing is told, nothing is written, and nothing tells what is there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import pytest

from entrypoints.api.function import Function
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from tests.api.asking import ACTS, GUARDED, OF_ONE, SHAPES, Shape
from tests.api.callers import BLIND, NO_OPERATOR, NOBODY, OPERATOR, STRANGER, Claims, bad_tokens
from tests.api.stand import Answer, Stand
from tests.integration.function_site import Context

THERE, ABSENT = "doubt-acme-emea", "no-such-intent"
MARKS = ("acme-emea", "acme-apac", "other-emea", "OTHERS_SECRET", "Call back", "crm.example")
UNAUTHORIZED, FORBIDDEN = '{"error": "Unauthorized"}', '{"error": "Forbidden"}'
NOT_FOUND = '{"error": "Execution not found"}'

Door = Callable[[str, Shape, Claims], Answer]


@pytest.fixture(params=["serve", "lambda"])
def door(request: pytest.FixtureRequest, shared: Stand, capsys: pytest.CaptureFixture[str]) -> Door:
    """The same claims in a token that `actonce serve` verifies, and as API Gateway hands them to the function."""
    function = Function(shared.api, Meters("actonce", "actonce"), Remaining())

    def by_token(name: str, shape: Shape, claims: Claims) -> Answer:
        return asked(shared, name, shape, shared.as_(claims))

    def by_claims(name: str, shape: Shape, claims: Claims) -> Answer:
        event = shared.event(method_of(name), shape.path, claims, body=shape.body, query=shape.query)
        answer = function(event, Context())
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

    return by_token if request.param == "serve" else by_claims


def method_of(name: str) -> str:
    return name.partition(" ")[0]


def asked(stand: Stand, name: str, shape: Shape, token: str | None) -> Answer:
    return stand.ask(method_of(name), shape.path, token=token, body=shape.body, query=shape.query)


def each(shapes: Mapping[str, Shape], intent: str = THERE) -> list[tuple[str, Shape]]:
    return [(name, it.at(account="emea", intent=intent)) for name, it in shapes.items()]


def test_every_route_is_in_the_table(shared: Stand) -> None:
    assert SHAPES.keys() == {f"{it.method} {it.rule}" for it in shared.api.routes}


def test_finding_19_what_is_no_token_of_ours_opens_nothing(shared: Stand) -> None:
    before = shared.rows()
    for (label, token), (name, shape) in itertools.product(bad_tokens(shared.issuer).items(), each(GUARDED)):
        answer = asked(shared, name, shape, token)
        assert (answer.status, answer.text) == (401, UNAUTHORIZED), (label, name)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert shared.rows() == before


def test_finding_19_a_whole_token_opens_every_route(shared: Stand) -> None:
    """Otherwise the tests beside this one could not fail."""
    for name, shape in each({it: GUARDED[it] for it in GUARDED.keys() - ACTS.keys()}):
        assert asked(shared, name, shape, shared.as_(OPERATOR)).status == 200, name
    for name, shape in each({it: ACTS[it] for it in ACTS.keys() & OF_ONE.keys()}):
        rehearsal = Shape(shape.kind, shape.path, f"{shape.query}&dry_run=true", shape.body)
        assert asked(shared, name, rehearsal, shared.as_(OPERATOR)).status == 200, name


def test_finding_19_claims_without_a_tenant_give_nothing(shared: Stand, door: Door) -> None:
    before = shared.rows()
    for (label, claims), (name, shape) in itertools.product(NOBODY.items(), each(GUARDED)):
        answer = door(name, shape, claims)
        assert (answer.status, answer.text) == (403, FORBIDDEN), (label, name)
    assert shared.rows() == before


def test_finding_19_no_claims_at_all_are_nobody(shared: Stand) -> None:
    function = Function(shared.api, Meters("actonce", "actonce"), Remaining())
    nobody: tuple[object, ...] = ({}, None, [], "acme")
    for claims, (name, shape) in itertools.product(nobody, each(GUARDED)):
        event = shared.event(method_of(name), shape.path, claims, body=shape.body, query=shape.query)
        assert (function(event, Context())["statusCode"], name) == (401, name)
        del event["requestContext"]["authorizer"]
        assert (function(event, Context())["statusCode"], name) == (401, name)


@pytest.mark.parametrize("label", BLIND)
def test_finding_19_claims_that_do_not_name_the_account_give_nothing_of_it(
    shared: Stand, door: Door, label: str
) -> None:
    before = shared.rows()
    seen = ("apac",) if label == "another account" else ()
    for name, shape in each(GUARDED):
        if shape.kind == "tenant":
            continue
        answer = door(name, shape, BLIND[label])
        of_account = shape.kind == "one" or name.startswith("GET /accounts")
        assert answer.status == (403 if of_account else 200), name
        assert [it for it in MARKS if it in answer.text and it not in {f"acme-{one}" for one in seen}] == [], name
    assert shared.rows() == before


def test_finding_19_what_is_forbidden_is_told_in_the_same_words_whether_it_is_there_or_not(
    shared: Stand, door: Door
) -> None:
    for (label, claims), ((name, there), (_, absent)) in itertools.product(
        (BLIND | NOBODY).items(), zip(each(OF_ONE), each(OF_ONE, ABSENT), strict=True)
    ):
        assert door(name, there, claims) == door(name, absent, claims), (label, name)


def test_finding_19_another_tenant_finds_nothing_though_its_account_has_the_same_name(
    shared: Stand, door: Door
) -> None:
    before = shared.rows()
    for (name, there), (_, absent) in zip(each(OF_ONE), each(OF_ONE, ABSENT), strict=True):
        answer = door(name, there, STRANGER)
        assert (answer.status, answer.text) == (404, NOT_FOUND), name
        assert answer == door(name, absent, STRANGER), name
    for name, shape in each({it: GUARDED[it] for it in GUARDED.keys() - ACTS.keys() - OF_ONE.keys()}):
        assert "acme" not in door(name, shape, STRANGER).text, name
    assert shared.rows() == before


@pytest.mark.parametrize("label", NO_OPERATOR)
def test_finding_19_who_is_no_operator_does_not_act(shared: Stand, door: Door, label: str) -> None:
    before = shared.rows()
    for intent, dry_run in itertools.product((THERE, ABSENT), ("false", "true")):
        for name, shape in each(ACTS, intent):
            query = shape.query and f"{shape.query}&dry_run={dry_run}"
            answer = door(name, Shape(shape.kind, shape.path, query, shape.body), NO_OPERATOR[label])
            assert (answer.status, answer.text) == (403, FORBIDDEN), name
    assert shared.rows() == before
    looks = {it: GUARDED[it] for it in GUARDED.keys() - ACTS.keys()}
    assert {door(name, shape, NO_OPERATOR[label]).status for name, shape in each(looks)} == {200}


def test_finding_19_who_is_not_admitted_is_told_nothing_else_that_is_wrong(shared: Stand) -> None:
    for name, shape in each(GUARDED):
        for query, body in (("limit=10abc&x=y", shape.body), (shape.query, b"{")):
            wrong = Shape(shape.kind, shape.path, query, body)
            assert asked(shared, name, wrong, None).text == UNAUTHORIZED, name
            assert asked(shared, name, wrong, shared.as_(NOBODY["no tenant"])).text == FORBIDDEN, name


def test_only_the_installations_operator_throws_the_global_switch(stand: Stand) -> None:
    body = {"scope": "GLOBAL", "closed": True, "reason": "everything is on fire"}
    before = stand.rows()
    refused = stand.ask("PUT", "/kill-switches", token=stand.as_(OPERATOR), body=body)
    assert (refused.status, refused.text) == (403, FORBIDDEN)
    assert stand.rows() == before
    token = stand.as_(OPERATOR | {"custom:role": "installation-operator"})
    thrown = stand.ask("PUT", "/kill-switches", token=token, body=body)
    assert thrown.document == {"scope": "GLOBAL", "tenant_id": None, "action_type": None, "closed": True}
    assert not stand.container.kill_switches().read("acme").global_enabled
    foreign = stand.ask("GET", "/executions/doubt-other-emea/status", token=token, query="account_id=emea")
    assert foreign.status == 404


def test_a_switch_of_another_tenant_is_neither_shown_nor_thrown(stand: Stand) -> None:
    token = stand.as_(OPERATOR)
    assert "OTHERS_SECRET" not in stand.ask("GET", "/kill-switches", token=token).text
    body = {"closed": False, "action_type": "OTHERS_SECRET", "reason": "let it run"}
    assert stand.ask("PUT", "/kill-switches", token=token, body=body).document["tenant_id"] == "acme"
    assert stand.container.kill_switches().read("other").disabled_action_types == {"OTHERS_SECRET"}
