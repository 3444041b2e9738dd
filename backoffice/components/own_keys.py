"""A person's own keys: the server's copy reaches the listener of every page, and changes go back."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


class OwnKeys(rx.Component):
    """Stands once in the frame."""

    library = client("own_keys")
    tag = "OwnKeys"

    on: rx.Var[bool]
    keys: rx.Var[dict[str, str]]
    is_read: rx.Var[bool]

    on_keep: rx.EventHandler[rx.event.passthrough_event_spec(dict)]


def own_keys(on: rx.Var[bool], keys: rx.Var[dict[str, str]], **props: Props) -> rx.Component:
    """Keep keys in step; `on_keep` gets {"on": bool, "keys": {command: key}}."""
    return OwnKeys.create(on=on, keys=keys, **props)
