"""The OpenAPI document: what the resolver says of its routes, without the answer that it would give and we do not."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

SCHEME = "bearer"
SECURITY: list[dict[str, list[str]]] = [{SCHEME: []}]
TITLE = "actonce"
DESCRIPTION = (
    "The operators' reads and acts. Every answer is of the caller's own tenant and accounts, which its token names."
)
UNUSED = ("HTTPValidationError", "ResponseValidationError", "ValidationError")


def describe(app: APIGatewayHttpResolver, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    # Some ninety models, a seventh of the function's whole start; few ask for the document, and never the first.
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer  # noqa: PLC0415

    text = app.get_openapi_json_schema(
        title=TITLE,
        version=version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        security_schemes={SCHEME: HTTPBearer(bearerFormat="JWT")},
    )
    document: dict[str, Any] = json.loads(text)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    for name in UNUSED:
        document["components"]["schemas"].pop(name, None)
    return document


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which may be absent and is never null."""
    choices = [it for it in schema.pop("anyOf", ()) if it != {"type": "null"}]
    return {**schema, **choices[0]} if choices else schema
