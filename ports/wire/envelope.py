"""The explicit answers of tools: did it happen, does it hold, what is there now.

Nothing here says who the caller is: tenant, account and intent are those of the request that was sent.
"""

import json
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from core.domain.answer import ObjectRef
from core.domain.canonical import Json
from ports.wire.bounds import MAX_DEPTH

MAX_REFS = 1_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, StringConstraints(max_length=100_000)]
Url = Annotated[str, StringConstraints(max_length=2048, pattern=r"^https?://[!-~]+$")]


class Answered(BaseModel):
    """Base of what external systems answer: nothing is converted; what we do not know is left alone."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", frozen=True, strict=True, populate_by_name=True, defer_build=True
    )


class ObjectRefModel(Answered):
    """An object that was made, changed, removed or found."""

    system: Name
    object_type: Name
    object_id: ObjectId
    object_url: Url | None = None

    def to_domain(self) -> ObjectRef:
        """Return it as the domain's own type."""
        return ObjectRef(self.system, self.object_type, self.object_id, self.object_url)


class WithRefs(Answered):
    """An answer that may name objects; ``success`` says whether the tool did what this tool is for."""

    success: bool
    external_object_refs: list[ObjectRefModel] | None = Field(default=None, max_length=MAX_REFS)

    @property
    def refs(self) -> tuple[ObjectRef, ...]:
        """Return the named objects."""
        return tuple(it.to_domain() for it in self.external_object_refs or ())


class ToolEnvelope(WithRefs):
    """What a writing tool says of one call.

    ``not_applied`` true is the provider's word that this call changed nothing; false is no word at all.
    ``replayed`` says that this is the first answer to our key, once more; ``retryable`` that the same call may be
    accepted later.
    """

    error_class: Words | None = None
    error_code: Words | None = None
    error_message: Words | None = None
    not_applied: bool | None = None
    replayed: bool | None = None
    retryable: bool | None = None


class LookUpEnvelope(WithRefs):
    """What a look-up says of the postcondition. ``changed_otherwise``: somebody else changed the object since."""

    state: Literal["HAPPENED", "NOT_HAPPENED", "CANNOT_TELL"]
    changed_otherwise: bool | None = None


class ImageEnvelope(Answered):
    """What an update is about to change, with the provider's version in it."""

    success: bool
    image: dict[str, JsonValue]


Model = TypeVar("Model", bound=Answered)


def read(model: type[Model], value: Json) -> Model | None:
    """Return an answer as a typed one, None when it is not of that form."""
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def read_json(text: str) -> Json:
    """Parse an answer's JSON text, nested at most 32 deep, no key twice in one object.

    Raises:
        ValueError: it is not that.
    """
    try:
        value: Json = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError as deep:
        raise ValueError("The answer is nested too deep.") from deep
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [below for it in level for below in _inside(it)]
        if not level:
            return value
    if any(isinstance(it, dict | list) for it in level):
        raise ValueError("The answer is nested too deep.")
    return value


def _inside(value: Json) -> list[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key occurs twice in one object.")
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON number.")
