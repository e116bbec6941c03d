from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from entrypoints.settings.loading import Overrides, load

URL = "https://api.example.com"
CLIENT = f'[client]\nurl = "{URL}"\n'
SECRET = "secret-secret"
TOKENS = ({"ACTONCE_API_TOKEN": SECRET}, {"ACTONCE_API_TOKEN_FILE": SECRET})
API: tuple[Mapping[str, str], ...] = ({"ACTONCE_API_URL": URL}, *TOKENS)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def found(text: str) -> None:
    """Lay a file down that is found in the current folder, since nobody names one."""
    Path("actonce.toml").write_text(text, encoding="utf-8")


def fault_of(overrides: Overrides, env: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(overrides, env)
    assert "\n" not in refused.value.message
    assert SECRET not in refused.value.message
    return refused.value.message


@pytest.mark.parametrize(
    ("target", "env", "text"),
    [
        (None, {}, ""),
        ("embedded", {}, ""),
        (None, {"ACTONCE_TARGET": "aws"}, ""),
        (None, {}, 'target = "embedded"\n'),
        ("embedded", {}, f'target = "api"\n{CLIENT}'),
    ],
)
def test_a_url_without_the_target_api_is_refused(target: str | None, env: Mapping[str, str], text: str) -> None:
    found(text)
    assert "say --target api" in fault_of(Overrides(target=target, url=URL), env)


@pytest.mark.parametrize("env", API)
@pytest.mark.parametrize("text", ["", CLIENT, "[run]\nworkers = 1\n"])
def test_an_api_in_the_environment_that_no_target_asks_is_refused(env: Mapping[str, str], text: str) -> None:
    found(text)
    said = fault_of(Overrides(), env)
    assert said.startswith(next(iter(env)))
    assert "--target api" in said


@pytest.mark.parametrize("env", API)
def test_an_api_in_the_environment_waits_where_another_target_is_named(env: Mapping[str, str]) -> None:
    assert load(Overrides(target="embedded"), env).target == "embedded"
    assert load(Overrides(), {**env, "ACTONCE_TARGET": "aws"}).target == "aws"
    found('target = "embedded"\n')
    assert load(Overrides(), env).target == "embedded"


def test_a_table_alone_asks_nobody() -> None:
    found(CLIENT)
    assert load(Overrides(), {"ACTONCE_API_TOKEN": "", "ACTONCE_API_URL": ""}).target == "embedded"


@pytest.mark.parametrize("env", TOKENS)
@pytest.mark.parametrize(
    ("text", "more", "target"),
    [
        (f'target = "api"\n{CLIENT}', {}, None),
        (CLIENT, {"ACTONCE_TARGET": "api"}, None),
        (CLIENT, {}, "api"),
    ],
)
def test_a_file_that_was_only_found_sends_the_token_of_the_environment_nowhere(
    env: Mapping[str, str], text: str, more: Mapping[str, str], target: str | None
) -> None:
    found(text)
    said = fault_of(Overrides(target=target), {**env, **more})
    assert said.startswith(next(iter(env)))
    assert "--config" in said
    assert "ACTONCE_API_URL" in said


@pytest.mark.parametrize("env", TOKENS)
def test_the_token_goes_to_an_address_that_its_bearer_named(env: Mapping[str, str]) -> None:
    found(f'target = "api"\n{CLIENT}')
    own = "https://own.example.com"
    assert load(Overrides(url=own), env).client.url == own
    assert load(Overrides(), {**env, "ACTONCE_API_URL": own}).client.url == own
    assert load(Overrides(config=Path("actonce.toml")), env).client.url == URL
    assert load(Overrides(), {**env, "ACTONCE_CONFIG": "actonce.toml"}).client.url == URL
    found('target = "api"\n')
    assert load(Overrides(), env).client.url is None


@pytest.mark.parametrize("token_file", ["../token", "/run/secrets/token", "linked"])
def test_a_file_that_was_only_found_sends_no_token_from_elsewhere(token_file: str) -> None:
    Path("linked").symlink_to("../token")
    found(f'target = "api"\n{CLIENT}token_file = "{token_file}"\n')
    assert "from elsewhere" in fault_of(Overrides(), {})
    assert load(Overrides(config=Path("actonce.toml")), {}).client.token_file == Path(token_file)


def test_a_file_that_was_only_found_may_send_a_token_that_lies_beside_it() -> None:
    found(f'target = "api"\n{CLIENT}token_file = "secret/token"\n')
    assert load(Overrides(), {}).client.token_file == Path("secret/token")


@pytest.mark.parametrize("client", ["client = 5\n", "[client]\nurl = 5\n"])
def test_a_table_that_is_none_is_left_to_be_refused_by_name(client: str) -> None:
    found(f'target = "api"\n{client}' if client.startswith("[") else f'{client}target = "api"\n')
    assert "actonce.toml: client" in fault_of(Overrides(), {})
