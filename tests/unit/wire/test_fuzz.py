"""Whatever a message is, it is taken or refused by name; nothing else comes out of the parser."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.errors import InvalidEventError
from ports.wire.messages import ApprovedEvent, WakeUp, approved_event, parse_message, wake_up_body
from tests.unit.making import KEY, an_intent

LINES = 5_000
VALID = [
    approved_event(an_intent(), "HUMAN", auto_executed=True, embed=True),
    approved_event(an_intent()),
    wake_up_body(KEY, "owner-1"),
]
HUGE = ["9" * 5_000, "-" + "9" * 400, "1e999", "-1e999", "1e-999", "0.1e400", "NaN", "-Infinity", "1E+", "00", "0x10"]
ODD = ["\ud800", "\udfff", "\u2028", "\u0000", "\ufeff", "\U0010ffff", "\\ud800", "\\u0000", "\\uD83D\\uDE00", "é"]
PUNCTUATION = list('"{}[],:\\ ')
WRONG: list[object] = [None, True, 0, -1, 1.5, 2**63, "", "x", [], {}, [[]], {"": {}}, {"__proto__": 1}]


def parses(body: str | bytes) -> bool:
    """Whether a body is taken; anything but a refusal by name goes through, and fails the test."""
    try:
        taken = parse_message(body)
    except InvalidEventError as refused:
        said = refused.message
    else:
        assert isinstance(taken, ApprovedEvent | WakeUp)
        return True
    assert 0 < len(said) < 300
    assert "\n" not in said
    return False


def places(value: object) -> list[tuple[dict[str, object], str]]:
    if not isinstance(value, dict):
        return []
    return [(value, name) for name in value] + [it for inner in value.values() for it in places(inner)]


def wrong_type(draw: Random, body: str) -> str:
    whole = json.loads(body)
    holder, name = draw.choice(places(whole))
    change = draw.randrange(3)
    if change == 0:
        del holder[name]
    elif change == 1:
        holder[name] = draw.choice(WRONG)
    else:
        holder[draw.choice(ODD) + name] = draw.choice(WRONG)
    return json.dumps(whole)


def spliced(draw: Random, body: str, pieces: list[str]) -> str:
    start = draw.randrange(len(body))
    return body[:start] + draw.choice(pieces) + body[start + draw.randrange(4) :]


def changed_bytes(draw: Random, body: str) -> bytes:
    octets = bytearray(body.encode())
    for _ in range(draw.randint(1, 4)):
        octets[draw.randrange(len(octets))] = draw.randrange(256)
    return bytes(octets)


def nested(draw: Random, body: str) -> str:
    depth = draw.choice([20, 31, 32, 33, 500, 5_000, 60_000])
    inner = draw.choice(["[", '{"a":', '["",{"b":'])
    closed = draw.random() < 0.5 and inner == "["
    deep = inner * depth + ("]" * depth if closed else "")
    return deep if draw.random() < 0.3 else body.replace('"title":', f'"deep":{deep},"title":')


FUZZERS: list[Callable[[Random, str], str | bytes]] = [
    lambda draw, _: draw.randbytes(draw.randrange(200)),
    lambda draw, body: body[: draw.randrange(len(body))],
    wrong_type,
    lambda draw, body: spliced(draw, body, HUGE),
    lambda draw, body: spliced(draw, body, ODD),
    lambda draw, body: spliced(draw, spliced(draw, body, PUNCTUATION), PUNCTUATION),
    changed_bytes,
    nested,
]


def test_five_thousand_fuzzed_lines_are_each_taken_or_refused_by_name() -> None:
    draw = Random(20_270_101)

    taken = sum(parses(draw.choice(FUZZERS)(draw, draw.choice(VALID))) for _ in range(LINES))

    assert all(parses(body) for body in VALID)
    assert 0 < taken < LINES // 4


@given(body=st.binary(max_size=400) | st.text(max_size=400))
@example(body='{"detail-type":[],"source":{}}')
@example(body=b"\x00" * 300_000)
def test_no_body_gets_anything_but_a_refusal_out_of_the_parser(body: str | bytes) -> None:
    assert not parses(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(max_size=5), it, max_size=3),
    max_leaves=10,
)


@given(seed=st.integers(0, 2**32), value=JSON)
def test_no_value_in_any_place_of_an_event_gets_anything_but_a_refusal(seed: int, value: object) -> None:
    draw = Random(seed)
    whole = json.loads(draw.choice(VALID))
    holder, name = draw.choice(places(whole))
    holder[name] = value

    parses(json.dumps(whole))
