"""The shapes of API keys."""

import ipaddress
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, JsonValue, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from backoffice.api.texts import has_controls
from backoffice.api.v1.schemas import WHOLE, In, Time
from backoffice.models.api_keys import SecretState
from backoffice.services.api_keys import DEFAULT_GRACE, DENIABLE, MAX_ADDRESSES, MAX_GRACE, MAX_NAME
from backoffice.services.permissions import SCOPES


def _scope(value: str) -> str:
    if value not in SCOPES:
        raise PydanticCustomError("invalid_scope", "not a scope of keys")
    return value


def _attribute(value: str) -> str:
    if value not in DENIABLE:
        raise PydanticCustomError("unknown_attribute", "not a name of personal data")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        raise PydanticCustomError("invalid_address", "neither an address nor a network") from None
    return value


def _name(value: str) -> str:
    if has_controls(value):
        raise PydanticCustomError("control_characters", "control characters")
    if not value.strip() or not value.isprintable():
        raise PydanticCustomError("invalid_name", "not a line of text")
    return value


SCOPE_NAMES: list[JsonValue] = [str(scope) for scope in sorted(SCOPES)]
ATTRIBUTE_NAMES: list[JsonValue] = [*sorted(DENIABLE)]
Scope = Annotated[StrictStr, Field(json_schema_extra={"enum": SCOPE_NAMES}), AfterValidator(_scope)]
Attribute = Annotated[StrictStr, Field(json_schema_extra={"enum": ATTRIBUTE_NAMES}), AfterValidator(_attribute)]
Network = Annotated[
    StrictStr,
    Field(min_length=2, max_length=50),
    AfterValidator(_network),
    WithJsonSchema({"type": "string", "format": "ip-network"}),
]
Name = Annotated[
    StrictStr,
    Field(min_length=1, max_length=MAX_NAME),
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_NAME, "format": "line-of-text"}),
]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
Networks = Annotated[list[Network], Field(max_length=MAX_ADDRESSES)]
Attributes = Annotated[list[Attribute], Field(max_length=len(DENIABLE))]


class ApiKeyIn(In):
    """A new key, of the mode of the key that makes it, and with no more than that one's rights."""

    name: Name
    scopes: Scopes
    ip_allowlist: Networks = Field(default_factory=list)
    """Addresses and networks from which it works; none means from everywhere."""
    denied_attributes: Attributes = Field(default_factory=list)
    """Names of personal data that it never reads, whatever its scopes."""
    expires_at: Time | None = None


class ApiKeyChange(In):
    """What is to be different; what is absent stays. `expires_at: null` takes the expiry away."""

    name: Name | None = None
    scopes: Scopes | None = None
    ip_allowlist: Networks | None = None
    denied_attributes: Attributes | None = None
    expires_at: Time | None = None


class RotateKeyIn(In):
    """How long the old secret works on after the new one was used first."""

    grace_seconds: Annotated[StrictInt, Field(ge=0, le=int(MAX_GRACE.total_seconds())), WHOLE] = int(
        DEFAULT_GRACE.total_seconds()
    )


class SecretOut(BaseModel):
    """One secret of a key, without the secret: enough to recognise it, and to see whether somebody still uses it."""

    state: SecretState
    prefix: str
    last_four: str
    created_at: datetime
    activated_at: datetime | None
    ends_at: datetime | None
    late_uses: int
    last_used_at: datetime | None
    last_used_ip: str | None


class ApiKeyOut(BaseModel):
    """One key."""

    id: str
    object: Literal["api_key"] = "api_key"
    livemode: bool
    version: int
    name: str
    status: Literal["active", "expired", "revoked"]
    scopes: list[str]
    ip_allowlist: list[str]
    denied_attributes: list[str]
    secrets: list[SecretOut]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_ip: str | None
    revoked_at: datetime | None


class NewApiKeyOut(ApiKeyOut):
    """One key with the secret that was just made; no other answer holds it."""

    secret: str
