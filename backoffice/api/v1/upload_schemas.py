"""The shapes of the two-step upload."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from backoffice.api.v1.schemas import ApplicantIn, Country, DocumentOut, In, Text
from backoffice.models.documents import DocumentType, Side
from backoffice.services.intake import MAX_FILES


class FileIn(In):
    """One file that is to come."""

    side: Side


class UploadsIn(In):
    """What `POST /documents` takes, with the sides of the files instead of the files."""

    files: Annotated[list[FileIn], Field(min_length=1, max_length=MAX_FILES)]
    type: DocumentType | None = None
    issuing_country: Country | None = None
    applicant: ApplicantIn | None = None
    applicant_id: Text | None = None
    verification_id: Text | None = None
    external_id: Text | None = None
    replaces: Text | None = None
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])


class UploadOut(BaseModel):
    """Where one file is to be sent with these headers; it may be sent again until the document is submitted."""

    file_id: str
    side: Side
    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: datetime


class UploadingOut(DocumentOut):
    """A document that waits for its files."""

    uploads: list[UploadOut]


class ReceivedOut(BaseModel):
    """One file as it arrived; it is judged when the document is submitted."""

    file_id: str
    side: Side
    bytes: int
    sha256: str
