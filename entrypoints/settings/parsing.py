"""Making settings of what a file or a variable says."""

from typing import TypeVar

from pydantic import BaseModel
from pydantic import ValidationError as PydanticError

from core.domain.errors import ConfigurationError

Parsed = TypeVar("Parsed", bound=BaseModel)


def parsed(model: type[Parsed], document: object, source: str, *place: str) -> Parsed:
    """Return a document as a model. ``place``: the keys under which the document stands in its source.

    Raises:
        ConfigurationError: it is none; the first key that is wrong is named.
    """
    try:
        return model.model_validate(document)
    except PydanticError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        loc = list(first["loc"])
        if loc[:1] == ["connectors"]:
            # The third part is the union's tag, which nobody wrote.
            del loc[2:3]
        where = ".".join(str(part) for part in (*place, *loc))
        reason = first["msg"].removeprefix("Value error, ")
        if first["type"] == "union_tag_invalid":  # pydantic would repeat what stands there
            reason = f"no such kind; the kinds are {first['ctx']['expected_tags']}"
        raise ConfigurationError(f"{source}: {where}: {line(reason)}") from error


def line(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text.split())
