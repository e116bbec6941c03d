from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import jwt
import pytest

from core.domain.errors import ConfigurationError
from entrypoints.container.building import build
from entrypoints.container.remote import remote_of
from entrypoints.settings.loading import Overrides, Settings, load

URL = "https://api.example.com"
TOKEN = jwt.encode({"custom:tenant_id": "acme", "exp": 4_000_000_000}, "k" * 32, "HS256")


def settings(folder: Path, client: str, env: Mapping[str, str] = {}, url: str | None = None) -> Settings:
    file = folder / "actonce.toml"
    file.write_text(f'target = "api"\n[client]\n{client}', encoding="utf-8")
    return load(Overrides(config=file, url=url), env)


def test_the_option_stands_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    env = {"ACTONCE_API_URL": "https://env.example.com"}
    in_file = f'url = "{URL}"\n'
    assert settings(tmp_path, in_file).client.url == URL
    assert settings(tmp_path, in_file, env).client.url == "https://env.example.com"
    assert settings(tmp_path, in_file, env, "https://option.example.com").client.url == "https://option.example.com"


@pytest.mark.parametrize(
    ("client", "named"),
    [
        ('url = "http://api.example.com"\n', "client.url: must be https"),
        ('url = "http://10.0.0.1:8000"\n', "client.url: must be https"),
        ('url = "ftp://api.example.com"\n', "client.url: must be an https address"),
        ('url = "https://ada:secret@api.example.com"\n', "without a user name"),
        ('url = "https://api.example.com/?token=x"\n', "without a query"),
        ('url = "https://api.example.com/#token=x"\n', "without a query or a fragment"),
        ('token = "secret-secret"\n', "client.token: a secret has no place in the file"),
        ("timeout_s = 0\n", "client.timeout_s"),
        ("timeout_s = 301\n", "client.timeout_s"),
        ('host = "x"\n', "client.host"),
    ],
)
def test_a_table_that_cannot_be_is_refused_by_name_and_shows_no_secret(tmp_path: Path, client: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as refused:
        settings(tmp_path, client)
    assert "secret-secret" not in str(refused.value)
    assert "ada:" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", URL])
def test_what_stays_on_this_machine_may_be_plain(tmp_path: Path, url: str) -> None:
    env = {"ACTONCE_API_TOKEN": TOKEN}
    assert remote_of(settings(tmp_path, f'url = "{url}"\n', env).client).tenant_id == "acme"


def test_a_token_of_the_environment_stands_over_that_of_a_file(tmp_path: Path) -> None:
    other = jwt.encode({"custom:tenant_id": "other"}, "k" * 32, "HS256")
    (tmp_path / "token").write_text(f"{other}\n", encoding="ascii")
    client = f'url = "{URL}"\ntoken_file = "token"\n'
    assert remote_of(settings(tmp_path, client).client).tenant_id == "other"
    assert remote_of(settings(tmp_path, client, {"ACTONCE_API_TOKEN": TOKEN}).client).tenant_id == "acme"


def test_a_file_that_the_environment_names_is_found_from_where_the_command_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "token").write_text(TOKEN, encoding="ascii")
    monkeypatch.chdir(tmp_path / "elsewhere")
    client = settings(tmp_path, f'url = "{URL}"\n', {"ACTONCE_API_TOKEN_FILE": "token"}).client
    assert remote_of(client).tenant_id == "acme"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no token that can be sent"),
        (b"secret secret secret", "no token that can be sent"),
        (b"secret-secret\r\nHost: evil.example", "no token that can be sent"),
        ("sécret-secret".encode(), "no token that can be sent"),
        (b"s" * 20_000, "no token that can be sent"),
        (b"secret-secret", "names no tenant"),
        (jwt.encode({"sub": "secret"}, "k" * 32, "HS256").encode(), "names no tenant"),
        (jwt.encode({"custom:tenant_id": "a/b"}, "k" * 32, "HS256").encode(), "names no tenant"),
        (jwt.encode({"custom:tenant_id": ["acme"]}, "k" * 32, "HS256").encode(), "names no tenant"),
    ],
)
def test_a_file_that_holds_no_token_is_said_without_a_part_of_it(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as refused:
        remote_of(settings(tmp_path, f'url = "{URL}"\ntoken_file = "token"\n').client)
    assert "secret" not in refused.value.message
    assert content.decode("latin-1")[:12] not in refused.value.message or not content


@pytest.mark.parametrize(
    ("client", "said"),
    [("", "Which API"), (f'url = "{URL}"\n', "There is no token"), (f'url = "{URL}"\ntoken_file = "t"\n', "cannot be")],
)
def test_what_is_missing_is_named(tmp_path: Path, client: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        remote_of(settings(tmp_path, client).client)


@pytest.mark.parametrize(
    ("end", "ends_at_ms"),
    [(4_000_000_000, 4_000_000_000_000), (None, None), ("soon", None), (True, None), (10**30, None), (-1, None)],
)
def test_when_a_token_ends_is_told_where_it_says_so(tmp_path: Path, end: object, ends_at_ms: int | None) -> None:
    claims = {"custom:tenant_id": "acme", **({} if end is None else {"exp": end})}
    token = _unsigned(claims)
    remote = remote_of(settings(tmp_path, f'url = "{URL}"\n', {"ACTONCE_API_TOKEN": token}).client)
    assert (remote.ends_at_ms, remote.has_ended) == (ends_at_ms, False)


@pytest.mark.parametrize(
    ("claim", "accounts"),
    [('["emea", "apac"]', {"emea", "apac"}), ("[]", set()), (None, set()), ("[emea]", set()), (["emea"], set())],
)
def test_the_accounts_of_a_token_are_those_that_the_api_reads_of_it(
    tmp_path: Path, claim: object, accounts: set[str]
) -> None:
    claims = {"custom:tenant_id": "acme", **({} if claim is None else {"custom:account_ids": claim})}
    remote = remote_of(settings(tmp_path, f'url = "{URL}"\n', {"ACTONCE_API_TOKEN": _unsigned(claims)}).client)
    assert remote.accounts == accounts


def test_the_settings_show_no_token(tmp_path: Path) -> None:
    found = settings(tmp_path, f'url = "{URL}"\n', {"ACTONCE_API_TOKEN": TOKEN})
    assert TOKEN not in repr(found)
    assert TOKEN not in found.client.model_dump_json()


def test_no_installation_is_built_for_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no stores"):
        build(settings(tmp_path, f'url = "{URL}"\n'))
    assert [it.name for it in tmp_path.iterdir()] == ["actonce.toml"]


def _unsigned(claims: object) -> str:
    from base64 import urlsafe_b64encode
    from json import dumps

    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    return ".".join([*(urlsafe_b64encode(dumps(it).encode()).decode().rstrip("=") for it in parts), "c2lnbmF0dXJl"])
