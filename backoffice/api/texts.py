"""Reads what a partner writes in fields: JSON strictly, ids, texts and countries with a place for each refusal."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast
from uuid import UUID

import iso3166

from backoffice.api.problems import pointer
from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.card_numbers import refuse_card_number

MAX_JSON_BYTES = 16 * 1024
MAX_DEPTH = 8
MAX_TEXT = 200
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
COUNTRIES = frozenset(country.alpha3 for country in iso3166.countries)
DOCUMENT_NUMBERS = frozenset({"/document_number", "/applicant/document_number"})
THINGS = {
    Prefix.DOCUMENT: "document",
    Prefix.APPLICANT: "applicant",
    Prefix.VERIFICATION: "verification",
    Prefix.FILE: "file",
    Prefix.API_KEY: "API key",
    Prefix.EVENT: "event",
    Prefix.WEBHOOK_ENDPOINT: "webhook endpoint",
    Prefix.DELIVERY: "delivery",
    Prefix.ERASURE_REQUEST: "erasure request",
    Prefix.QUESTION: "question",
    Prefix.AUDIT_ENTRY: "audit entry",
    Prefix.API_REQUEST: "API request",
    Prefix.INVOICE: "invoice",
    Prefix.USAGE_RECORD: "usage record",
}


def clean_text(raw: bytes, place: str) -> str:
    """Read text strictly: UTF-8 without control characters (tab and line breaks may stand in a value).

    Raises Invalid with the code `invalid_encoding` or `control_characters`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("This text is not UTF-8.", code="invalid_encoding", pointer=place) from None
    if has_controls(text):
        raise Invalid("This text holds control characters.", code="control_characters", pointer=place)
    return text


def has_controls(text: str) -> bool:
    """Find C0 and C1 controls and lone surrogates; tab and line breaks are allowed."""
    return CONTROLS.search(text) is not None


def read_id(prefix: Prefix, value: str, place: str | None = None) -> UUID:
    """Read an id; one that cannot be ours does not exist.

    Raises NotFound, which does not repeat what was sent.
    """
    try:
        return parse_public_id(prefix, value)
    except NotFound:
        raise NotFound(f"There is no {THINGS[prefix]} with this id.", pointer=place) from None


def read_country(value: str, place: str) -> str:
    """Read an ISO 3166-1 alpha-3 country."""
    if value not in COUNTRIES:
        raise Invalid("A country is three capital letters of ISO 3166-1.", code="invalid_country", pointer=place)
    return value


def read_text(value: str, place: str, *, longest: int = MAX_TEXT) -> str:
    """Read one line of text."""
    if has_controls(value) or any(letter in value for letter in "\t\r\n"):
        raise Invalid("This text holds control characters.", code="control_characters", pointer=place)
    if len(value) > longest:
        raise Invalid(f"At most {longest} characters.", code="too_long", pointer=place)
    if not value.strip():
        raise Invalid("This must not be empty.", code="invalid_value", pointer=place)
    refuse_card_number(value, place)
    return value


def read_object(text: str, place: str) -> dict[str, Any]:
    """Read a JSON object strictly: no duplicate names, no NaN, no control characters, at most eight levels.

    Raises Invalid with the code `invalid_json`, or the place and code of what is wrong inside; a payment card's number
    is wrong everywhere but as the number of a document, which may look like one.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Invalid("This is not valid JSON.", code="invalid_json", pointer=place) from None
    if not isinstance(value, dict):
        raise Invalid("This must be a JSON object.", code="invalid_type", pointer=place)
    known = cast("dict[str, Any]", value)
    _check(known, place, 1)
    return known


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _check(value: Any, place: str, depth: int) -> None:  # noqa: ANN401 any JSON value
    if depth > MAX_DEPTH:
        raise Invalid(f"At most {MAX_DEPTH} levels.", code="too_long", pointer=place)
    if isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, Any]", value).items():
            _check(name, place, depth)
            _check(inner, place + pointer(name), depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Any]", value)):
            _check(inner, f"{place}/{index}", depth + 1)
    elif isinstance(value, str) and has_controls(value):
        raise Invalid("This text holds control characters.", code="control_characters", pointer=place)
    elif isinstance(value, (str, int)) and not isinstance(value, bool) and place not in DOCUMENT_NUMBERS:
        refuse_card_number(str(value), place)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Invalid("This number is too large.", code="out_of_range", pointer=place)
