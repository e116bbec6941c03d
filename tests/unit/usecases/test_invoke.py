"""Invoke: what a tool has answered is settled, whatever becomes of the rest."""

from __future__ import annotations

import pytest

from core.domain.answer import Applied, ObjectRef
from core.domain.answering import INLINE_BYTES
from core.domain.attempt import AttemptStatus
from core.domain.errors import ConfigurationError, StoreUnavailableError
from core.domain.keys import IntentKey
from core.domain.sending import Sending
from tests.unit.orchestrating import Bench


class Broken:
    """Artifacts that cannot be kept."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def put(self, key: IntentKey, content: str) -> str:
        raise self._fault

    def get(self, reference: str) -> str:
        raise LookupError(reference)


@pytest.mark.parametrize("fault", [StoreUnavailableError("away"), ConfigurationError("no bucket"), OSError("no file")])
def test_a_long_answer_that_cannot_be_kept_is_settled_all_the_same(fault: Exception) -> None:
    bench = Bench()
    bench.artifacts = Broken(fault)
    bench.wire()
    bench.tool.answers = [Applied((ObjectRef("crm", "task", "7"),), "a" * (INLINE_BYTES + 1))]
    ended = bench.advance.sent(bench.claimed(), Sending())
    assert ended.attempt.status is AttemptStatus.SUCCEEDED
    assert ended.action is not None
    assert ended.action.artifact_ref is None
