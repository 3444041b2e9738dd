"""The document viewer: OpenSeadragon with an SVG layer of our own, at home under a strict content policy."""

from dataclasses import dataclass

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Content, Props


@dataclass(frozen=True)
class ViewerBox:
    """A field on the page: x, y, width and height as fractions of it; `id` is the field's name."""

    id: str
    label: str
    box: list[float]
    tone: str = ""


class DocViewer(rx.NoSSRComponent):
    """One page with its tools."""

    library = client("viewer")
    tag = "DocViewer"
    lib_dependencies: list[str] = ["openseadragon@6.1.1"]  # noqa: RUF012 Reflex reads it as a field

    src: rx.Var[str]
    label: rx.Var[str]
    boxes: rx.Var[list[ViewerBox]]
    marks: rx.Var[list[ViewerBox]]
    current: rx.Var[str]
    marking: rx.Var[bool]
    markable: rx.Var[bool]
    group: rx.Var[str]
    tools: rx.Var[bool]

    on_select: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_mark: rx.EventHandler[rx.event.passthrough_event_spec(dict)]
    on_unmark: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_ready: rx.EventHandler[rx.event.no_args_event_spec]


def viewer(src: str | rx.Var[str], label: str | rx.Var[str], **props: Props) -> rx.Component:
    """Show a page; `boxes` and `current` light fields up, on_select tells which box was chosen.

    `group` ties the zoom of several viewers together for comparing; on_mark turns marking on (unless
    `markable` says no) and gets {id, box}: drawn by mouse, or placed and moved by keys.
    """
    return DocViewer.create(src=src, label=label, **props)


def thumbs(items: Content, label: str = "Pages") -> rx.Component:
    """Line up the pages of a document, usually a foreach of thumb."""
    return rx.el.div(items, class_name="thumbs", role="group", aria_label=label)


def thumb(
    src: str | rx.Var[str],
    label: str | rx.Var[str],
    *,
    current: bool | rx.Var[bool],
    on_click: rx.event.EventType[()],
    **props: Props,
) -> rx.Component:
    """Make the button that shows one page."""
    picture = rx.el.img(src=src, alt="", loading="lazy")
    pressed = rx.cond(current, "true", "false")
    return rx.el.button(
        picture, label, type="button", class_name="thumb", aria_pressed=pressed, on_click=on_click, **props
    )


def mrz_strip(lines: str | rx.Var[str]) -> rx.Component:
    """Show the machine-readable zone as printed."""
    return rx.el.div(
        lines, class_name="mrz mono region", tab_index=0, role="region", aria_label="Machine-readable zone"
    )
