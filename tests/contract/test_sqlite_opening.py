"""A file that another process makes at the same moment is ours, whatever is read first."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from adapters.sqlite.schema import STEPS, migrate


class Interrupted(sqlite3.Connection):
    """Another process makes the whole file after so many statements of this one."""

    path: str
    left: int

    def execute(self, *statement: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as the one it stands for
        if self.left == 0:
            other = sqlite3.connect(self.path, isolation_level=None)
            migrate(other, self.path)
            other.close()
        self.left -= 1
        return super().execute(*statement)


@pytest.mark.parametrize("after", range(4))
def test_a_file_that_is_made_while_it_is_opened_is_not_taken_for_somebody_elses(tmp_path: Path, after: int) -> None:
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None, factory=Interrupted)
    connection.path, connection.left = str(tmp_path / "store.db"), after

    migrate(connection, connection.path)

    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    connection.close()
