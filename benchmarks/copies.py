"""Copies of one finished action's rows under other ids and times, as the store would hold them."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from core.domain.attempt import ChainHead
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEvent, seal

TABLES = ("intents", "attempts", "effects", "outcomes")
LEDGER = "ledger"
TIME = re.compile(r"(?<![0-9A-Za-z])1\d{12}(?![0-9A-Za-z])")
STEP_MS = 10
BACK_MS = 20_000_000

Row = tuple[object, ...]
Made = Callable[[Mapping[str, object], int], object]


class Copies:
    """What the store holds of one action, to be written under other ids.

    Fingerprint and ledger chain are computed anew; the effect key is a fresh hash, for nobody ever computes it again.
    """

    def __init__(self, database: Path) -> None:
        connection = sqlite3.connect(database)
        rows = {it: connection.execute(f"SELECT * FROM {it}").fetchall() for it in TABLES}
        self._entries = connection.execute(
            "SELECT sequence, event, at_ms, body FROM ledger ORDER BY sequence"
        ).fetchall()
        connection.close()
        ((_, account, self._id, fingerprint, document),) = rows["intents"]
        attempt, effect = json.loads(rows["attempts"][0][-1]), json.loads(rows["effects"][0][-1])
        if hashlib.sha256(document.encode()).hexdigest() != fingerprint:
            raise LookupError("the sample's fingerprint is not that of its document")
        self._effect_key = effect["request"]["effect_key"]
        names = {
            effect["request"]["sha256"]: "request",
            attempt["head"]["sha256"]: "head",
            fingerprint: "fingerprint",
            self._effect_key: "effect_key",
            self._id: "id",
            attempt["brief"]["trace_id"]: "trace",
            attempt["nonce"]: "nonce",
            effect["refs"][0]["object_id"]: "ref",
            account: "account",
        }
        self._names = names
        self._document = _template(document, names)
        self._rows = {table: [[_made(it, names) for it in row] for row in rows[table]] for table in TABLES}
        self._bodies = [
            (LedgerEvent(event), at_ms, {name: _made(it, names) for name, it in json.loads(body).items()})
            for _, event, at_ms, body in self._entries
        ]

    def of(self, key: IntentKey, number: int) -> dict[str, list[Row]]:
        """Return the rows of one copy by table, the later the higher its number."""
        values: dict[str, object] = {"id": key.intent_id, "account": key.account_id}
        shift_ms = number * STEP_MS - BACK_MS
        hashed = hashlib.sha256(key.intent_id.encode()).hexdigest()
        values |= {"effect_key": hashed, "ref": hashed[:18], "trace": hashed[:32], "nonce": hashed[32:]}
        values["request"] = hashed[::-1]
        document = self._document % values
        values["fingerprint"] = hashlib.sha256(document.encode()).hexdigest()
        ledger, head = self._chain(key, values, shift_ms)
        values["head"] = head.sha256
        made = {
            table: [tuple(column(values, shift_ms) for column in row) for row in rows]
            for table, rows in self._rows.items()
        }
        return {**made, LEDGER: ledger}

    def _chain(self, key: IntentKey, values: Mapping[str, object], shift_ms: int) -> tuple[list[Row], ChainHead]:
        chain, head = Chain(key.tenant_id, f"{key.account_id}/{key.intent_id}"), ChainHead()
        rows: list[Row] = []
        for event, at_ms, body in self._bodies:
            said = {name: column(values, shift_ms) for name, column in body.items()}
            it = seal(chain, head, event, at_ms + shift_ms, said)  # type: ignore[arg-type]
            rows.append(
                (chain.tenant_id, chain.subject, it.sequence, event.value, it.at_ms, it.body, it.previous, it.sha256)
            )
            head = ChainHead(it.sequence, it.sha256)
        return rows, head


def _made(value: object, names: Mapping[str, str]) -> Made:
    """Return what makes a column of a copy: its text under other names, its moments shifted, all else as it is."""
    if isinstance(value, int) and TIME.fullmatch(str(value)):
        return lambda _, shift_ms, at_ms=value: at_ms + shift_ms  # type: ignore[misc]
    if not isinstance(value, str):
        return lambda _values, _shift_ms: value
    template = _template(value, names)
    moments = sorted({int(it) for it in TIME.findall(value)})
    if not moments:
        return lambda values, _: template % values
    for place, at_ms in enumerate(moments):
        template = template.replace(str(at_ms), f"%(at_{place})d")

    def made(values: Mapping[str, object], shift_ms: int) -> str:
        return template % {**values, **{f"at_{place}": it + shift_ms for place, it in enumerate(moments)}}

    return made


def _template(text: str, names: Mapping[str, str]) -> str:
    text = text.replace("%", "%%")
    for old, name in names.items():
        text = text.replace(old, f"%({name})s")
    return text
