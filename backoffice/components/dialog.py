"""What opens over or beside a page: dialogs, the side peek, menus, the drawer of narrow screens."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Content, Props

_LIBRARY = client("dialog")


class Dialog(rx.Component):
    """A modal dialog of the browser's own kind."""

    library = _LIBRARY
    tag = "Dialog"

    open: rx.Var[bool]
    title: rx.Var[str]
    size: rx.Var[str]
    foot: rx.Var[rx.Component]
    test_id: rx.Var[str]

    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Peek(rx.Component):
    """A panel beside the list, which stays usable."""

    library = _LIBRARY
    tag = "Peek"

    title: rx.Var[str]
    test_id: rx.Var[str]

    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Menu(rx.Component):
    """A button with a list of things to do or places to go."""

    library = _LIBRARY
    tag = "Menu"

    label: rx.Var[str]
    icon: rx.Var[str]
    text: rx.Var[str]
    tone: rx.Var[str]
    caret: rx.Var[bool]
    side: rx.Var[str]
    count: rx.Var[int]
    kind: rx.Var[str]
    command: rx.Var[str]
    """The name by which hotkeys open it."""
    test_id: rx.Var[str]

    on_open: rx.EventHandler[rx.event.no_args_event_spec]


class NavDrawer(rx.Component):
    """The navigation under a menu button."""

    library = _LIBRARY
    tag = "NavDrawer"

    title: rx.Var[str]
    test_id: rx.Var[str]


def dialog(
    *children: Content,
    open: bool | rx.Var[bool],  # noqa: A002 the name that HTML gives it
    title: str | rx.Var[str],
    on_close: rx.event.EventType[()],
    actions: tuple[rx.Component, ...] = (),
    **props: Props,
) -> rx.Component:
    """Ask or show something before the page goes on; its content exists only while it is open."""
    foot = {"foot": rx.fragment(*actions)} if actions else {}
    return Dialog.create(*children, open=open, title=title, on_close=on_close, **foot, **props)


def peek(
    *children: Content, title: str | rx.Var[str], on_close: rx.event.EventType[()], **props: Props
) -> rx.Component:
    """Show details of a row beside the list; put it with box.with_peek."""
    return Peek.create(*children, title=title, on_close=on_close, **props)


def menu(*children: Content, label: str | rx.Var[str], **props: Props) -> rx.Component:
    """Open a list of links and buttons; `icon` of one or two letters becomes an avatar, `side="left"` aligns left."""
    return Menu.create(*children, label=label, **props)


def nav_drawer(*children: Content, title: str | rx.Var[str], **props: Props) -> rx.Component:
    """Hold the navigation where the rail does not fit."""
    return NavDrawer.create(*children, title=title, **props)
