"""The words that screening shares with everybody who reads its findings; check and field names are the contract's."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Box = tuple[float, float, float, float]
"""Left, top, width and height as fractions of the upright page image (the `view` derivative)."""

Status = Literal["passed", "warning", "failed", "error", "not_applicable"]
Source = Literal["mrz", "text", "barcode"]
DerivativeKind = Literal["view", "thumbnail", "forensics"]

CHECK_NAMES = (
    "file_safety",
    "image_quality",
    "classification",
    "text",
    "mrz",
    "barcode",
    "data_consistency",
    "applicant_match",
    "expiry",
    "age",
    "originality",
    "tampering",
    "duplicate",
    "face_match",
    "policy",
)
"""The checks that run today, in the order in which a reviewer reads them."""

AMONG_DOCUMENTS = frozenset({"duplicate", "policy"})
"""Those that need what stands elsewhere (other documents, policies): services add them, a reading never does."""

CHALLENGER_NAMES = ("applicant_match=wratio@1", "image_quality=laplace-variance@1")
"""Other versions of checks that can run beside those that count (`challengers.py`)."""

EXTRACTED_NAMES = (
    "document_number",
    "full_name",
    "given_names",
    "surname",
    "date_of_birth",
    "sex",
    "nationality",
    "issuing_country",
    "issued_on",
    "expires_on",
    "address",
    "postal_code",
    "father_name",
    "personal_number",
    "account_number",
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One submitted file, as it was received and admitted."""

    side: str
    mime_type: str
    data: bytes
    is_masked: bool = False
    """Whether it is the masked encoding that took the place of what was sent."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the partner says about the document and the applicant; everything is optional."""

    type: str | None = None
    issuing_country: str | None = None
    given_names: str | None = None
    surname: str | None = None
    full_name: str | None = None
    date_of_birth: date | None = None
    nationality: str | None = None
    document_number: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """One value that was read: dates ISO 8601, names as printed, numbers without separators."""

    name: str
    value: str
    confidence: float
    source: Source
    box: Box | None = None
    file_index: int | None = None
    page: int = 0
    model: str | None = None
    """The provider's model with its version, where a provider read it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result with what a reviewer needs to believe it."""

    name: str
    status: Status
    score: float | None = None
    threshold: float | None = None
    model: str = "rules@1"
    reasons: tuple[str, ...] = ()
    summary: str = ""
    box: Box | None = None
    file_index: int | None = None
    page: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Derivative:
    """A safe upright JPEG without metadata: `view` at most 2000 px, `thumbnail` 320 px, `forensics` 1000 px long."""

    file_index: int
    page: int
    kind: DerivativeKind
    width: int
    height: int
    data: bytes
    mime_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class MaskedFile:
    """One file encoded anew with what must not be kept covered; `width` and `height` are of its first page."""

    file_index: int
    mime_type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Screening:
    """Everything that one document showed; `type_guess` is a document type of the API, `country_guess` alpha-3."""

    findings: tuple[Finding, ...]
    extracted: tuple[Extracted, ...] = ()
    type_guess: str | None = None
    country_guess: str | None = None
    risk_score: float = 0.0
    derivatives: tuple[Derivative, ...] = ()
    challenges: tuple[Finding, ...] = ()
    """What other versions of checks said; it decides nothing."""
    masking: tuple[str, ...] = ()
    """Of each file: the rule by which it was masked, `none`, or `unknown` where that could not be found out."""
    masked: tuple[MaskedFile, ...] = ()
    """What takes the place of what was sent."""
    hidden_number: str = field(default="", repr=False)
    """The whole number of a masked document, for keyed hashes alone; nothing may keep it."""

    def finding(self, name: str) -> Finding | None:
        """Find one check's result by its name, because reviewers and rules ask by name."""
        return next((finding for finding in self.findings if finding.name == name), None)

    def value(self, name: str) -> str | None:
        """Read one extracted value by its name."""
        return next((field.value for field in self.extracted if field.name == name), None)
