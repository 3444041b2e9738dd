"""The shapes of applicants."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from backoffice.api.v1.schemas import PageQuery, Text, Time


class ApplicantQuery(PageQuery):
    """How to narrow the list of applicants."""

    external_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class ApplicantOut(BaseModel):
    """One applicant; the personal names are null for a key that may not read them, and after an erasure."""

    id: str
    object: Literal["applicant"] = "applicant"
    livemode: bool
    version: int
    external_id: str | None
    given_names: str | None
    surname: str | None
    full_name: str | None
    date_of_birth: date | None
    nationality: str | None
    address: str | None
    email: str | None
    phone: str | None
    document_number: str | None
    language: str | None
    created_at: datetime
    updated_at: datetime
    erased_at: datetime | None
