"""The shapes of the event list."""

from typing import Annotated

from pydantic import BaseModel, Field

from backoffice.api.v1.schemas import EventOut, In, Text

Types = Annotated[
    list[Text],
    Field(max_length=50, description="Only these types; may repeat, and `document.*` means every type of a document."),
]
After = Annotated[
    Text | None,
    Field(
        description="A `next_cursor`, the id of an event, or `now` for what comes from now on. Without it: from the "
        "oldest."
    ),
]


class StreamQuery(In):
    """Where a stream begins and what it tells."""

    after: After = None
    type: Types = Field(default_factory=list[str])


class EventQuery(StreamQuery):
    """Where a page begins and what it tells."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25


class EventPageOut(BaseModel):
    """One page, oldest first. `next_cursor` is the next `after`, also on the last page: poll with it."""

    data: list[EventOut]
    next_cursor: str | None
    has_more: bool
