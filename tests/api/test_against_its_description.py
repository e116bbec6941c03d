"""Requests made up from the OpenAPI document, good and bad: no 5xx, and no answer that the document does not describe.

API_CASES is how many are made up in all; where there are no parameters there is less to make up.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from tests.api.asking import SHAPES
from tests.api.callers import OPERATOR
from tests.api.stand import Stand

CASES = int(os.environ.get("API_CASES", "450"))
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
)
DESCRIBED = sorted(
    (name.partition(" ")[0], name.partition(" ")[2].replace("<", "{").replace(">", "}"))
    for name, it in SHAPES.items()
    if it.kind != "public" or name in {"GET /health", "GET /console/sign-in.json"}
)
# Of what is there, most of the time; otherwise of whatever was made up.
SPOKEN_OF = (
    ("doubt-acme-emea", "emea"),
    ("pending-acme-emea", "emea"),
    ("done-acme-emea", "emea"),
    ("doubt-acme-apac", "apac"),
    ("doubt-other-emea", "emea"),
    None,
)
BARE = {
    ("GET", "/console/sign-in.json"),
    ("GET", "/counts"),
    ("GET", "/health"),
    ("GET", "/kill-switches"),
    ("GET", "/registry"),
}
"""Without a parameter there is nothing that could be wrong."""

MADE_UP = [(*it, mode) for it in DESCRIBED for mode in GenerationMode if mode.is_positive or it not in BARE]

EACH = -(-CASES // len(MADE_UP))


@pytest.fixture(scope="module")
def schema(shared: Stand) -> BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", shared.application)


def test_the_document_describes_every_route_but_the_page_and_itself(schema: BaseSchema) -> None:
    operations = [it.ok() for it in schema.get_all_operations() if isinstance(it, Ok)]
    found = sorted((it.method.upper(), it.path) for it in operations)
    assert found == DESCRIBED


def speak_of(case: Case[Any], one: tuple[str, str] | None) -> None:
    """Put the names of what is there into a request."""
    if one is None:
        return
    for place in (case.path_parameters, case.query):
        for name, value in zip(("action_intent_id", "account_id"), one, strict=True):
            if name in place:
                place[name] = value


@pytest.mark.parametrize(("method", "path", "mode"), MADE_UP, ids=[f"{it[0]} {it[1]} {it[2].value}" for it in MADE_UP])
def test_every_answer_is_one_that_the_document_describes(
    shared: Stand, schema: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    token = shared.as_(OPERATOR)
    checks = CHECKS.get_by_names(CHECKED)
    asked: Counter[int] = Counter()

    @settings(
        max_examples=EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def answered(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE:
            # Nobody but the service can make one that is taken.
            case.query.pop("next_token", None)
            speak_of(case, data.draw(st.sampled_from(SPOKEN_OF)))
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        asked[response.status_code] += 1
        case.validate_response(response, checks=checks)  # type: ignore[arg-type]

    answered()
    assert asked.total() >= EACH or (method, path) in BARE
    assert set(asked) != {400} or mode.is_negative
