"""Keys handled in the browser: the server hears of a command, never of a key press."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


class Hotkeys(rx.Component):
    """One listener per page, with the `?` sheet: an off switch, and other keys for any command (WCAG 2.1.4)."""

    library = client("hotkeys")
    tag = "Hotkeys"

    keys: rx.Var[dict[str, str]]
    words: rx.Var[dict[str, str]]
    arm: rx.Var[str]
    enabled: rx.Var[bool]

    on_command: rx.EventHandler[rx.event.passthrough_event_spec(str)]


GO = {
    "?": "help",
    "/": "search",
    "g d": "go-dashboard",
    "g s": "go-documents",
    "g q": "go-queue",
    "g k": "go-keys",
    "g w": "go-webhooks",
    "g l": "go-requests",
    "g e": "go-events",
    "g x": "go-sandbox",
    "g u": "go-usage",
    "g a": "go-audit",
    "g p": "go-policies",
    "g n": "go-engines",
    "g c": "go-partners",
}
GO_WORDS = {
    "help": "This sheet",
    "search": "Search",
    "go-dashboard": "Go to the dashboard",
    "go-documents": "Go to documents",
    "go-queue": "Go to the queue",
    "go-keys": "Go to API keys",
    "go-webhooks": "Go to webhooks",
    "go-requests": "Go to API requests",
    "go-events": "Go to events",
    "go-sandbox": "Go to the sandbox",
    "go-usage": "Go to usage",
    "go-audit": "Go to the audit trail",
    "go-policies": "Go to policies",
    "go-engines": "Go to engines",
    "go-partners": "Go to partners",
}


def hotkeys(
    keys: dict[str, str] | rx.Var[dict[str, str]], words: dict[str, str] | None = None, **props: Props
) -> rx.Component:
    """Map keys ("a", "shift+d", "g d") to commands; put one on each page.

    A command presses the first usable element with that `data-command` (an input is focused); without one,
    `on_command` gets its name. `arm` is the id of the task on screen: after it changes, nothing acts for 400 ms.
    """
    mapping = GO | keys if isinstance(keys, dict) else keys
    return Hotkeys.create(keys=mapping, words=GO_WORDS | (words or {}), **props)
