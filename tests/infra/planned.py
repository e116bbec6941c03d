"""What a plan says, as the tests ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
NAME = "actonce"
"""Of the installation, with which the names of its functions begin."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy."""

    effect: str
    principal: Any
    actions: frozenset[str]
    resources: frozenset[str]
    condition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """`terraform show -json` of a plan."""

    document: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Values]:
        """Return the planned values of all resources of a type, by address."""
        return {address: values for address, (found, values) in self.resources().items() if found == kind}

    def resources(self) -> dict[str, tuple[str, Values]]:
        """Return type and planned values of all resources, by address."""
        return dict(_resources(self.document["planned_values"]["root_module"]))

    def references(self, address: str, *path: str) -> set[str]:
        """Return what an argument of a resource of the root module refers to."""
        for resource in self.document["configuration"]["root_module"]["resources"]:
            if resource["address"] == address:
                expression: Any = resource["expressions"]
                for part in path:
                    expression = (expression[0] if isinstance(expression, list) else expression)[part]
                return set(expression["references"])
        raise KeyError(address)

    def policies(self) -> dict[str, list[Statement]]:
        """Return every policy in the plan, by the address of what bears it."""
        return {
            address: statements(values["policy"])
            for address, (_, values) in self.resources().items()
            if values.get("policy")
        }

    def functions(self) -> dict[str, Values]:
        """Return the planned values of all functions, by what their names end with."""
        return {name: values for name, (_, values) in self._functions().items()}

    def grants(self, function: str) -> dict[str, frozenset[str]]:
        """Return what the role of a function may do: resources by action."""
        module, _ = self._functions()[function]
        return granted(self.policies()[f"{module}.aws_iam_role_policy.this"])

    def _functions(self) -> dict[str, tuple[str, Values]]:
        return {
            values["function_name"].removeprefix(f"{NAME}-"): (
                address.removesuffix(".aws_lambda_function.this"),
                values,
            )
            for address, values in self.of_type("aws_lambda_function").items()
        }


def granted(policy: Sequence[Statement]) -> dict[str, frozenset[str]]:
    """Return resources by action."""
    return {
        action: frozenset(arn for it in policy if action in it.actions for arn in it.resources)
        for action in sorted({action for it in policy for action in it.actions})
    }


def statements(policy: str) -> list[Statement]:
    return [
        Statement(
            it["Effect"],
            it.get("Principal"),
            _all(it["Action"]),
            _all(it.get("Resource", [])),
            it.get("Condition", {}),
        )
        for it in json.loads(policy)["Statement"]
    ]


def _all(value: str | list[str]) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value)


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Values]]]:
    for resource in module.get("resources", ()):
        if resource["mode"] == "managed":
            yield resource["address"], (resource["type"], resource["values"])
    for child in module.get("child_modules", ()):
        yield from _resources(child)
