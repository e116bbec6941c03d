"""The table ``[api]``: whose tokens ``actonce serve`` takes, by which names it is reached, how the page signs in."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from entrypoints.settings.sign_in import SignInTable
from entrypoints.settings.tables import private_address

Given = Annotated[str, Field(min_length=1, max_length=2_048)]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.\[\]:-]{1,253}$")]


class ApiTable(SignInTable):
    """``jwks_url`` or ``jwks_file`` holds the issuer's public keys. ``hosts`` are further Host headers to answer to."""

    issuer: Given | None = None
    audience: Given | None = None
    jwks_url: Given | None = None
    jwks_file: Path | None = None
    hosts: Annotated[tuple[Host, ...], Field(max_length=16)] = ()

    @field_validator("jwks_url")
    @classmethod
    def _is_not_read_on_the_way(cls, url: str | None) -> str | None:
        return None if url is None else private_address(url)

    @model_validator(mode="after")
    def _is_whole(self) -> "ApiTable":
        keys = [it for it in (self.jwks_url, self.jwks_file) if it is not None]
        given = (self.issuer, self.audience, *keys)
        if any(it is not None for it in given) and (None in {self.issuer, self.audience} or len(keys) != 1):
            raise ValueError("give issuer, audience and one of jwks_url and jwks_file, or none of them")
        return self

    def beside(self, file: Path | None) -> "ApiTable":
        """Return the table with its file of keys found from the folder of the configuration file."""
        if file is None or self.jwks_file is None:
            return self
        return self.model_copy(update={"jwks_file": file.parent / self.jwks_file})

    @property
    def is_trusting(self) -> bool:
        """Tell whether tokens of an issuer are taken."""
        return self.issuer is not None
