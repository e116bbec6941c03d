"""Whether arguments fit the JSON Schema that a tool declares for them, as far as they are known."""

import re
from collections.abc import Iterable
from itertools import islice, pairwise

from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from adapters.connectors.mcp_arguments import Known, Sending
from adapters.connectors.showing import shown
from core.domain.canonical import Json

MAX_FAULTS = 100

# What these say depends on the very value, which is not known.
_OF_VALUES = frozenset(
    {
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
    }
)
# Which of them is asked for depends on a value, too.
_DEPENDENT = {"then", "else"}


class UnreadableSchemaError(Exception):
    """A schema that cannot be judged by. The message is safe to show."""


def misfit(schema: Json, sending: Sending) -> str | None:
    """Return why the arguments would be turned away, None where nothing says that they would.

    Raises:
        UnreadableSchemaError: the schema is none, or leads elsewhere.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise UnreadableSchemaError("its input schema is not that of an object")
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        # An empty registry: a reference out of the schema is followed nowhere.
        faults = kind(schema, registry=Registry()).iter_errors(dict(sending.arguments))
        counting = (it for it in islice(faults, MAX_FAULTS) if _counts(it, sending))
        fault = next(counting, None)
    except (SchemaError, Unresolvable, re.error, RecursionError) as unreadable:
        why = unreadable.message if isinstance(unreadable, SchemaError) else type(unreadable).__name__
        raise UnreadableSchemaError(shown(f"its input schema cannot be judged by: {why}")) from unreadable
    if fault is None:
        return None
    return shown(f"{'.'.join(str(it) for it in fault.absolute_path) or 'arguments'}: {fault.message}")


def _counts(fault: ValidationError, sending: Sending) -> bool:
    """Tell whether a fault stands whatever the values will be."""
    steps = pairwise([None, *fault.absolute_schema_path])
    if any(step in _DEPENDENT and before != "properties" for before, step in steps):
        return False
    if fault.context:
        # Of a choice every branch must fail for good.
        branches = {it.schema_path[0] for it in fault.context}
        return all(any(_counts(it, sending) for it in fault.context if it.schema_path[0] == at) for at in branches)
    path = list(fault.absolute_path)
    if not path:
        return fault.validator in {
            "required",
            "additionalProperties",
            "unevaluatedProperties",
            "dependentRequired",
            None,
        }
    known = sending.known.get(str(path[0]), Known.NAME)
    if fault.validator is None:
        # The schema false: there must be no such argument.
        return len(path) == 1 or known is not Known.NAME
    return known is Known.VALUE or (known is Known.FORM and fault.validator not in _OF_VALUES)


def faults_of(schema: Json, all_sent: Iterable[Sending]) -> str | None:
    """Return the first misfit of several."""
    return next((it for it in (misfit(schema, sending) for sending in all_sent) if it is not None), None)
