"""Reads the fields of `POST /documents` into a checked submission."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from backoffice.api.bodies import shaped
from backoffice.api.problems import pointer
from backoffice.api.texts import read_country, read_id, read_object, read_text
from backoffice.api.uploads import Form
from backoffice.api.v1.schemas import ApplicantIn
from backoffice.errors import Invalid
from backoffice.models.base import Prefix
from backoffice.models.documents import DocumentType, Side
from backoffice.services.intake import Submission, Upload

SINGLE = frozenset(
    {
        "type",
        "issuing_country",
        "applicant",
        "applicant_id",
        "verification_id",
        "external_id",
        "replaces",
        "metadata",
    }
)
T = TypeVar("T")


def submission_of(form: Form) -> Submission:
    """Check every field for form.

    Raises Invalid with the place of what is wrong, NotFound for an id that cannot be one of ours.
    """
    single, sides = _sorted_fields(form)
    applicant = _applicant(single)
    external_id = applicant.pop("external_id", None)
    return Submission(
        uploads=_uploads(form, sides),
        type=_choice(single),
        issuing_country=_read(single, "issuing_country", read_country),
        personal=applicant,
        applicant_external_id=external_id,
        has_applicant="applicant" in single,
        applicant_id=_id(single, "applicant_id", Prefix.APPLICANT),
        verification_id=_id(single, "verification_id", Prefix.VERIFICATION),
        external_id=_read(single, "external_id", read_text),
        replaces_id=_id(single, "replaces", Prefix.DOCUMENT),
        metadata=_read(single, "metadata", read_object) or {},
    )


def content_of(form: Form) -> list[Any]:
    """List what a form asks for, files by their SHA-256, for the idempotency fingerprint."""
    return [sorted(form.fields), [name for name, _ in form.fields if name == "sides"], _file_hashes(form)]


def _file_hashes(form: Form) -> list[str]:
    return [file.sha256 for file in form.files]


def _sorted_fields(form: Form) -> tuple[dict[str, str], list[str]]:
    single: dict[str, str] = {}
    sides: list[str] = []
    for name, value in form.fields:
        if name == "sides":
            sides += value.split(",")
        elif name == "files":
            raise Invalid("Send each file as a file part with a filename.", code="invalid_type", pointer="/files")
        elif name not in SINGLE:
            raise Invalid("There is no such field.", code="unknown_field", pointer=pointer(name))
        elif name in single:
            raise Invalid("This field was sent twice.", code="duplicate_field", pointer=pointer(name))
        else:
            single[name] = value
    return single, sides


def _uploads(form: Form, sides: list[str]) -> list[Upload]:
    """Pair files with their sides; without any, the first is the front, the second the back, the rest pages."""
    if not form.files:
        raise Invalid("Send at least one file.", code="missing", pointer="/files")
    if sides and len(sides) != len(form.files):
        raise Invalid("Name one side per file, in the same order.", code="sides_mismatch", pointer="/sides")
    usual = [Side.FRONT, Side.BACK] + [Side.PAGE] * len(form.files)
    named = [_side(index, text) for index, text in enumerate(sides)] or usual
    return [Upload(side, file.source) for side, file in zip(named, form.files, strict=False)]


def _side(index: int, text: str) -> Side:
    try:
        return Side(text.strip())
    except ValueError:
        raise Invalid(
            f"A side is one of: {', '.join(Side)}.", code="invalid_choice", pointer=f"/sides/{index}"
        ) from None


def _choice(single: Mapping[str, str]) -> DocumentType | None:
    try:
        return DocumentType(single["type"]) if "type" in single else None
    except ValueError:
        raise Invalid(f"A type is one of: {', '.join(DocumentType)}.", code="invalid_choice", pointer="/type") from None


def _read(single: Mapping[str, str], name: str, reader: Callable[[str, str], T]) -> T | None:
    return reader(single[name], f"/{name}") if name in single else None


def _id(single: Mapping[str, str], name: str, prefix: Prefix) -> UUID | None:
    return read_id(prefix, single[name], f"/{name}") if name in single else None


def _applicant(single: Mapping[str, str]) -> dict[str, Any]:
    if "applicant" not in single:
        return {}
    given = shaped(read_object(single["applicant"], "/applicant"), ApplicantIn, "/applicant")
    return given.model_dump(mode="json", exclude_none=True)
