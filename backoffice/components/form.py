"""Forms after the GOV.UK pattern: a label, a hint, an error beside the field and a summary above."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from backoffice.components.client import client
from backoffice.components.icon import icon
from backoffice.components.looks import Content, Props, classes


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `field` is its id, so that the summary can link to it."""

    field: str
    message: str


class ErrorSummary(rx.Component):
    """What is wrong with a form; in JavaScript because the router rewrites plain hash links."""

    library = client("errors")
    tag = "ErrorSummary"

    errors: rx.Var[list[FieldError]]


class NativeForm(BaseHTML):
    """A form that the browser posts itself; Reflex's own never submits."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]


def native_form(*children: Content, action: str, **props: Props) -> rx.Component:
    """Post to a plain HTTP route, such as signing out."""
    return NativeForm.create(*children, action=action, method="post", **props)


def form(*children: Content, on_submit: rx.event.EventType[dict[str, Props]], **props: Props) -> rx.Component:
    """Send the named fields to one event as a dictionary."""
    return rx.el.form(*children, on_submit=on_submit, class_name="form", no_validate=True, **props)


def field(
    name: str,
    label: str | rx.Var[str],
    control: rx.Component,
    *,
    hint: str | rx.Var[str] = "",
    error: str | rx.Var[str] = "",
    optional: bool = False,
) -> rx.Component:
    """Wrap a control made by text_input, text_area or select with the same name."""
    words = [label, rx.el.span(" (optional)", class_name="optional")] if optional else [label]
    about = rx.el.span(hint, id=f"{name}-hint", class_name="hint") if not _is_empty(hint) else rx.fragment()
    wrong = rx.el.span(icon("circle-alert"), error, id=f"{name}-error", class_name="field-error")
    shown = wrong if isinstance(error, str) and error else rx.cond(error, wrong) if not isinstance(error, str) else None
    parts = [rx.el.label(*words, html_for=name), about, *([shown] if shown is not None else []), control]
    return rx.el.div(*parts, class_name="field")


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value


def _described(name: str, error: str | rx.Var[str]) -> dict[str, Props]:
    invalid = bool(error) if isinstance(error, str) else error != ""
    return {
        "id": name,
        "name": name,
        "aria_invalid": invalid,
        "aria_describedby": f"{name}-hint {name}-error",
    }


def text_input(name: str, *, error: str | rx.Var[str] = "", **props: Props) -> rx.Component:
    """Make a one-line input with this id and name."""
    return rx.el.input(**classes("input", {"type": "text"} | _described(name, error) | props))


def text_area(name: str, *, error: str | rx.Var[str] = "", **props: Props) -> rx.Component:
    """Make an input of several lines."""
    return rx.el.textarea(**classes("input", _described(name, error) | props))


def select(
    name: str, options: Sequence[tuple[str, str]] | rx.Component, *, error: str | rx.Var[str] = "", **props: Props
) -> rx.Component:
    """Make a drop-down of (value, words) pairs, or of a foreach over a var of options."""
    if isinstance(options, rx.Component):
        choices = [options]
    else:
        choices = [rx.el.option(words, value=value) for value, words in options]
    return rx.el.select(*choices, **classes("input", _described(name, error) | props))


def search_input(name: str, label: str, **props: Props) -> rx.Component:
    """Make a search box; `/` focuses the one whose data_command is search."""
    extra: dict[str, Props] = {"type": "search", "placeholder": label, "data_command": "search", "id": name}
    box = rx.el.input(name=name, aria_label=label, class_name="input", auto_complete="off", **(extra | props))
    return rx.el.div(icon("search"), box, class_name="search")


def checkbox(label: Content, **props: Props) -> rx.Component:
    """Make a box with its words; `type="radio"` makes it one of several."""
    return rx.el.label(rx.el.input(**classes("", {"type": "checkbox"} | props)), rx.el.span(label), class_name="check")


def switch(label: Content, **props: Props) -> rx.Component:
    """Make something that takes effect at once when turned on."""
    return rx.el.label(rx.el.input(type="checkbox", role="switch", **props), rx.el.span(label), class_name="switch")


def error_summary(errors: Sequence[FieldError] | rx.Var[list[FieldError]]) -> rx.Component:
    """List every problem above the form with a link to its field; hidden without problems."""
    return ErrorSummary.create(errors=errors)
