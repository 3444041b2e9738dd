"""Buttons that say which key presses them."""

import reflex as rx

from backoffice.components.icon import icon as draw
from backoffice.components.looks import Content, Props, classes


def kbd(keys: str | rx.Var[str]) -> rx.Component:
    """Show a key; hidden on touch screens and from screen readers, which get aria-keyshortcuts."""
    return rx.el.kbd(keys, aria_hidden="true")


def _content(label: Content, icon: Content, keys: Content) -> list[rx.Component]:
    parts = [draw(icon)] if icon is not None else []  # pyright: ignore[reportArgumentType] str or Var
    parts.append(rx.fragment(label))
    if keys is not None:
        parts.append(kbd(keys))  # pyright: ignore[reportArgumentType] str or Var
    return parts


def button(
    label: str | rx.Var[str],
    *,
    icon: str | rx.Var[str] | None = None,
    tone: str | rx.Var[str] = "default",
    size: str = "md",
    keys: str | None = None,
    command: str | None = None,
    test_id: str | None = None,
    **props: Props,
) -> rx.Component:
    """Make a button; `command` is the name by which hotkeys press it, `keys` the hint that is shown.

    Tones: default, primary, approve, danger, reject, warn, ghost. Sizes: sm, md, lg.
    """
    extra: dict[str, Props] = {"type": "button", "data_tone": tone, "data_size": size}
    extra |= {"aria_keyshortcuts": keys} if keys else {}
    extra |= {"data_command": command} if command else {}
    extra |= {"data_testid": test_id} if test_id else {}
    return rx.el.button(*_content(label, icon, keys), **classes("button", extra | props))


def icon_button(icon: str | rx.Var[str], label: str | rx.Var[str], **props: Props) -> rx.Component:
    """Make a button of one icon; the label is its name and its tooltip."""
    command = props.pop("command", None)
    extra: dict[str, Props] = {"type": "button", "data_tone": "ghost", "data_icon": "only", "title": label}
    extra |= {"data_command": command} if command else {}
    test_id = props.pop("test_id", None)
    extra |= {"data_testid": test_id} if test_id else {}
    return rx.el.button(draw(icon), aria_label=label, **classes("button", extra | props))


def link_button(
    label: str | rx.Var[str],
    href: str | rx.Var[str],
    *,
    icon: str | None = None,
    tone: str = "default",
    keys: str | None = None,
    **props: Props,
) -> rx.Component:
    """Make a link that looks like a button: it goes somewhere, a button does something."""
    extra: dict[str, Props] = {"data_tone": tone}
    command, size, test_id = props.pop("command", None), props.pop("size", None), props.pop("test_id", None)
    extra |= {"data_command": command} if command else {}
    extra |= {"data_size": size} if size else {}
    extra |= {"data_testid": test_id} if test_id else {}
    extra |= {"aria_keyshortcuts": keys} if keys else {}
    return link(*_content(label, icon, keys), href=href, **classes("button", extra | props))


def link(*children: Content, href: str | rx.Var[str], **props: Props) -> rx.Component:
    """Go to a page inside the app without loading it anew."""
    return rx.el.a(*children, href=href, **props)


def text_link(label: str | rx.Var[str], href: str | rx.Var[str], **props: Props) -> rx.Component:
    """Link words in running text."""
    return link(label, href=href, **classes("link", props))
