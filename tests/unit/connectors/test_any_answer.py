"""Whatever an API says, the tables of the built-in connectors answer, and claim no success that is not there."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.exchange import Reply
from adapters.connectors.google_calendar_events import event_of, mismatch
from adapters.connectors.google_calendar_table import document_of, error_of, failure_of
from adapters.connectors.http_looking import finding_of, image_of
from adapters.connectors.http_plan import Ask, Imaging
from adapters.connectors.http_table import answer_of
from adapters.connectors.http_template import Path
from core.domain.answer import Answer, Applied, CannotTell, Happened, NotHappened, NotSent, Refused, Unknown, kept
from core.domain.canonical import Json
from tests.unit.connectors.test_google_calendar_events import HOUR, KEY
from tests.unit.connectors.test_http_table import GIVEN, TOOL

NAMES = st.sampled_from(["id", "ref", "link", "n", "error", "errors", "code", "reason", "message", "start", "x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800") | st.just("r")
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner), max_leaves=12
)
BODIES = st.binary(max_size=40) | DOCUMENTS.map(lambda it: json.dumps(it).encode())
REPLIES = st.builds(Reply, st.integers(100, 599), st.just("application/json"), st.just(0), BODIES)
IMAGING = Imaging(Ask("GET", Path.parsed("/a")), frozenset({200}), [("n",), ("x",)])


@given(REPLIES)
def test_any_answer_to_a_configured_tool_is_one_of_the_four(reply: Reply) -> None:
    answer: Answer = answer_of(TOOL, "shop", reply, GIVEN)
    assert isinstance(answer, Applied | Refused | NotSent | Unknown)
    if isinstance(answer, Applied):
        assert reply.status in TOOL.answers.applied
        assert len(kept(answer.refs)) == 1


@given(REPLIES)
def test_any_answer_to_a_configured_look_up_is_one_of_the_three(reply: Reply) -> None:
    assert TOOL.looking is not None
    finding = finding_of(TOOL, TOOL.looking, "shop", reply, GIVEN, None)
    assert isinstance(finding, Happened | NotHappened | CannotTell)
    assert not isinstance(finding, NotHappened) or reply.status in TOOL.looking.absent


@given(DOCUMENTS)
def test_any_image_is_stored_or_there_is_none(document: Json) -> None:
    image = image_of(IMAGING, Reply(200, "application/json", 0, json.dumps(document).encode()))
    assert image is None or set(json.loads(image)) == {"n", "x"}


def test_an_image_with_what_has_no_json_form_is_none() -> None:
    for value in (math.nan, math.inf, "\ud800"):
        assert image_of(IMAGING, Reply(200, "", 0, json.dumps({"n": value}).encode())) is None


@given(REPLIES)
def test_any_failure_of_google_is_judged_and_any_event_compared(reply: Reply) -> None:
    assert isinstance(failure_of(reply, creates=True), Refused | NotSent | Unknown)
    assert error_of(reply) is None or document_of(reply) is not None
    assert mismatch(document_of(reply) or {}, event_of(HOUR, KEY)) is not None
