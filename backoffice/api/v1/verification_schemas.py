"""The shapes of verifications."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from backoffice.api.v1.schemas import ApplicantIn, In, PageQuery, Text, Time
from backoffice.models.documents import DocumentStatus, DocumentType
from backoffice.models.verifications import VerificationStatus


def _once(types: list[DocumentType]) -> list[DocumentType]:
    if len(set(types)) != len(types):
        raise PydanticCustomError("invalid_value", "a type stands twice")
    return types


RequiredTypes = Annotated[
    list[DocumentType],
    Field(max_length=len(DocumentType), json_schema_extra={"uniqueItems": True}),
    AfterValidator(_once),
]


class VerificationIn(In):
    """Whose identity is to be checked: `applicant_id` or `applicant`; and by which documents."""

    applicant_id: Text | None = None
    applicant: ApplicantIn | None = None
    required_types: RequiredTypes = Field(default_factory=list[DocumentType])
    external_id: Text | None = None


class VerificationQuery(PageQuery):
    """How to narrow the list of verifications; several `status` values mean any of them."""

    status: list[VerificationStatus] = Field(
        default_factory=list[VerificationStatus], max_length=len(VerificationStatus)
    )
    applicant_id: Text | None = None
    external_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class PartOut(BaseModel):
    """One document of a verification; `type` is null until it is known."""

    id: str
    type: DocumentType | None
    status: DocumentStatus


class VerificationOut(BaseModel):
    """One attempt group for one applicant; its status follows from its documents.

    `missing` lists the required types of which no document is there nor on its way.
    """

    id: str
    object: Literal["verification"] = "verification"
    livemode: bool
    applicant_id: str
    external_id: str | None
    status: VerificationStatus
    required_types: list[DocumentType]
    missing: list[DocumentType]
    documents: list[PartOut]
    created_at: datetime
    updated_at: datetime
    canceled_at: datetime | None
