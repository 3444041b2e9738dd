"""The shapes of the API request log."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backoffice.api.v1.schemas import PageQuery, Text, Time


class RequestQuery(PageQuery):
    """How to narrow the log of requests; `status` is a status or a class such as `4xx`."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] | None = None
    route: Text | None = None
    status: Annotated[str, Field(pattern=r"^[1-5](xx|\d\d)$")] | None = None
    code: Text | None = None
    key_id: Text | None = None
    request_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class WrongPlaceOut(BaseModel):
    """One wrong place of a refused request, by JSON pointer and code."""

    pointer: str
    code: str


class ApiRequestOut(BaseModel):
    """One answered request; its body, its query and its headers are kept nowhere."""

    id: str
    object: Literal["api_request"] = "api_request"
    livemode: bool
    key_id: str
    method: str
    route: str
    """With names in the place of ids: `/documents/{document_id}`."""
    path: str
    status: int
    code: str | None
    """The code of a refusal."""
    errors: list[WrongPlaceOut]
    duration_ms: float
    ip: str
    request_id: str
    request_bytes: int
    is_replay: bool
    """Whether an Idempotency-Key gave an earlier answer again."""
    created_at: datetime
