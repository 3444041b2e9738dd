"""The shapes of `/test`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt

from backoffice.api.v1.schemas import In, Text
from backoffice.services.simulations import Fate
from backoffice.services.test_clocks import MOST_AT_ONCE

MAX_REASONS = 10


class AdvanceIn(In):
    """How far to move the test clock on."""

    seconds: Annotated[StrictInt, Field(ge=1, le=int(MOST_AT_ONCE.total_seconds()))]


class ClockOut(BaseModel):
    """The time in which your test data lives."""

    object: Literal["test_clock"] = "test_clock"
    now: datetime
    ahead_seconds: int


class SimulateIn(In):
    """What is to become of a test document; `reasons` are codes of the catalogue, one is chosen when there are none."""

    document_id: Text
    outcome: Fate
    reasons: list[Text] = Field(default_factory=list[str], max_length=MAX_REASONS)


class MagicApplicantOut(BaseModel):
    """Who the picture is of, in the form of `applicant` in `POST /documents`."""

    given_names: str
    surname: str
    date_of_birth: str
    nationality: str


class MagicDocumentOut(BaseModel):
    """One picture with its fate; `in_review` stays there."""

    object: Literal["test_document"] = "test_document"
    name: str
    url: str
    sha256: str
    says: str
    outcome: Literal["approved", "rejected", "resubmission_requested", "in_review"]
    reasons: list[str]
    applicant: MagicApplicantOut
