"""The command line asking an API: what it is told of it, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import jwt
from typer.testing import CliRunner, Result

from entrypoints.cli.main import app

NAMED = ("-t", "acme", "-a", "emea")
CLAIMS = {"sub": "ada", "custom:tenant_id": "acme", "exp": 4_000_000_000}
CANARY = jwt.encode({**CLAIMS, "jti": "canary"}, "k" * 32, "HS256")
"""A token that says what the command line reads of it; nobody verifies it."""


@dataclass(frozen=True)
class Afar:
    """A folder whose configuration names an API; the token of it is in the environment."""

    folder: Path
    url: str
    variables: dict[str, str] = field(default_factory=lambda: {"ACTONCE_API_TOKEN": CANARY})
    more: str = ""

    def __call__(self, *arguments: str) -> Result:
        config = self.folder / "api.toml"
        config.write_text(f'target = "api"\n[client]\nurl = "{self.url}"\n{self.more}', encoding="utf-8")
        return CliRunner().invoke(app, ["--config", str(config), *arguments], env=self.variables)
