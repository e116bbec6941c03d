"""Reading one execution: attempt, effects and the latest outcome, in one statement."""

import sqlite3

from core.domain.effect import Effect
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from ports.wire.rows import ATTEMPT, EFFECT, OUTCOME

_OF_KEY = "WHERE tenant_id = :tenant AND account_id = :account AND intent_id = :intent"
_LOAD = f"""
SELECT 0 AS part, 0 AS run, '' AS kind, body FROM attempts {_OF_KEY}
UNION ALL SELECT 1, run, kind, body FROM effects {_OF_KEY}
UNION ALL SELECT 2, 0, '', body FROM
    (SELECT body FROM outcomes {_OF_KEY} ORDER BY revision DESC LIMIT 1)
ORDER BY part, run, kind
"""  # noqa: S608 - made of constants
_ATTEMPT, _EFFECT = 0, 1


def load(connection: sqlite3.Connection, key: IntentKey) -> Execution | None:
    """Return an execution as this connection sees it, None where there is none."""
    names = {"tenant": key.tenant_id, "account": key.account_id, "intent": key.intent_id}
    rows = connection.execute(_LOAD, names).fetchall()
    if not rows or rows[0][0] != _ATTEMPT:
        return None
    effects: list[Effect] = []
    outcome = None
    for part, _, _, body in rows[1:]:
        if part == _EFFECT:
            effects.append(EFFECT.parse(body))
        else:
            outcome = OUTCOME.parse(body)
    return Execution(ATTEMPT.parse(rows[0][3]), tuple(effects), outcome)
