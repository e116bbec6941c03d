from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from entrypoints.api.static import found
from entrypoints.container.service import issued_tokens
from entrypoints.settings.loading import Overrides, Settings, load
from entrypoints.version import VERSION
from tests.architecture.sources import ROOT

WHOLE = 'issuer = "https://issuer.example"\naudience = "actonce"\n'


def settings(folder: Path, api: str) -> Settings:
    file = folder / "actonce.toml"
    file.write_text(f"[api]\n{api}", encoding="utf-8")
    return load(Overrides(config=file), {})


def test_without_a_table_no_issuer_is_trusted(tmp_path: Path) -> None:
    assert not settings(tmp_path, "").api.is_trusting


def test_a_file_of_keys_lies_beside_the_configuration(tmp_path: Path) -> None:
    api = settings(tmp_path, f'{WHOLE}jwks_file = "keys.json"\nhosts = ["desk.example:443"]\n').api
    assert api.jwks_file == tmp_path / "keys.json"
    assert api.hosts == ("desk.example:443",)
    with pytest.raises(ConfigurationError, match="no JSON Web Key Set"):
        issued_tokens(api)


@pytest.mark.parametrize(
    ("api", "named"),
    [
        ('issuer = "https://issuer.example"\n', "issuer, audience and one of"),
        (WHOLE, "one of jwks_url and jwks_file"),
        (f'{WHOLE}jwks_url = "https://a.example/keys"\njwks_file = "keys.json"\n', "one of jwks_url and jwks_file"),
        (f'{WHOLE}jwks_url = "http://a.example/keys"\n', "must be https"),
        (f'{WHOLE}jwks_url = "file:///etc/passwd"\n', "must be an https address"),
        (f'{WHOLE}jwks_url = "https://user@a.example/keys"\n', "without a user name"),
        ('hosts = ["a b"]\n', "hosts"),
        ('secret = "x"\n', "api.secret"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_by_name(tmp_path: Path, api: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        settings(tmp_path, api)


def test_an_address_of_this_machine_may_be_plain(tmp_path: Path) -> None:
    assert settings(tmp_path, f'{WHOLE}jwks_url = "http://127.0.0.1:9/keys"\n').api.is_trusting


@pytest.mark.parametrize(
    "name", ["", "..", "../resolver.py", "/etc/passwd", "resolver.py", "page", "INDEX.HTML", "a\x00.js"]
)
def test_no_file_but_those_of_the_page_is_found(name: str) -> None:
    assert found(name) is None


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
