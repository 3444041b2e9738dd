"""The reasons of the review workspace: they open without a round trip."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props
from backoffice.components.reason_picker import ReasonChoice


class ReasonDesk(rx.Component):
    """Listens for the Reject and Ask again buttons of the decision bar."""

    library = client("reason_desk")
    tag = "ReasonDesk"

    reasons: rx.Var[list[ReasonChoice]]
    task: rx.Var[str]
    version: rx.Var[int]
    language: rx.Var[str]
    code: rx.Var[str]
    disabled: rx.Var[bool]
    is_read: rx.Var[bool]

    on_decide: rx.EventHandler[rx.event.passthrough_event_spec(dict)]
    on_refused: rx.EventHandler[rx.event.no_args_event_spec]


def reason_desk(reasons: rx.Var[list[ReasonChoice]], **props: Props) -> rx.Component:
    """Ask why; `on_decide` gets {"mode": "reject" or "resubmit", "task", "codes", "message", "note"}.

    `language` and its `code` are what the applicant reads: the messages of the reasons are shown as they will arrive.
    Without a connection a decision waits in the browser until `is_read` was false and is true again: the page is
    current. `on_refused` is for reading the desk again when it still stands a while later.
    """
    return ReasonDesk.create(reasons=reasons, **props)
