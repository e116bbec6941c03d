"""The fake's words: error arrays as the vendor documents them."""

from __future__ import annotations

from tests.providers.messages import Reply


class Refusal(Exception):
    """Nothing was written, and this is said."""

    def __init__(self, status: int, code: str, message: str, *fields: str) -> None:
        super().__init__(code)
        self.reply = errors(status, code, message, *fields)


def errors(status: int, code: str, message: str, *fields: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, [{"message": message, "errorCode": code, "fields": list(fields)}], headers or {})


def missing(message: str = "The requested resource does not exist") -> Refusal:
    return Refusal(404, "NOT_FOUND", message)


def deleted() -> Refusal:
    return Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")


def no_column(name: str, object_type: str) -> Refusal:
    return Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {object_type}", name)


def no_session() -> Reply:
    return errors(401, "INVALID_SESSION_ID", "Session expired or invalid", headers={"WWW-Authenticate": "Token"})


def limited(seconds: float | None = None) -> Reply:
    headers = {} if seconds is None else {"Retry-After": f"{seconds:g}"}
    return errors(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", headers=headers)


def unavailable(seconds: float | None = None) -> Reply:
    headers = {} if seconds is None else {"Retry-After": f"{seconds:g}"}
    return errors(503, "SERVER_UNAVAILABLE", "The server is unavailable, please try again later.", headers=headers)
