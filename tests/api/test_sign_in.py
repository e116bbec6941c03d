"""What the page is told of its sign-in, over HTTP and behind API Gateway: public values alone, and no store is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from entrypoints.api.resolver import Api
from entrypoints.api.static import policy
from entrypoints.settings.sign_in import SignIn
from entrypoints.version import VERSION
from tests.api.stand import Stand

SIGN_IN = SignIn("https://login.example/authorize", "https://tokens.example/token", "console", "openid")
DOCUMENT = "/console/sign-in.json"


@pytest.fixture
def answers(shared: Stand) -> Api:
    """Has no desk: whoever reads a store for these routes fails."""
    return Api(cast(Any, None), VERSION, SIGN_IN)


def test_the_page_is_told_the_public_values_and_nothing_else(shared: Stand, answers: Api) -> None:
    answer = answers(shared.event("GET", DOCUMENT, {}))
    assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (200, "no-store")
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["body"] == (
        '{"provider": {"authorize_url": "https://login.example/authorize", "token_url": "https://tokens.example/token",'
        ' "client_id": "console", "scopes": "openid"}}'
    )


def test_without_a_sign_in_the_page_is_told_that_there_is_none(shared: Stand) -> None:
    answer = shared.ask("GET", DOCUMENT)
    assert (answer.status, answer.text) == (200, '{"provider": null}')


@pytest.mark.parametrize("path", ["/console", "/console/index.html", "/console/provider.js", "/console/console.css"])
def test_every_file_of_the_page_has_the_policy_of_the_sign_in(shared: Stand, answers: Api, path: str) -> None:
    headers = answers(shared.event("GET", path, {}))["headers"]
    assert headers["Content-Security-Policy"] == policy(SIGN_IN)
    assert shared.ask("GET", path).headers["Content-Security-Policy"] == policy(None)


def test_a_person_who_is_sent_back_gets_the_page_whatever_the_provider_added(shared: Stand, answers: Api) -> None:
    for query in (
        "code=abc&state=xyz",
        "error=access_denied&state=xyz&error_description=%3Cb%3E",
        "code=a&session_state=b",
    ):
        answer = answers(shared.event("GET", "/console", {}, query=query))
        assert (answer["statusCode"], "<!doctype html>" in answer["body"]) == (200, True), query
        assert "abc" not in answer["body"]


def test_the_document_takes_no_parameters_and_is_read_alone(shared: Stand, answers: Api) -> None:
    assert answers(shared.event("GET", DOCUMENT, {}, query="code=abc"))["statusCode"] == 400
    assert answers(shared.event("POST", DOCUMENT, {}))["statusCode"] == 405


def test_what_an_act_does_not_know_is_refused_as_ever(shared: Stand) -> None:
    api = Api(replace(shared.api.desk), VERSION, SIGN_IN)
    assert api(shared.event("GET", "/health", {}, query="code=abc"))["statusCode"] == 400
    assert api(shared.event("GET", "/console/console.css", {}, query="code=abc"))["statusCode"] == 400
