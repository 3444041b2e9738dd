"""Choosing why: reasons by digit, the rest by search, two comments that never mix."""

from dataclasses import dataclass

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


@dataclass(frozen=True)
class ReasonChoice:
    """One row of the catalogue as the picker shows it."""

    code: str
    label: str
    category: str = ""
    applicant_message: str = ""
    needs_note: bool = False


class ReasonPicker(rx.Component):
    """A panel in place, not a modal; the focus starts on the first reason."""

    library = client("reasons")
    tag = "ReasonPicker"

    reasons: rx.Var[list[ReasonChoice]]
    title: rx.Var[str]
    confirm: rx.Var[str]
    tone: rx.Var[str]
    draft: rx.Var[str]
    least: rx.Var[int]
    comments: rx.Var[bool]

    on_confirm: rx.EventHandler[rx.event.passthrough_event_spec(dict)]
    on_cancel: rx.EventHandler[rx.event.no_args_event_spec]


def reason_picker(reasons: list[ReasonChoice] | rx.Var[list[ReasonChoice]], **props: Props) -> rx.Component:
    """Pick reasons; on_confirm gets {"codes": [...], "message": "...", "note": "..."}.

    `draft` names what is kept in the browser until it is sent, such as the task's id.
    """
    return ReasonPicker.create(reasons=reasons, **props)
