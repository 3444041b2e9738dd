"""Icons by name, also when the name is a Var: one shared chunk instead of the library's 1,700 loaders."""

import reflex as rx
from reflex_components_lucide.icon import LUCIDE_LIBRARY

from backoffice.components.client import client
from backoffice.components.looks import Content, Props


class Icon(rx.Component):
    """One of the icons listed in icon.jsx; an unknown name shows a question mark."""

    library = client("icon")
    tag = "Icon"
    lib_dependencies: list[str] = [LUCIDE_LIBRARY]  # noqa: RUF012 Reflex reads it as a field

    name: rx.Var[str]
    size: rx.Var[int]
    label: rx.Var[str]


def icon(name: Content, size: int = 16, **props: Props) -> rx.Component:
    """Draw an icon; give `label` when it stands alone and carries meaning."""
    return Icon.create(name=name, size=size, **props)
