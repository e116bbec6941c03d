"""The table ``[client]``: where the HTTP API is that the command line asks, and who asks (target ``api``)."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from entrypoints.settings.tables import Given, Table, private_address
from entrypoints.settings.variables import API_TOKEN


class ClientTable(Table):
    """``token_file`` holds the token where the environment does not. ``timeout_s`` bounds one request as a whole."""

    url: Given | None = None
    token_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0
    token: Annotated[SecretStr | None, Field(exclude=True)] = None

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(private_address(url))
        if parts.query or parts.fragment:
            raise ValueError("must be the address of the API alone, without a query or a fragment")
        return url

    @field_validator("token")
    @classmethod
    def _is_not_written_down(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            raise ValueError(f"a secret has no place in the file; put it into {API_TOKEN}, or name its token_file")
        return token

    def beside(self, file: Path | None) -> "ClientTable":
        """Return the table with the token's file found from the folder of the configuration file."""
        if file is None or self.token_file is None:
            return self
        return self.model_copy(update={"token_file": file.parent / self.token_file})

    def with_token(self, text: str | None) -> "ClientTable":
        """Return the table with the token that the environment holds, where it does."""
        return self.model_copy(update={"token": SecretStr(text)}) if text else self
