"""The command menu: places, what the page offers now, how it looks, and what a search finds; Ctrl K anywhere."""

from dataclasses import asdict, dataclass, field
from typing import Any

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


@dataclass(frozen=True)
class Place:
    """One place to go; who may is named, so that nobody is offered a closed door."""

    label: str
    href: str
    icon: str
    workspace: str
    area: str = ""
    """The workspace in words, told to who has several."""
    keys: str = ""
    also: str = ""
    """Other words by which people look for it."""
    permissions: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)


def _asked(q: rx.Var[str], number: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[int]]:
    return q, number


def _numbered(number: rx.Var[int]) -> tuple[rx.Var[int]]:
    return (number,)


class CommandMenu(rx.Component):
    """Its button in the top bar, and the dialog; one per page."""

    library = client("command_menu")
    tag = "CommandMenu"

    places: rx.Var[list[dict[str, object]]]
    workspaces: rx.Var[Any]
    """What is open to the viewer, each with its `key`."""
    role: rx.Var[str]
    permissions: rx.Var[Any]
    answer: rx.Var[Any]
    """`number` and `groups` of `kind`, `label`, `icon`, `count` and `hits`."""

    on_look: rx.EventHandler[_asked]
    on_forget: rx.EventHandler[_numbered]
    on_search: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def command_menu(places: list[Place], **props: Props) -> rx.Component:
    """Offer the menu; `on_look` gets what is typed and a number, with which the answer comes back in `answer`."""
    return CommandMenu.create(places=[asdict(place) for place in places], **props)
