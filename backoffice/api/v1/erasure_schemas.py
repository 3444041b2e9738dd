"""The shapes of erasure requests and of the keys that check their receipts."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from backoffice.api.v1.schemas import PageQuery, Text, Time
from backoffice.models.erasure_requests import ErasureStatus


class ErasureQuery(PageQuery):
    """How to narrow the list of erasure requests; several `status` values mean any of them."""

    status: list[ErasureStatus] = Field(default_factory=list[ErasureStatus], max_length=4)
    applicant_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class RequesterOut(BaseModel):
    """Who asked."""

    type: str
    id: str | None


class ReceiptOut(BaseModel):
    """What was erased, and the same statement signed: a JWS (RFC 7515) by Ed25519, to be checked without us."""

    statement: dict[str, Any]
    jws: str


class ErasureOut(BaseModel):
    """One applicant's erasure; `receipt` is there once it is completed."""

    id: str
    object: Literal["erasure_request"] = "erasure_request"
    livemode: bool
    applicant_id: str
    status: ErasureStatus
    requested_by: RequesterOut
    created_at: datetime
    held_until: datetime | None
    hold_basis: str | None
    completed_at: datetime | None
    receipt: ReceiptOut | None


class KeyOut(BaseModel):
    """A public key as RFC 7517 and RFC 8037 write it."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    alg: Literal["Ed25519"]
    use: Literal["sig"]


class KeysOut(BaseModel):
    """The keys that check our receipts."""

    keys: list[KeyOut]
