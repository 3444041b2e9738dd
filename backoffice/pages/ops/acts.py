"""Controls of the console: everybody sees them; who may not use one finds it switched off, with the reason."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout
from backoffice.components.button import button
from backoffice.components.looks import Props
from backoffice.models.members import STAFF_ROLES
from backoffice.services.access import GRANTED_BY, Permission, role_names
from backoffice.state.session import SessionState

viewer: Any = SessionState.viewer
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def _roles(permission: Permission) -> str:
    return role_names(role for role in GRANTED_BY[permission] if role in STAFF_ROLES)


def may(permission: Permission) -> Any:  # noqa: ANN401 a Var
    """Answer whether the viewer has a permission."""
    return viewer.permissions.contains(str(permission))


def act(words: str | rx.Var[str], permission: Permission, *, disabled: Any = False, **props: Props) -> rx.Component:  # noqa: ANN401 a Var
    """Make a button that is switched off for who may not press it, and says which role may."""
    why = f"Needs the role {_roles(permission)}"
    told = rx.cond(may(permission), "", why)
    return button(words, disabled=~may(permission) | rx.Var.create(disabled).to(bool), title=told, **props)


def looks_on(permission: Permission = Permission.PARTNERS_WRITE) -> rx.Component:
    """Tell who looks on why every control is off."""
    words = rx.fragment(
        "You look on as ", rx.el.b(viewer.role_words), ". Controls are off: they need the role ",
        _roles(permission), ".",
    )  # fmt: skip
    return rx.cond(
        may(permission),
        rx.fragment(),
        callout(words, icon="eye", data_testid="looks-on", style={"margin_block_end": "14px"}),
    )
