"""What Salesforce's answer to a write proves: one table, and the reason for each of its rows.

| answer | row | why |
|---|---|---|
| Applied | 201 with an id and success | the record was made |
| Applied, replayed | 200 with an id, success and created false | it was there, and was written over with the same |
| Applied | 204 to a change or a removal | done, without a word |
| Applied, replayed | a removal: ENTITY_IS_DELETED | what was to be gone is gone |
| Refused | 300 to an upsert | more than one record has the key; documented to write nothing |
| Refused | 412 | the precondition did not hold; documented not to be executed |
| Refused | one of ``SPEAKING`` with an error array of codes from ``CODES`` alone | the transaction was rolled back |
| NotSent | 429, or 403 with REQUEST_LIMIT_EXCEEDED | the limit is judged before the request is carried out |
| Unknown | everything else | nothing is proved |

Everything else means: any other status (a redirect, 420, a 5xx, 503 with SERVER_UNAVAILABLE), a code that is not in
the table, such as UNKNOWN_EXCEPTION, a 4xx without an error array, a page of something on the way, a success that
contradicts itself, an upsert's 204 (up to API version 45), which does not name the record, and a duplicate of our own
key: an earlier send may have made it.

A request here writes one record. Salesforce judges permissions and limits before it, and carries it out in one
transaction, triggers included: an error that it names has undone it all.
"""

from collections.abc import Mapping

from adapters.connectors.salesforce_rest import Heard
from adapters.connectors.salesforce_values import is_id
from adapters.connectors.showing import shown, shown_code
from core.domain.answer import Hold, NotSent, Refused, Unknown, cause_of
from core.domain.canonical import Json
from core.domain.errors import ErrorClass
from core.domain.making import dataclass

OK, CREATED, NO_CONTENT, MULTIPLE = 200, 201, 204, 300
FORBIDDEN, NOT_FOUND, THROTTLED = 403, 404, 429
SPEAKING = frozenset({400, 401, FORBIDDEN, NOT_FOUND, 405, 410})
"""Statuses under which Salesforce itself says what is wrong with a request."""
MOST_ERRORS = 64
LIMIT = "REQUEST_LIMIT_EXCEEDED"
DUPLICATE = "DUPLICATE_VALUE"
GONE = "ENTITY_IS_DELETED"
ABSENT = frozenset({GONE, "NOT_FOUND"})


@dataclass(frozen=True, slots=True)
class Row:
    """An answer that proves that nothing was written, and why it does."""

    error_class: ErrorClass
    why: str
    retryable: bool = False


_INPUT = Row(ErrorClass.VALIDATION, "the record was not accepted")
_ACCESS = Row(ErrorClass.AUTH, "the user may not write this")
_RULE = Row(ErrorClass.VALIDATION, "a rule of the organisation turned the record away")
_MISSING = Row(ErrorClass.VALIDATION, "there is no such record, object or field for this user")
_SHAPE = Row(ErrorClass.VALIDATION, "the request was turned away before it was carried out")

CODES: Mapping[str, Row] = {
    # The same send is accepted with a new token, which is asked for next.
    "INVALID_SESSION_ID": Row(ErrorClass.AUTH, "the session is judged before the request", retryable=True),
    "INVALID_AUTH_HEADER": Row(ErrorClass.AUTH, "the session is judged before the request"),
    "API_CURRENTLY_DISABLED": _ACCESS,
    "API_DISABLED_FOR_ORG": _ACCESS,
    "INSUFFICIENT_ACCESS": _ACCESS,
    "INSUFFICIENT_ACCESS_OR_READONLY": _ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _ACCESS,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Row(ErrorClass.DOWNSTREAM, "a trigger failed, and all was rolled back"),
    "UNABLE_TO_LOCK_ROW": Row(ErrorClass.DOWNSTREAM, "somebody else held the record, and all was rolled back", True),
    "STORAGE_LIMIT_EXCEEDED": Row(ErrorClass.DOWNSTREAM, "the organisation's storage is full"),
    DUPLICATE: _RULE,
    "DUPLICATES_DETECTED": _RULE,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _RULE,
    "FIELD_FILTER_VALIDATION_EXCEPTION": _RULE,
    "FIELD_INTEGRITY_EXCEPTION": _INPUT,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _INPUT,
    "INVALID_EMAIL_ADDRESS": _INPUT,
    "INVALID_CROSS_REFERENCE_KEY": _INPUT,
    "NUMBER_OUTSIDE_VALID_RANGE": _INPUT,
    "REQUIRED_FIELD_MISSING": _INPUT,
    "STRING_TOO_LONG": _INPUT,
    "INACTIVE_OWNER_OR_USER": _INPUT,
    "ENTITY_IS_LOCKED": Row(ErrorClass.VALIDATION, "the record is locked, as by an approval"),
    "DELETE_FAILED": Row(ErrorClass.VALIDATION, "the record could not be removed"),
    GONE: Row(ErrorClass.VALIDATION, "the record is deleted"),
    "NOT_FOUND": _MISSING,
    "INVALID_FIELD": _MISSING,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _MISSING,
    "INVALID_TYPE": _MISSING,
    "MALFORMED_ID": _SHAPE,
    "JSON_PARSER_ERROR": _SHAPE,
    "METHOD_NOT_ALLOWED": _SHAPE,
    "UNSUPPORTED_API_VERSION": _SHAPE,
}

