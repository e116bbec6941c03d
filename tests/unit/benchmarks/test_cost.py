from __future__ import annotations

from datetime import date

import pytest

from benchmarks.cost import PRICES, Counted, Prices, gb_seconds, measure, memory_mb, six_tasks, usage

ASSUMED = {"tool_ms": 100.0, "work_ms": 50.0, "relay_ms": 10.0, "batch": 10.0}
MEMORY = {"consumer": 1024, "step": 512, "relay": 512}
PRICE = Prices("2030-01-01", "us-east-1", {"write": 2.0, "read": 0.5}, ASSUMED)


def test_a_million_actions_cost_what_each_uses_times_the_price_of_a_million() -> None:
    assert PRICE.of({"write": 27, "read": 4}) == 56.0


def test_something_without_a_price_is_refused() -> None:
    with pytest.raises(KeyError, match="unheard"):
        PRICE.of({"unheard": 1})


def test_a_gb_second_is_a_second_with_a_gigabyte() -> None:
    assert gb_seconds(1_000, 1_024) == 1.0
    assert gb_seconds(500, 512) == 0.25


def test_direct_mode_has_no_transitions_and_shares_its_functions_among_a_batch() -> None:
    used = usage(Counted(write_units=27, read_units=1.3, sqs_requests=1.2), ASSUMED, MEMORY)
    assert used["step_functions_transition"] == 0
    assert used["lambda_request"] == pytest.approx(0.2)
    assert used["lambda_gb_second"] == pytest.approx(0.060 + 0.001 / 2)


def test_step_functions_mode_pays_for_each_state_with_start_and_end_and_for_each_function() -> None:
    used = usage(Counted(32, 29.3, 1.2, states=7, steps=5), ASSUMED, MEMORY)
    assert used["step_functions_transition"] == 9
    assert used["lambda_request"] == pytest.approx(5.2)
    assert used["lambda_gb_second"] == pytest.approx((5 * 0.050 + 0.100 + 0.005 + 0.001) / 2)


def test_the_workflow_beside_it_has_six_tasks_and_eight_transitions() -> None:
    assert six_tasks(ASSUMED, MEMORY)["step_functions_transition"] == 8


def test_the_price_file_says_as_of_when_where_and_from_which_page() -> None:
    prices = Prices.read(PRICES)
    assert date.fromisoformat(prices.as_of) >= date(2026, 1, 1)
    assert prices.region == "us-east-1"
    assert prices.assumed.keys() == ASSUMED.keys()
    assert all(price > 0 for price in prices.per_million.values())
    assert PRICES.read_text(encoding="utf-8").count('"source": "https://aws.amazon.com/') == len(prices.per_million)


def test_everything_that_is_used_has_a_price_and_the_memory_of_terraform() -> None:
    memory = memory_mb()
    assert MEMORY.keys() <= memory.keys()
    parts = measure(Counted(27, 1.3, 1.2), Counted(32, 29.3, 1.2, states=7, steps=5))
    other, direct, steps = (it for it in parts if ": " not in it.name)
    assert other.value is not None
    assert direct.ratio is not None
    assert steps.ratio is not None
    assert direct.ratio < 1 < steps.ratio
    shares = [it.values[0] for it in parts if it.name.startswith("actonce, direct: ")]
    assert sum(shares) == pytest.approx(direct.values[0])
