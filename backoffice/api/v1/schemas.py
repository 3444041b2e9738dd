"""The shapes of version 1: what goes in is refused when it holds anything else, what goes out is listed here."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from backoffice.api.texts import COUNTRIES, has_controls
from backoffice.models.documents import DocumentStatus, DocumentType, Side
from backoffice.models.review_tasks import Outcome

T = TypeVar("T")
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""Text without control characters, as other tools read it; tab and line breaks are allowed."""
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _plain(value: str) -> str:
    if has_controls(value):
        raise PydanticCustomError("control_characters", "control characters")
    return value


def _iso_date(value: Any) -> Any:  # noqa: ANN401 pydantic hands over what came
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        raise PydanticCustomError("date_form", "not YYYY-MM-DD")
    return value


def _rfc_3339(value: Any) -> Any:  # noqa: ANN401 pydantic hands over what came
    if not isinstance(value, str) or not RFC_3339.fullmatch(value.replace(" ", "+", 1) if "T" in value else value):
        raise PydanticCustomError("time_form", "not RFC 3339")
    return value.replace(" ", "+", 1) if "T" in value else value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise PydanticCustomError("invalid_country", "not ISO 3166-1 alpha-3")
    return value


def _text_shape(longest: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": longest, "pattern": PLAIN})


def _wordy_shape(least: int) -> WithJsonSchema:
    space, letter, any_ = r"[\t\n\r \xa0]", r"[^\x00-\x20\x7f-\xa0]", PLAIN[1:-2]
    pattern = f"^{space}*({letter}{space}*){{{least}}}{any_}*$"
    return WithJsonSchema({"type": "string", "minLength": least, "maxLength": 2000, "pattern": pattern})


def _whole(value: Any) -> Any:  # noqa: ANN401 pydantic hands over what came
    """Take 3.0 for 3: JSON knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""Stands after a number's bounds, so that the document still tells them."""
Text = Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(_plain), _text_shape(200)]
LongText = Annotated[StrictStr, Field(min_length=1, max_length=500), AfterValidator(_plain), _text_shape(500)]
Reason = Annotated[StrictStr, Field(max_length=2000), AfterValidator(_plain), _wordy_shape(10)]
Answer = Annotated[StrictStr, Field(max_length=2000), AfterValidator(_plain), _wordy_shape(3)]
"""Several lines that say something; the service counts what is no white space."""
Country = Annotated[StrictStr, AfterValidator(_country), WithJsonSchema({"type": "string", "format": "country"})]
Language = Annotated[StrictStr, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
"""A language as BCP 47 writes it, such as `pt-BR`."""
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Time = Annotated[AwareDatetime, BeforeValidator(_rfc_3339)]


class In(BaseModel):
    """What comes in: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Out(BaseModel):
    """What goes out: every field is there, also when it is null; the text below a field is its documentation."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ApplicantIn(In):
    """What you know of the applicant; screening compares it with the document."""

    given_names: Text | None = None
    surname: Text | None = None
    full_name: Text | None = None
    date_of_birth: IsoDate | None = None
    nationality: Country | None = None
    address: LongText | None = None
    email: Text | None = None
    phone: Text | None = None
    document_number: Text | None = None
    external_id: Text | None = None
    language: Language | None = None
    """What the applicant reads, as BCP 47 (`pt-BR`): messages are written in it where we have them, else in English."""


class PageQuery(In):
    """How to walk a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    cursor: Text | None = None


class DocumentQuery(PageQuery):
    """How to narrow the list of documents; several `status` values mean any of them."""

    status: list[DocumentStatus] = Field(default_factory=list[DocumentStatus], max_length=11)
    type: DocumentType | None = None
    applicant_id: Text | None = None
    verification_id: Text | None = None
    external_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None
    q: Text | None = None


class FileQuery(In):
    """Which form of a file to show."""

    variant: Literal["view", "original"] = "view"
    """A safe picture of the first page, or what was sent."""


class AppealIn(In):
    """Why a rejection is wrong; for the reviewer's eyes, and sealed."""

    reason: Reason
    """At least ten characters that are no white space."""


class AnswerIn(In):
    """What the reviewer wanted to know; for the reviewer's eyes, and sealed."""

    text: Answer
    """At least three characters that are no white space."""


class NoQuery(In):
    """For operations that take nothing from the query."""


class Nothing(In):
    """For operations that take no field."""


class FileOut(Out):
    """One file as it was accepted."""

    id: str
    side: Side
    mime_type: str
    bytes: int
    sha256: str
    width: int
    height: int
    masked: str | None
    """The rule by which what must not be kept was covered for good, such as `aadhaar`; `bytes` and `sha256` stay those
    of what was sent."""


class ExtractedOut(Out):
    """One value that was read from the document; `box` is left, top, width, height as fractions of the picture."""

    value: str
    """As printed; dates as YYYY-MM-DD, numbers without separators."""
    confidence: float
    """From 0 to 1."""
    source: str
    """Where it was read: `mrz`, `text`, `barcode`."""
    model: str | None
    """The model of the provider that read it; null when this service did."""
    box: list[float] | None
    """Left, top, width and height as fractions of the picture."""
    file_id: str | None


class CheckOut(Out):
    """One check of screening."""

    id: str
    name: str
    status: Literal["passed", "warning", "failed", "error", "not_applicable"]
    score: float | None
    threshold: float | None
    model: str
    reasons: list[str]
    duration_ms: int
    """How long it took."""


class ReasonOut(Out):
    """Why, and what the applicant may read."""

    code: str
    applicant_message: str
    """What the applicant may read: what to do better next time."""


class DeciderOut(Out):
    """Who decided."""

    type: Literal["reviewer", "policy", "simulation"]


class SenderOut(Out):
    """How your company signs what applicants read, as its settings say."""

    name: str
    color: str | None
    """As `#rrggbb`, dark enough for white text; null for none."""
    support_contact: str | None
    """Where applicants ask; null for nowhere."""
    sign_off: str | None
    """The last line of a message; null for none."""


class DecisionOut(Out):
    """The decision in force."""

    id: str
    outcome: Outcome
    retryable: bool
    """Whether another attempt can help; ask the applicant for one only then."""
    reasons: list[ReasonOut]
    decided_by: DeciderOut
    message: str | None
    """What the reviewer wrote to the applicant, beside the reasons; null for none, and for keys without
    `personal:read`."""
    sender: SenderOut
    policy_version: str | None
    """The policy that decided, with its version; null when a person did."""
    decided_at: datetime
    """When it was decided."""


class SlaOut(Out):
    """By when it is to be decided."""

    due_at: datetime | None
    """By when a decision is promised."""
    breached: bool
    """Whether that time has passed without one."""


class RetentionOut(Out):
    """How long it is kept."""

    delete_after: datetime | None
    """When its personal data will be removed; null for not planned."""
    legal_hold: bool
    """Whether a hold keeps it from being removed."""


class DocumentOut(Out):
    """One document as its partner sees it."""

    id: str
    object: Literal["document"]
    livemode: bool
    version: int
    applicant_id: str
    verification_id: str
    external_id: str | None
    type: DocumentType | None
    issuing_country: str | None
    status: DocumentStatus
    attempt: int
    max_attempts: int
    replaces: str | None
    files: list[FileOut]
    extracted: dict[str, ExtractedOut] | None
    """What was read from the document, by name; null for a key without `personal:read`."""
    checks: list[CheckOut]
    """What screening found, each with its evidence."""
    risk_score: float | None
    """From 0 (harmless) to 1; null until screening is done."""
    decision: DecisionOut | None
    """The decision in force; null until there is one."""
    sla: SlaOut
    metadata: dict[str, Any]
    created_at: datetime
    submitted_at: datetime | None
    completed_at: datetime | None
    retention: RetentionOut
    redacted_at: datetime | None


class FileLinkOut(Out):
    """A short-lived address of one file; it works for this key only."""

    url: str
    expires_at: datetime


class SubjectOut(Out):
    """What an event is about."""

    type: str
    id: str


class EventOut(Out):
    """One fact; `sequence` counts per subject without gaps."""

    id: str
    object: Literal["event"] = "event"
    type: str
    api_version: str
    livemode: bool
    created_at: datetime
    subject: SubjectOut
    sequence: int
    data: dict[str, Any]
    request_id: str


class ListOut(Out, Generic[T]):
    """One page, newest first; go on with `next_cursor`."""

    data: list[T]
    next_cursor: str | None
    has_more: bool


class ProblemEntry(Out):
    """One wrong place, by JSON pointer."""

    pointer: str
    detail: str
    code: str


class Problem(Out):
    """RFC 9457 problem details."""

    type: str
    """An address that explains the code."""
    title: str
    status: int
    """The HTTP status."""
    detail: str
    code: str
    request_id: str
    errors: list[ProblemEntry]