STATUSES: Mapping[int, tuple[str, Row]] = {
    MULTIPLE: ("MULTIPLE_RECORDS", Row(ErrorClass.VALIDATION, "more than one record has this key")),
    412: ("CHANGED_OTHERWISE", Row(ErrorClass.VALIDATION, "the record was changed since it was read")),
    414: ("HTTP_414", _SHAPE),
    415: ("HTTP_415", _SHAPE),
    431: ("HTTP_431", _SHAPE),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of an error array."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was made, or was there before."""

    object_id: str
    was_there: bool


def made(heard: Heard) -> Made | None:
    """Return what an insert or upsert says it made, None where it does not say so without contradiction."""
    body = heard.document
    if heard.status not in {OK, CREATED} or not isinstance(body, dict) or body.get("success") is not True:
        return None
    object_id, created = body.get("id"), body.get("created")
    was_there = heard.status == OK
    agrees = created is False if was_there else created is None or created is True
    if not agrees or body.get("errors") not in (None, []):
        return None
    return Made(object_id, was_there) if isinstance(object_id, str) and is_id(object_id) else None


def faults(heard: Heard) -> tuple[Fault, ...]:
    """Return the error array of an answer, none where it has none or where it is none."""
    body = heard.document
    if not isinstance(body, list) or not 0 < len(body) <= MOST_ERRORS:
        return ()
    found = tuple(_fault(it) for it in body)
    return tuple(it for it in found if it is not None) if None not in found else ()


def failure(heard: Heard, own_field: str | None = None) -> Refused | NotSent | Unknown:
    """Return what an answer proves that is no success. ``own_field``: the field that carries our key."""
    found = faults(heard)
    codes = {it.code for it in found}
    if heard.status == THROTTLED or (heard.status == FORBIDDEN and codes == {LIMIT}):
        detail = "Salesforce's limit of requests is reached; it was not carried out."
        return NotSent(Hold.THROTTLED, detail, heard.retry_after_ms)
    if heard.status in STATUSES:
        code, row = STATUSES[heard.status]
        return _refused(row, code, heard)
    if not found or heard.status not in SPEAKING:
        reason = f"HTTP status {heard.status} proves nothing. {_told(found)}"
        return Unknown(shown(reason), cause=cause_of(heard.status))
    if not codes <= set(CODES) or any(_is_ours(it, own_field) for it in found):
        return Unknown(shown(_told(found)))
    return _refused(CODES[found[0].code], found[0].code, heard)


def is_gone(heard: Heard) -> bool:
    """Tell whether the record is said to be in the bin or gone from it; it was there."""
    return heard.status == NOT_FOUND and {it.code for it in faults(heard)} == {GONE}


def is_absent(heard: Heard) -> bool:
    """Tell whether no such record is there for this user."""
    codes = {it.code for it in faults(heard)}
    return heard.status == NOT_FOUND and bool(codes) and codes <= ABSENT


def why(heard: Heard | NotSent | Unknown) -> str:
    """Return in a few words why a read gave nothing."""
    if isinstance(heard, NotSent):
        return heard.detail or heard.hold.value
    if isinstance(heard, Unknown):
        return heard.reason
    return shown(f"HTTP status {heard.status}. {_told(faults(heard))}").strip()


def _fault(entry: Json) -> Fault | None:
    if not isinstance(entry, dict):
        return None
    code, message, fields = entry.get("errorCode"), entry.get("message"), entry.get("fields")
    if not isinstance(code, str) or shown_code(code, "") != code:
        return None
    names = tuple(it for it in fields if isinstance(it, str)) if isinstance(fields, list) else ()
    return Fault(code, message if isinstance(message, str) else "", names)


def _is_ours(fault: Fault, own_field: str | None) -> bool:
    """Tell whether what is there already may be what an earlier send has made."""
    return fault.code == DUPLICATE and own_field is not None and (own_field in fault.message or not fault.message)


def _refused(row: Row, code: str, heard: Heard) -> Refused:
    told = shown(f"Salesforce wrote nothing: {row.why}. {_told(faults(heard))}")
    code = "AUTH_FAILED" if code == "INVALID_SESSION_ID" else code
    return Refused(row.error_class, code, told, row.retryable, retry_after_ms=heard.retry_after_ms)


def _told(found: tuple[Fault, ...]) -> str:
    return "; ".join(f"{it.code}: {it.message}" for it in found)
