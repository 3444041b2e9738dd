"""The shapes of webhook endpoints and of what is owed to them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema

from backoffice.adapters.outbound import URL_LENGTH
from backoffice.api.v1.schemas import EventOut, In, PageQuery, Text, Time
from backoffice.models.webhooks import DeliveryState, EndpointStatus
from backoffice.services.event_types import NAMES
from backoffice.services.webhook_endpoints import FASTEST, MAX_DESCRIPTION, MAX_OVERLAP, OVERLAP


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _stays(text: str) -> Any:  # noqa: ANN401 pydantic's Field is untyped
    """Declare a field that stays as it is when it is not named; null is refused where null means nothing."""
    return Field(default=None, description=text, json_schema_extra=_without_default)


Url = Annotated[
    StrictStr,
    Field(min_length=1, max_length=URL_LENGTH),
    WithJsonSchema({"type": "string", "format": "uri", "minLength": 1, "maxLength": URL_LENGTH}),
]
EventTypeName = Annotated[StrictStr, WithJsonSchema({"type": "string", "enum": list(NAMES)})]
EventTypeNames = Annotated[list[EventTypeName], Field(max_length=200)]
Description = Annotated[StrictStr, Field(max_length=MAX_DESCRIPTION)]
Pace = Annotated[StrictInt, Field(ge=1, le=FASTEST)]
ANY_TYPE = "The event types that it gets; none means every type, also those to come."
IN_ORDER = "Whether events of one subject come in order: each waits until the one before is delivered or given up."
AT_MOST = "At most so many messages a second; null means as fast as you answer."


class EndpointIn(In):
    """Where you want to be told."""

    url: Url
    event_types: EventTypeNames = Field(default_factory=list[str], description=ANY_TYPE)
    description: Description = ""
    fifo: StrictBool = Field(default=False, description=IN_ORDER)
    max_per_second: Pace | None = Field(default=None, description=AT_MOST)


class EndpointPatch(In):
    """What changes; what is not named stays."""

    url: Url = _stays("Where we POST to.")
    event_types: EventTypeNames = _stays(ANY_TYPE)
    description: Description = _stays("Yours.")
    fifo: StrictBool = _stays(IN_ORDER)
    max_per_second: Pace | None = _stays(AT_MOST)
    status: EndpointStatus = _stays("Disabled, nothing new is owed; what is owed waits.")
    paused: StrictBool = _stays("Paused, everything is owed and waits until you end the pause.")


class RotateIn(In):
    """How long the old secret signs beside the new one."""

    overlap_seconds: Annotated[StrictInt, Field(ge=0, le=int(MAX_OVERLAP.total_seconds()))] = int(
        OVERLAP.total_seconds()
    )


class RecoverIn(In):
    """What to send again, by the time at which it happened."""

    since: Time
    until: Time | None = Field(default=None, description="Not later than this; without it, up to now.")
    missing: StrictBool = Field(
        default=False,
        description="Send also what this endpoint wants and was never owed: from before it was made, or while it was "
        "off.",
    )


class DeliveryQuery(PageQuery):
    """How to narrow the log of deliveries."""

    status: DeliveryState | None = None
    event_type: Text | None = None
    event_id: Text | None = None
    created_after: Time | None = None
    created_before: Time | None = None


class EndpointOut(BaseModel):
    """One webhook endpoint; its secret is shown when it is made and when it is rotated, and never again."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    livemode: bool
    url: str
    description: str
    event_types: list[str]
    fifo: bool
    max_per_second: int | None
    status: EndpointStatus
    disabled_reason: str | None
    """Why nothing is sent."""
    paused: bool
    failing_since: datetime | None
    """Since when every try fails; null while you take our messages."""
    secret_changed_at: datetime
    previous_secret_until: datetime | None
    """Until when the secret before this one signs, too."""
    version: int
    created_at: datetime


class EndpointWithSecretOut(EndpointOut):
    """An endpoint with its secret, this once."""

    secret: str


class DeletedOut(BaseModel):
    """What is gone."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    deleted: Literal[True] = True


class DeliveryOut(BaseModel):
    """One event owed to one endpoint."""

    id: str
    object: Literal["delivery"] = "delivery"
    livemode: bool
    endpoint_id: str
    event_id: str
    event_type: str
    status: DeliveryState
    attempt_count: int
    last_status: int | None
    """What your server answered last."""
    last_error: str | None
    """Why the last try got no answer."""
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class AttemptOut(BaseModel):
    """One try: what we sent, what came back, how long it took."""

    number: int
    status: int | None
    error: str | None
    duration_ms: int
    connected_ms: int | None
    """Name lookup, connection and TLS; 0 on a connection that was open already."""
    first_byte_ms: int | None
    address: str | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_excerpt: str
    next_attempt_at: datetime | None
    created_at: datetime


class DeliveryDetailOut(DeliveryOut):
    """A delivery with its event and every try, the newest first."""

    event: EventOut
    attempts: list[AttemptOut]


class RecoveryOut(BaseModel):
    """What a recovery set in motion."""

    object: Literal["recovery"] = "recovery"
    endpoint_id: str
    retried: int
    """Deliveries that had been given up."""
    added: int
    """Events that were not owed before."""
    has_more: bool
    """More is in the range than is done at once: ask again, under another Idempotency-Key."""
